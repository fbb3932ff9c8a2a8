/** Clients that do not read keep memory up to a bound, of all together. */
import { assert, assertEquals } from "@std/assert";
import { openEngine } from "../../src/engine/engine.ts";
import { queryGeneric } from "convex/server";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { FrameOutbox } from "../../src/server/hosts/frame_outbox.ts";
import { serveWebSocket } from "../../src/server/hosts/web_socket.ts";
import { createConvexServer } from "../../src/server/mod.ts";
import { type Reader, UnreadBytes } from "../../src/server/unread_bytes.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { ruleCase } from "../support/sync_case.ts";
import { startSyncServer } from "../support/sync_server.ts";
import { pause } from "../../src/testing/support/pause.ts";

interface Client extends Reader {
  bytes: number;
  isGone: boolean;
}

function client(bytes: number): Client {
  return {
    bytes,
    isGone: false,
    unread() {
      return this.bytes;
    },
    hangUp() {
      this.isGone = true;
    },
  };
}

Deno.test("who has kept the most for the longest is hung up on", () => {
  let nowMs = 0;
  const unread = new UnreadBytes(1000, { now: () => nowMs });
  const [old, large, small] = [client(300), client(500), client(150)];
  unread.sent(old, 300);
  nowMs += 10_000;
  unread.sent(large, 500);
  nowMs += 1000;
  unread.sent(small, 150);
  assertEquals(unread.bytes, 950);
  small.bytes = 400;
  unread.sent(small, 250);
  assertEquals([old, large, small].map((it) => it.isGone), [
    true,
    false,
    false,
  ]);
  assertEquals(unread.bytes, 900);
  // What has been read meanwhile does not count.
  large.bytes = 0;
  small.bytes = 900;
  unread.sent(small, 500);
  assertEquals([large.isGone, small.isGone, unread.bytes], [
    false,
    false,
    900,
  ]);
  // One that is alone may have everything.
  small.bytes = 5000;
  unread.sent(small, 4100);
  assertEquals([small.isGone, unread.bytes], [false, 5000]);
  unread.gone(small);
  assertEquals(unread.bytes, 0);
});

Deno.test("who takes nothing for a while is hung up on, and nobody who takes little", async () => {
  const unread = new UnreadBytes(1e9, { stallMs: 40 });
  const [still, slow] = [client(1000), client(1000)];
  for (const one of [still, slow]) unread.sent(one, 1000);
  for (let round = 0; round < 12; round++) {
    await pause(10);
    // More is sent than is taken.
    slow.bytes += 5;
    unread.sent(slow, 10);
  }
  assertEquals([still.isGone, slow.isGone], [true, false]);
  unread.close();
});

ruleCase(
  "of clients that do not read, those that keep the most are hung up on",
  async (socket, server, engine) => {
    const send = (text: string) =>
      engine.mutation("messages:send", { channel: "a", text });
    const list = { udfPath: "messages:list", args: [{ channel: "a" }] };
    const reading = new FakeSocket(server);
    for (const one of [socket, reading]) {
      one.hello();
      one.follow(list);
      await one.until(({ type }) => type === "Transition");
    }
    socket.buffered = 600;
    await send("first");
    await reading.until(({ modifications: [it] = [] }) => it?.value.length > 0);
    reading.buffered = 500;
    await pause(5);
    await send("second");
    assertEquals(await socket.end(), { code: 1013, reason: "UnreadMessages" });
    assertEquals([reading.closed, server.connections], [undefined, 1]);
  },
  { maxUnreadBytes: 1000 },
);

Deno.test("a standard socket is left little that it has not sent, and nothing more once it is hung up on", async () => {
  const large = "x".repeat(300_000);
  const engine = openEngine({
    modules: { "n.ts": { large: queryGeneric(() => large) } },
    store: openMemoryStore(),
  });
  const server = createConvexServer(engine, {
    maxUnreadBytes: 2_000_000,
    limits: { maxBufferedBytes: 1e9 },
  });
  const open = () => {
    const given: string[] = [];
    const listeners: { [type: string]: (event: { data: unknown }) => void } =
      {};
    const closed: unknown[] = [];
    const socket = {
      readyState: 1,
      bufferedAmount: 0,
      send(frame: string) {
        given.push(frame);
        this.bufferedAmount += frame.length;
      },
      close: (...why: unknown[]) => closed.push(why),
      addEventListener: (type: string, listener: never) => {
        listeners[type] = listener;
      },
    };
    serveWebSocket(server, "http://server/api/1.48.0/sync", socket);
    const say = (message: object) =>
      listeners.message!({ data: JSON.stringify(message) });
    const ask = (queryId: number) =>
      say({
        type: "ModifyQuerySet",
        baseVersion: queryId,
        newVersion: queryId + 1,
        modifications: [{
          type: "Add",
          queryId,
          udfPath: "n:large",
          args: [{ queryId }],
        }],
      });
    say({ type: "Connect", sessionId: "a", connectionCount: 0 });
    return {
      given,
      socket,
      closed,
      ask,
      end: () => listeners.close!({ data: 0 }),
    };
  };
  const settled = () => engine.query("n:large", {});
  const one = open();
  for (let at = 0; at < 4; at++) {
    one.ask(at);
    await settled();
    await settled();
  }
  assertEquals(one.given.length, 1);
  const other = open();
  other.socket.bufferedAmount = 1_200_000;
  other.ask(0);
  await settled();
  await settled();
  const [hungUp, kept] = [one, other];
  assertEquals([hungUp.closed, kept.closed], [
    [[1013, "UnreadMessages"]],
    [],
  ]);
  hungUp.socket.bufferedAmount = 0;
  kept.socket.bufferedAmount = 0;
  await pause(30);
  assertEquals(hungUp.given.length, 1);
  kept.ask(1);
  await settled();
  await settled();
  assertEquals(kept.given.length, 2);
  server.close();
  for (const { end } of [one, other]) end();
  await engine.close();
});

Deno.test("FrameOutbox keeps the order of frames, and the end after them", () => {
  const given: string[] = [];
  let room = 1;
  const outbox = new FrameOutbox((frame) => {
    given.push(frame);
    return --room > 0;
  });
  for (const frame of ["a", "bb", "ccc"]) outbox.send(frame);
  outbox.afterwards(() => given.push("end"));
  assertEquals([given, outbox.length], [["a"], 5]);
  room = 1;
  outbox.drained();
  assertEquals([given.at(-1), outbox.length], ["bb", 3]);
  room = 2;
  outbox.drained();
  assertEquals(given, ["a", "bb", "ccc", "end"]);
  outbox.send("d");
  outbox.send("e");
  outbox.clear();
  outbox.drained();
  assertEquals([given.at(-1), outbox.length], ["d", 0]);
});

Deno.test("clients of Deno that do not read cannot fill the memory", async () => {
  const megabyte = "x".repeat(1 << 20);
  const engine = openEngine({
    modules: {
      "n.ts": { large: queryGeneric(() => Array(4).fill(megabyte)) },
    },
    store: openMemoryStore(),
  });
  const server = startSyncServer(engine, { maxUnreadBytes: 10 << 20 });
  const connections: Deno.Conn[] = [];
  const { port } = new URL(server.url);
  for (let at = 0; at < 8; at++) {
    connections.push(await silentClient(Number(port), at));
  }
  for (let round = 0; server.server.connections > 3 && round < 200; round++) {
    await pause(20);
  }
  const { connections: left } = server.server;
  assert(left <= 3, `${left} keep 4 MiB each`);
  for (const connection of connections) connection.close();
  await server.close();
  await engine.close();
});

/** A client that follows a large query and reads nothing. */
async function silentClient(port: number, at: number): Promise<Deno.Conn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = [
    "GET /api/1.48.0/sync HTTP/1.1",
    "host: 127.0.0.1",
    "upgrade: websocket",
    "connection: upgrade",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version: 13",
  ].join("\r\n");
  await connection.write(new TextEncoder().encode(`${head}\r\n\r\n`));
  await connection.read(new Uint8Array(1024));
  const modifications = [
    { type: "Add", queryId: 0, udfPath: "n:large", args: [{ at }] },
  ];
  for (
    const message of [
      { type: "Connect", sessionId: `${at}`, connectionCount: 0 },
      { type: "ModifyQuerySet", baseVersion: 0, newVersion: 1, modifications },
    ]
  ) {
    const bytes = new TextEncoder().encode(JSON.stringify(message));
    const { length } = bytes;
    // A masked text frame with a length of two bytes; the mask is zero.
    const head = [0x81, 0xfe, length >> 8, length & 255, 0, 0, 0, 0];
    await connection.write(new Uint8Array([...head, ...bytes]));
  }
  return connection;
}
