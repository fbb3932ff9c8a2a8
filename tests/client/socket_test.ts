/** The HTTP source over real sockets. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import type { CortexError } from "../../src/errors.ts";
import { answerBatch, type SentRequest } from "../../src/testing/http_fake.ts";
import { startLoopbackServer } from "../support/loopback_server.ts";

const batchFunction = "batch:run";
const handler = async (request: Request) => {
  const body = await request.json();
  return answerBatch({ body } as SentRequest);
};

Deno.test("a hundred mutations of a tick take two requests and one wave", async () => {
  await using server = await startLoopbackServer(handler, { delayMs: 20 });
  await using client = AsyncConvexClient.http(server.url, { batchFunction });
  const calls = Array.from({ length: 100 }, (_, value) => {
    const cost = { reads: 10, writes: 10, ranges: 10 };
    const batch = { orderKey: `k${value}`, cost };
    return client.mutation("a:b", { value }, { batch });
  });
  assertEquals(await Promise.all(calls), calls.map((_, index) => index));
  assertEquals([server.requests, server.waves], [2, 1]);
});

Deno.test("one mutation after another makes a wave each", async () => {
  await using server = await startLoopbackServer(handler);
  await using client = AsyncConvexClient.http(server.url);
  for (const value of [1, 2, 3]) await client.mutation("a:b", { value });
  assertEquals([server.requests, server.waves], [3, 3]);
  server.reset();
  assertEquals([server.requests, server.waves], [0, 0]);
});

Deno.test("a port that nobody listens on is unreachable", async () => {
  await using client = AsyncConvexClient.http("http://127.0.0.1:1");
  const error = await assertRejects(() => client.query("a:b")) as CortexError;
  assertEquals([error.name, error.code], ["ClientError", "UNREACHABLE"]);
  assertStringIncludes(error.message, "http://127.0.0.1:1");
  assert(error.cause instanceof Error);
});

Deno.test("a connection that breaks during the answer is unreachable", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const served = (async () => {
    const connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    await connection.write(
      new TextEncoder().encode(
        'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"status":',
      ),
    );
    connection.close();
  })();
  await using client = AsyncConvexClient.http(`http://127.0.0.1:${port}`);
  const error = await assertRejects(() => client.query("a:b")) as CortexError;
  assertEquals(error.code, "UNREACHABLE");
  await served;
  listener.close();
});

Deno.test("a call that is given up hangs up", async () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  await using server = await startLoopbackServer((request) => {
    request.signal.addEventListener("abort", () => resolve());
    return gone.then(() => new Response());
  });
  await using client = AsyncConvexClient.http(server.url);
  const error = await assertRejects(() =>
    client.action("a:b", {}, { timeoutMs: 50 })
  ) as CortexError;
  assertEquals(error.code, "TIMEOUT");
  await gone;
});
