/** What Bun does to a socket that is not read. */
import { assertEquals } from "@std/assert";
import { bunHandlers, createConvexServer } from "../../src/server/mod.ts";
import { openSyncEngine } from "../support/sync_case.ts";

Deno.test("a client that misses a frame, for Bun drops what it has no room for, is hung up on", async () => {
  const engine = openSyncEngine();
  const server = createConvexServer(engine);
  const { websocket } = bunHandlers(server);
  const dropped = Promise.withResolvers<void>();
  const sent: string[] = [];
  const socket = {
    data: { url: "http://server/api/1.48.0/sync", userAgent: null, ip: "::1" },
    send: (text: string) => {
      if (sent.push(text) === 1) return text.length;
      setTimeout(dropped.resolve);
      return 0;
    },
    close: () => {},
    terminate: () => websocket.close(socket),
  };
  websocket.open(socket);
  const say = (message: object) =>
    websocket.message(socket, JSON.stringify(message));
  say({
    type: "Connect",
    sessionId: "ada",
    connectionCount: 0,
    clientTs: 0,
  });
  for (const requestId of [0, 1]) {
    const udfPath = "messages:none";
    say({ type: "Mutation", requestId, udfPath, args: [{}] });
  }
  await dropped.promise;
  const { connections } = server;
  server.close();
  await engine.close();
  assertEquals(connections, 0);
});
