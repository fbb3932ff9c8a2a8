/** A stream that an HTTP action gives is cancelled when its reader has gone, though nothing is written to it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { httpActionGeneric, httpRouter } from "convex/server";
import { openEngine } from "../../src/engine/engine.ts";
import {
  createConvexServer,
  type NodeServer,
  serveNode,
} from "../../src/server/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { startSyncServer } from "../support/sync_server.ts";

/** An engine whose action returns an endless stream, and a sign that it has ended. */
function withStream() {
  const cancelled = Promise.withResolvers<void>();
  const http = httpRouter();
  http.route({
    path: "/stream",
    method: "GET",
    // deno-lint-ignore require-await -- what is streamed comes later
    handler: httpActionGeneric(async () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(1)),
          pull: () => cancelled.promise,
          cancel: () => cancelled.resolve(),
        }),
      )
    ),
  });
  const modules = { http: { default: http } };
  const engine = openEngine({ modules, store: openMemoryStore() });
  return { engine, cancelled: cancelled.promise };
}

/** Reads the first byte, and goes. */
async function readAndGo(origin: string): Promise<void> {
  const leaving = new AbortController();
  const response = await fetch(`${origin}/http/stream`, {
    signal: leaving.signal,
  });
  await response.body!.getReader().read();
  leaving.abort();
}

Deno.test("a stream whose reader has gone is cancelled, on Deno", async () => {
  const { engine, cancelled } = withStream();
  await using server = startSyncServer(engine);
  await readAndGo(server.url);
  await cancelled;
  await engine.close();
});

Deno.test("a stream whose reader has gone is cancelled, as on Node", async () => {
  const { engine, cancelled } = withStream();
  const http = createServer();
  const upgradesNothing = { handleUpgrade: () => {} };
  serveNode(
    createConvexServer(engine),
    http as unknown as NodeServer,
    upgradesNothing,
  );
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const { port } = http.address() as AddressInfo;
  await readAndGo(`http://127.0.0.1:${port}`);
  await cancelled;
  http.closeAllConnections();
  await new Promise<unknown>((done) => http.close(done));
  await engine.close();
});
