/** Sockets that a worker holds, seen from their server's side and from outside of the process. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { equal } from "../../src/client/equal_value.ts";
import { WorkerExchange } from "../../src/client/workers/worker_exchange.ts";
import { ProtocolError } from "../../src/errors.ts";
import { startLiveServer } from "../support/live_server.ts";

/** A server of WebSockets that does what a case says. */
function serve(onSocket: (socket: WebSocket) => void) {
  const http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      onSocket(socket);
      return response;
    },
  );
  return { http, origin: `127.0.0.1:${http.addr.port}` };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 5));
}

Deno.test("live: a worker's socket is closed with its client, and says so to the server", async () => {
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<CloseEvent>();
  const { http, origin } = serve((socket) => {
    socket.onmessage = () => opened.resolve();
    socket.onclose = (event) => closed.resolve(event);
  });
  const client = AsyncConvexClient.http(`http://${origin}`, {
    workers: "always",
  });
  client.onUpdate("a:b", {}, () => {});
  await opened.promise;
  await client.close();
  const { code, reason } = await closed.promise;
  assertEquals([code, reason], [1000, "ClientIdle"]);
  await http.shutdown();
});

Deno.test("live: a worker holds no more parts of a transition than its thread takes", async () => {
  const { http, origin } = serve((socket) => {
    socket.onopen = () => {
      for (let partNumber = 0; socket.readyState === 1; partNumber++) {
        if (partNumber > 100) return;
        const chunk = "x".repeat(10_000);
        const part = { chunk, partNumber, totalParts: 1e9 };
        socket.send(JSON.stringify({ type: "TransitionChunk", ...part }));
      }
    };
  });
  const client = AsyncConvexClient.http(`http://${origin}`, {
    workers: "always",
    maxAnswerBytes: 300_000,
  });
  await assertRejects(
    () => client.watch("a:b").next(),
    ProtocolError,
    "had a message of more than maxAnswerBytes = 300000",
  );
  await client.close();
  await http.shutdown();
});

Deno.test("live: a worker reads no further than its thread does", async () => {
  const text = JSON.stringify({ type: "Ping", text: "x".repeat(4 << 20) });
  const { http, origin } = serve((socket) => {
    socket.onopen = () => {
      for (let at = 0; at < 24; at++) socket.send(text);
      socket.send("last");
    };
  });
  const worker = new WorkerExchange();
  const { port1, port2 } = new MessageChannel();
  const unread = new Int32Array(new SharedArrayBuffer(4));
  const lengths: number[] = [];
  let isOver = false;
  port1.onmessage = ({ data }) => {
    if (typeof data.length === "number") lengths.push(data.length);
    isOver ||= data === "last";
  };
  const held = worker.hold({
    url: `ws://${origin}`,
    port: port2,
    unread,
    maxLength: 2 ** 28,
  });
  await until(() => unread[0]! > 32 << 20);
  await new Promise((done) => setTimeout(done, 300));
  const waiting = lengths.length;
  assert(waiting <= 9, `${waiting} came`);
  for (let read = 0; !isOver; read++) {
    await until(() => isOver || lengths.length > read);
    Atomics.sub(unread, 0, lengths[read]!);
    Atomics.notify(unread, 0);
  }
  // The last one's text has a length as well.
  assertEquals(lengths.length, 25);
  port1.postMessage({ code: 1000, reason: "" });
  await held;
  port1.close();
  await worker.close();
  await http.shutdown();
});

Deno.test("live: a program whose connection moved to a worker ends by itself", async () => {
  await using server = startLiveServer();
  const module = import.meta.resolve("../../src/client/mod.ts");
  const code = `import { AsyncConvexClient } from "${module}";
    const client = AsyncConvexClient.http("${server.url}");
    for await (const text of client.watch("messages:big", { length: 2e6 })) {
      console.log(text.length);
      break;
    }
    const { connectionCount } = client.connectionState();
    client.onUpdate("messages:list", { channel: "a" }, () => {})();
    while (client.connectionState().connectionCount === 1 && connectionCount) {
      await new Promise((done) => setTimeout(done, 10));
    }
    console.log(client.connectionState().connectionCount);`;
  const { code: status, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--ext=ts", code],
    stderr: "inherit",
  }).output();
  assertEquals(new TextDecoder().decode(stdout), "2000000\n2\n");
  assertEquals(status, 0);
});

Deno.test("decoded values are compared as they are", () => {
  const whole = (one: unknown, other: unknown) => {
    const work = equal(one, other);
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
    }
  };
  const bytes = (last: number) => {
    const made = new Uint8Array(3 << 20);
    made[made.length - 1] = last;
    return made.buffer;
  };
  const value = (change: object = {}) => ({
    text: "日本",
    list: [1, -0, NaN, null, true, 5n, { deep: [[]] }],
    bytes: bytes(1),
    ...change,
  });
  assert(whole(value(), value()));
  for (
    const change of [
      { text: "日" },
      { list: value().list.toReversed() },
      { list: [] },
      { list: { ...value().list } },
      { bytes: bytes(2) },
      { bytes: new ArrayBuffer(1) },
      { bytes: {} },
      { text: undefined },
      { more: null },
    ]
  ) {
    assert(!whole(value(), value(change)), JSON.stringify(Object.keys(change)));
    assert(!whole(value(change), value()));
  }
  assert(!whole([0], [-0]));
  assert(!whole({ a: 1 }, { b: 1 }));
});
