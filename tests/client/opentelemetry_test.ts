import {
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { openTelemetryHooks } from "../../src/client/opentelemetry.ts";
import { ClientError } from "../../src/errors.ts";
import {
  failure,
  fakeDeployment,
  success,
} from "../../src/testing/client/http_fake.ts";

Deno.test("what is not the API of OpenTelemetry is refused by name", () => {
  for (const api of [undefined, {}, { trace: {} }, { startSpan() {} }]) {
    const error = assertThrows(
      () => openTelemetryHooks(api as never),
      ClientError,
    ) as ClientError;
    assertEquals(error.code, "INVALID_ARGUMENT");
    assertStringIncludes(
      error.message,
      "api must be the module @opentelemetry/api; got ",
    );
  }
});

Deno.test("each call is a span with its retries and its error", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  let requests = 0;
  const { fetch } = fakeDeployment(({ body }) => {
    if (++requests === 1) throw new TypeError("reset");
    return body.path === "a:b" ? success(1) : failure("no");
  });
  await using client = AsyncConvexClient.http("https://x.test", {
    fetch,
    // The module `@opentelemetry/api` has the same `trace`, for the provider that is registered.
    hooks: openTelemetryHooks({ trace: provider }),
    retry: { minDelayMs: 0 },
  });
  await client.query("a:b");
  await assertRejects(() => client.mutation("c:d"));
  const [query, mutation] = exporter.getFinishedSpans();
  assertEquals(query!.name, "convex query a:b");
  assertEquals(query!.events.map(({ name }) => name), ["retry"]);
  assertEquals(query!.attributes["convex.attempts"], 2);
  assertEquals(query!.status.code, 0);
  assertEquals(mutation!.attributes["error.type"], "FUNCTION_ERROR");
  assertEquals(mutation!.events.map(({ name }) => name), ["exception"]);
  assertEquals(mutation!.status.code, 2);
  await provider.shutdown();
});

Deno.test("a retry is an event of the calls that it repeats, not of others of their function", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  let failures = 2;
  const { fetch } = fakeDeployment(({ body }) => {
    const [value] = body.args;
    if (value.isShaky && failures-- > 0) throw new TypeError("reset");
    return success(value.isShaky);
  });
  await using client = AsyncConvexClient.http("https://x.test", {
    fetch,
    hooks: openTelemetryHooks({ trace: provider }),
    retry: { minDelayMs: 0 },
  });
  const options = { retry: "always" } as const;
  await Promise.all(
    [true, false].map((isShaky) =>
      client.mutation("a:b", { isShaky }, options)
    ),
  );
  // The same query twice is one request.
  failures = 1;
  await Promise.all(
    [true, true].map((isShaky) => client.query("a:b", { isShaky })),
  );
  assertEquals(
    exporter.getFinishedSpans().map(({ name, events }) => [
      name,
      events.map(({ attributes }) => attributes!.attempt),
    ]),
    [
      ["convex mutation a:b", []],
      ["convex mutation a:b", [1, 2]],
      ["convex query a:b", [1]],
      ["convex query a:b", [1]],
    ],
  );
  await provider.shutdown();
});

Deno.test("a span ends whatever its call rejects with", async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const reasons = [Object.create(null), Symbol("why"), null, undefined, {
    toString: () => ({}),
  }, new DOMException("enough", "AbortError")];
  const reject = () => Promise.reject(reasons.shift());
  await using client = AsyncConvexClient.wrap(
    { query: reject, mutation: reject, action: reject },
    { hooks: openTelemetryHooks({ trace: provider }) },
  );
  while (reasons.length > 0) await client.query("a:b").catch(() => {});
  assertEquals(
    exporter.getFinishedSpans().map(({ attributes, status }) => [
      attributes["error.type"],
      status,
    ]),
    [
      ["object", { code: 2, message: "object" }],
      ["symbol", { code: 2, message: "Symbol(why)" }],
      ["object", { code: 2, message: "null" }],
      ["undefined", { code: 2, message: "undefined" }],
      ["object", { code: 2, message: "object" }],
      // Not 20, the number that the platform calls a code.
      ["AbortError", { code: 2, message: "AbortError: enough" }],
    ],
  );
  await provider.shutdown();
});
