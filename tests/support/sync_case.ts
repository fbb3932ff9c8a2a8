import { assertEquals } from "@std/assert";
import { ConvexClient } from "convex/browser";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import {
  type ConvexServer,
  type ConvexServerOptions,
  createConvexServer,
} from "../../src/server/mod.ts";
import { box, modules, schema } from "../fixtures/sync_backend.ts";
import { FakeSocket } from "./fake_socket.ts";
import { startSyncServer, type SyncServer } from "./sync_server.ts";

export { Seen } from "../../src/testing/support/seen.ts";

/** An engine in memory with the functions of `tests/fixtures/sync_backend.ts`. */
export function openSyncEngine(): Engine {
  return openEngine({
    // Convex hides this method from its types.
    schema: schema as unknown as { export(): string },
    modules,
    components: { box },
    store: openMemoryStore(),
  });
}

/** Registers a test that has a server and Convex's own client of it. */
export function syncCase(
  name: string,
  run: (
    client: ConvexClient,
    server: SyncServer,
    engine: Engine,
  ) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const engine = openSyncEngine();
    const server = startSyncServer(engine);
    const client = new ConvexClient(server.url, { logger: false });
    try {
      await run(client, server, engine);
    } finally {
      await client.close();
      await server.close();
      await engine.close();
    }
  });
}

/** Registers a test that has a server and one client of it, frame by frame. */
export function ruleCase(
  name: string,
  run: (
    socket: FakeSocket,
    server: ConvexServer,
    engine: Engine,
  ) => Promise<void>,
  options: ConvexServerOptions = {},
): void {
  Deno.test(name, async () => {
    const engine = openSyncEngine();
    const server = createConvexServer(engine, options);
    try {
      await run(new FakeSocket(server), server, engine);
    } finally {
      server.close();
      await engine.close();
    }
    assertEquals(server.connections, 0);
  });
}
