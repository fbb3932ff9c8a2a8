/** What clients have sent is held up to a bound, of each and of all. */
import { assertEquals, assertRejects } from "@std/assert";
import { httpActionGeneric, httpRouter } from "convex/server";
import { openEngine } from "../../src/embedded/mod.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { HeldBytes } from "../../src/server/held_bytes.ts";
import { HttpFault } from "../../src/server/http/http_fault.ts";
import { readBody } from "../../src/server/http/request_body.ts";
import { FakeSocket } from "../support/fake_socket.ts";
import { ruleCase } from "../support/sync_case.ts";
import { pause } from "../../src/testing/support/pause.ts";

const refused = { code: 1013, reason: "TooManyConcurrentRequests" };
const text = "x".repeat(4000);
const mutation = (requestId: number) => ({
  type: "Mutation",
  requestId,
  udfPath: "messages:send",
  args: [{ channel: "a", text }],
});
const query = { udfPath: "messages:list", args: [{ channel: text }] };
const answerTo = (requestId: number) => (message: { requestId?: number }) =>
  message.requestId === requestId;
/** As of a client that does not read: its calls wait. */
const UNREAD = 2 ** 28;

Deno.test("HeldBytes holds as many as it may, and one call that has all to itself", () => {
  const all = new HeldBytes(100);
  const one = new HeldBytes(60, all);
  const [large, small] = [one.begin(), one.begin()];
  assertEquals([large.add(30), large.add(80), small.add(1)], [
    true,
    true,
    false,
  ]);
  const other = new HeldBytes(60, all).begin();
  assertEquals(other.add(1), false);
  large.release();
  large.release();
  assertEquals([other.add(60), small.add(41), small.add(40)], [
    true,
    false,
    true,
  ]);
});

Deno.test("a body that an HTTP action sends on after it has answered is not held for ever", async () => {
  const http = httpRouter();
  http.route({
    path: "/echo",
    method: "POST",
    // deno-lint-ignore require-await -- it must be asynchronous
    handler: httpActionGeneric(async (_, { body }) => new Response(body)),
  });
  await using engine = openEngine({
    modules: { "http.ts": { default: http } },
  });
  const { handle } = createConvexServer(engine, { maxHeldBytes: 1000 });
  const post = (path: string, body: BodyInit) =>
    handle(new Request(`http://127.0.0.1${path}`, { method: "POST", body }));
  for (let round = 0; round < 3; round++) {
    const chunks = ReadableStream.from(
      [0, 1, 2].map(() => new Uint8Array(400)),
    );
    const answer = await post("/http/echo", chunks);
    assertEquals((await answer.bytes()).length, 1200);
  }
  const body = JSON.stringify({ path: "no:one", args: {} });
  const calls = [1, 2].map(() => post("/api/query", body));
  for (const { status } of await Promise.all(calls)) assertEquals(status, 200);
});

ruleCase(
  "calls of one client wait, and its queries are followed, up to a number of bytes",
  async (socket, server) => {
    socket.hello();
    for (let round = 0; round < 3; round++) {
      socket.buffered = UNREAD;
      socket.send(mutation(2 * round));
      socket.send(mutation(2 * round + 1));
      socket.buffered = 0;
      await socket.until(answerTo(2 * round + 1));
    }
    socket.buffered = UNREAD;
    for (let requestId = 6; requestId < 9; requestId++) {
      socket.send(mutation(requestId));
    }
    assertEquals(await socket.end(), refused);
    const other = new FakeSocket(server);
    other.hello();
    other.follow(query, query);
    await other.until(({ type }) => type === "Transition");
    const modify = (baseVersion: number, modification: object) =>
      other.send({
        type: "ModifyQuerySet",
        baseVersion,
        newVersion: baseVersion + 1,
        modifications: [modification],
      });
    modify(1, { type: "Remove", queryId: 0 });
    modify(2, { type: "Add", queryId: 2, ...query });
    other.send(mutation(0));
    await other.until(answerTo(0));
    modify(3, { type: "Add", queryId: 3, ...query });
    assertEquals(await other.end(), refused);
  },
  { limits: { maxHeldBytes: 12_000 } },
);

ruleCase(
  "all that clients have sent is held up to a number of bytes, until they have an answer or are gone",
  async (socket, server) => {
    const post = (body: BodyInit, path = "/api/query") => {
      const init = { method: "POST", body, duplex: "half" };
      const request = new Request(`http://127.0.0.1${path}`, init);
      return server.handle(request);
    };
    const call = (path: string) => JSON.stringify({ ...query, path });
    const statusOf = async (answer: Response | Promise<Response>) => {
      const { status, body } = await answer;
      await body?.cancel();
      return status;
    };
    const ask = () => statusOf(post(call("messages:list")));
    const act = () => statusOf(post(text, "/http/echo"));
    const { readable, writable } = new TransformStream<Uint8Array>();
    const writer = writable.getWriter();
    const slow = post(readable);
    await writer.write(new TextEncoder().encode(call("messages:none")));
    assertEquals([await ask(), await act()], [200, 201]);
    socket.hello();
    socket.follow(query);
    await socket.until(({ type }) => type === "Transition");
    assertEquals([await ask(), await act()], [503, 503]);
    const other = new FakeSocket(server);
    other.hello();
    other.send(mutation(0));
    assertEquals(await other.end(), refused);
    socket.leave();
    assertEquals([await ask(), await act()], [200, 201]);
    await writer.close();
    assertEquals(await statusOf(slow), 200);
    socket = new FakeSocket(server);
    socket.hello();
    socket.follow(query);
    await socket.until(({ type }) => type === "Transition");
    assertEquals([await ask(), await act()], [200, 201]);
  },
  { maxHeldBytes: 10_000 },
);

Deno.test("a body of which nothing comes for a while is read no further", async () => {
  const request = (body: ReadableStream) => {
    const init = { method: "POST", body, duplex: "half" };
    return new Request("http://127.0.0.1/api/query", init);
  };
  const piece = new TextEncoder().encode("x");
  let reason: unknown;
  const stalled = new ReadableStream({
    start: (body) => body.enqueue(piece),
    cancel: (given) => void (reason = given),
  });
  const fault = await assertRejects(
    () => readBody(request(stalled), 100, () => true, 20),
    HttpFault,
  ) as HttpFault;
  assertEquals([fault.status, fault.code], [408, "RequestTimeout"]);
  assertEquals(reason, fault);
  let left = 5;
  const slow = new ReadableStream({
    async pull(body) {
      await pause(5);
      if (left-- > 0) body.enqueue(piece);
      else body.close();
    },
  });
  assertEquals(
    await readBody(request(slow), 100, () => true, 2000),
    "xxxxx",
  );
});
