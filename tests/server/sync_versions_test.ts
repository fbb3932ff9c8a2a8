/** Old and new clients of the sync protocol, and what one takes along when it reconnects. */
import { assert, assertEquals } from "@std/assert";
import { createConvexServer } from "../../src/server/mod.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { openSyncEngine } from "../support/sync_case.ts";

const isTransition = ({ type }: { type: string }) => type === "Transition";

Deno.test("server takes both URLs of the protocol, and nothing else, for a WebSocket", async () => {
  const engine = openSyncEngine();
  const server = createConvexServer(engine);
  const wants = (path: string, upgrade?: string) =>
    server.wantsSync(
      new Request(`http://server${path}`, {
        headers: upgrade === undefined ? {} : { upgrade },
      }),
    );
  assert(wants("/api/1.48.0/sync", "websocket"));
  assert(wants("/api/sync", "WebSocket"));
  assert(!wants("/api/sync"));
  assert(!wants("/api/sync", "h2c"));
  assert(!wants("/api/1.48.0/sync/more", "websocket"));
  assert(!wants("/sync", "websocket"));
  await engine.close();
});

Deno.test("server sends chunks only to clients that join them", async () => {
  const engine = openSyncEngine();
  const server = createConvexServer(engine);
  const big = { udfPath: "messages:big", args: [{ length: 6_000_000 }] };
  for (
    const [url, type] of [
      ["http://server/api/1.28.0/sync", "TransitionChunk"],
      ["http://server/api/2.0.0/sync", "TransitionChunk"],
      ["http://server/api/1.27.9/sync", "Transition"],
      ["http://server/api/sync", "Transition"],
    ] as const
  ) {
    const socket = new FakeSocket(server, url);
    socket.hello();
    socket.follow(big);
    await socket.until(() => true);
    assertEquals(socket.messages[0].type, type, url);
    socket.leave();
  }
  await engine.close();
});

Deno.test("a page that was followed keeps its bounds over a reconnect by its journal", async () => {
  const engine = openSyncEngine();
  const server = createConvexServer(engine);
  const send = (text: string) =>
    engine.mutation("messages:send", { channel: "a", text });
  for (const text of ["1", "2", "3"]) await send(text);
  const page = {
    udfPath: "messages:page",
    args: [{ channel: "a", paginationOpts: { numItems: 2, cursor: null } }],
  };
  const first = new FakeSocket(server);
  first.hello();
  first.follow(page);
  await first.until(isTransition);
  const [{ value, journal }] = first.messages[0].modifications;
  assertEquals(typeof journal, "string");
  first.leave();
  await engine.mutation("messages:remove", {
    text: "1",
    channel: "a",
  });
  for (
    const [kept, texts] of [[journal, ["2"]], [null, ["2", "3"]], [
      "no journal of this query",
      ["2", "3"],
    ]] as const
  ) {
    const again = new FakeSocket(server);
    again.hello();
    again.follow({ ...page, journal: kept } as never);
    await again.until(isTransition);
    const [told] = again.messages[0].modifications;
    assertEquals(
      told.value.page.map(({ text }: { text: string }) => text),
      texts,
    );
    if (kept === journal) {
      assertEquals(told.value.continueCursor, value.continueCursor);
    }
    again.leave();
  }
  await engine.close();
});
