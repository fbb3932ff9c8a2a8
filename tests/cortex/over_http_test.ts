import { assert, assertEquals } from "@std/assert";
import { ConvexHttpClient } from "convex/browser";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import type { ConvexClientLike } from "../../src/client/types.ts";
import { httpSource } from "../../src/client/http/http_source.ts";
import { modules, schema } from "../../src/convex/index.ts";
import { Cortex } from "../../src/cortex/cortex.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { isFunctionError } from "../../src/errors.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import {
  assertCode,
  exchange,
  note,
} from "../../src/testing/facade/subject.ts";
import { withVariables } from "../support/variables.ts";

const url = "http://127.0.0.1:1";

/** A deployment of the tests: what answers, and how often it was asked. */
function deployment(functions = modules) {
  const engine = openEngine({
    schema,
    modules: functions,
    store: openMemoryStore(),
  });
  const handler = createConvexServer(engine).handle;
  const requests: string[] = [];
  return {
    requests,
    fetch: (input: string | URL | Request, init?: RequestInit) => {
      const request = new Request(input, init);
      requests.push(new URL(request.url).pathname);
      return handler(request);
    },
    [Symbol.asyncDispose]: () => engine.close(),
  };
}

function overHttp(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
) {
  return new AsyncConvexClient(
    httpSource(url, { fetch, batchFunction: "batch:run" }),
  );
}

Deno.test("remember, recall, search and store are one request each", async () => {
  await using server = deployment();
  await using client = overHttp(server.fetch);
  const cortex = new Cortex({ client });
  const { requests } = server;
  await cortex.memory.remember(exchange());
  assertEquals(requests.splice(0).length, 1);
  await cortex.memory.recall({ memorySpaceId: "space", query: "printer" });
  assertEquals(requests.splice(0).length, 1);
  await cortex.memory.search("space", "printer");
  assertEquals(requests.splice(0).length, 1);
  await cortex.memory.store("space", note());
  assertEquals(requests.splice(0).length, 1);
});

Deno.test("Convex's own HTTP client serves as the client", async () => {
  await using server = deployment();
  const client = new ConvexHttpClient(url, {
    fetch: server.fetch as typeof fetch,
    logger: false,
    skipConvexDeploymentUrlCheck: true,
  });
  const cortex = new Cortex({ client });
  const { memories } = await cortex.memory.remember(exchange());
  assertEquals(memories.length, 2);
  const { items } = await cortex.memory.recall({
    memorySpaceId: "space",
    query: "printer",
    embedding: [1, 0],
  });
  assertEquals(items[0]?.content, exchange().userMessage);
  await assertCode(
    () => cortex.memory.forget("space", "mem-unknown"),
    "MEMORY_NOT_FOUND",
  );
  assertEquals(cortex.getClient(), client);
  await cortex.close();
});

Deno.test("a deployment without this module's functions is reported with how it gets them, whichever client calls", async () => {
  await using server = deployment({});
  await using ours = overHttp(server.fetch);
  const convex = new ConvexHttpClient(url, {
    fetch: server.fetch as typeof fetch,
    logger: false,
    skipConvexDeploymentUrlCheck: true,
  });
  for (const client of [ours, convex]) {
    await using cortex = new Cortex<ConvexClientLike>({ client });
    const asked = { memorySpaceId: "space", query: "printer" };
    for (
      const [name, calling] of [
        ["memory:remember", cortex.memory.remember(exchange())],
        ["memory:recall", cortex.memory.recall(asked)],
      ] as const
    ) {
      const error = await calling.catch((error) => error);
      assert(isFunctionError(error), String(error));
      assertEquals(error.code, "FUNCTION_NOT_FOUND");
      assertEquals(
        error.message,
        `The deployment has no ${name}: deploy src/convex to it, see README`,
      );
      assert(error.cause instanceof Error);
    }
  }
});

Deno.test("a deployment that wants a key gets it with each call, batched or not", async () => {
  const key = "correct horse";
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(key),
  );
  const hex = Array.from(
    new Uint8Array(digest),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
  await withVariables({
    CORTEX_ACCESS_MODE: "key",
    CORTEX_ACCESS_KEY_SHA256: hex,
  }, async () => {
    await using server = deployment();
    await using client = overHttp(server.fetch);
    const cortex = new Cortex({ client, accessKey: key });
    const stored = await Promise.all([
      cortex.memory.remember(exchange()),
      cortex.memory.remember(exchange({ conversationId: "conv-2" })),
    ]);
    assertEquals(stored.map(({ memories }) => memories.length), [2, 2]);
    const thief = new Cortex({ client, accessKey: "guess" });
    const call = () => thief.memory.store("space", note());
    await assertCode(call, "UNAUTHENTICATED");
    await assertCode(() => Promise.all([call(), call()]), "UNAUTHENTICATED");
  });
});

Deno.test("a write with an idempotency key whose answer is lost is sent again automatically, and runs once", async () => {
  await using server = deployment();
  let lost = 0;
  await using client = overHttp(async (input, init) => {
    const response = await server.fetch(input, init);
    if (!input.includes("mutation") || lost++ > 0) return response;
    await response.body?.cancel();
    throw new TypeError("connection reset");
  });
  const cortex = new Cortex({ client });
  const idempotencyKey = "k".repeat(200);
  await cortex.mutable.set("stock", "pens", 1, undefined, undefined, {
    idempotencyKey: "k-1",
  });
  assertEquals([lost, server.requests.splice(0).length], [2, 2]);
  lost = 0;
  const { value } = await cortex.mutable.increment("stock", "pens", 5, {
    idempotencyKey,
  });
  assertEquals([value, lost], [6, 2]);
  lost = 0;
  await cortex.users.deleteMany(["ada".repeat(80)], {
    cascade: true,
    idempotencyKey,
  });
  assertEquals(lost, 2);
});
