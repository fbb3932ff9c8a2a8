/** The HTTP source over real sockets. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import type { CortexError } from "../../src/errors.ts";
import {
  answerBatch,
  type SentRequest,
} from "../../src/testing/client/http_fake.ts";
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
  assertEquals([error.name, error.code], ["ConnectionError", "UNREACHABLE"]);
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
  const error = await assertRejects(() =>
    client.mutation("a:b")
  ) as CortexError;
  assertEquals(error.code, "UNREACHABLE");
  await served;
  listener.close();
});

/** A server that hangs up on each request, and counts them. */
function hangUp(): { url: string; requests: () => number; close: () => void } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let requests = 0;
  (async () => {
    for await (const connection of listener) {
      if (await connection.read(new Uint8Array(4096))) requests++;
      connection.close();
    }
  })();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    requests: () => requests,
    close: () => listener.close(),
  };
}

Deno.test("a mutation is not sent again when the server hangs up", async () => {
  const server = hangUp();
  await using client = AsyncConvexClient.http(server.url);
  const error = await assertRejects(() => client.mutation("a:b"));
  assertEquals((error as CortexError).code, "UNREACHABLE");
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(server.requests(), 1);
  server.close();
});

Deno.test("a redirection is not followed, with whatever status", async () => {
  await using elsewhere = await startLoopbackServer(handler);
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = await startLoopbackServer(() =>
      Promise.resolve(
        new Response(null, { status, headers: { location: elsewhere.url } }),
      )
    );
    await using client = AsyncConvexClient.http(server.url, { auth: "secret" });
    const error = await assertRejects(() => client.mutation("a:b"));
    assertEquals((error as CortexError).code, "BAD_RESPONSE");
    assertStringIncludes(error.message, elsewhere.url);
  }
  assertEquals(elsewhere.requests, 0);
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
