/**
 * The bench's server, in a process of its own so that the client's event loop is measured alone: Cortex's functions
 * behind Convex's HTTP API, every answer delayed. Prints its address, then a line of counters for each line it reads.
 *
 * Usage: `server.ts DELAY_MS`
 */
import { modules, schema } from "../../../src/convex/index.ts";
import { openEngine } from "../../../src/engine/engine.ts";
import { createConvexServer } from "../../../src/server/server.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { startLoopbackServer } from "../../support/loopback_server.ts";

const engine = openEngine({ schema, modules, store: openMemoryStore() });
const server = await startLoopbackServer(createConvexServer(engine).handle, {
  delayMs: Number(Deno.args[0]),
});
console.log(server.url);
for await (const _line of Deno.stdin.readable) {
  console.log(
    JSON.stringify({ requests: server.requests, waves: server.waves }),
  );
  server.reset();
}
await server.close();
await engine.close();
