import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EngineError, ExecutorError, StoreError } from "../../src/errors.ts";
import { mutationGeneric } from "convex/server";
import { openEngine } from "../../src/embedded/mod.ts";
import { createConvexServer } from "../../src/server/server.ts";
import { openClientEngine } from "../support/client_engine.ts";
import { pause } from "../../src/testing/support/pause.ts";

const origin = "http://127.0.0.1";

/** Posts a body to a handler over an engine of its own. */
async function post(
  endpoint: string,
  body: unknown,
  init: RequestInit = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const engine = openClientEngine();
  const handler = createConvexServer(engine, { maxBodyBytes: 1000 }).handle;
  const response = await handler(
    new Request(origin + endpoint, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...init,
    }),
  );
  await engine.close();
  const { status, headers } = response;
  return { status, headers, text: await response.text() };
}

const call = (path: string, args: unknown = {}, format?: string) => ({
  path,
  args,
  format,
});

Deno.test("handler takes arguments as an object or in an array of one", async () => {
  for (const args of [{ a: 1, b: 2 }, [{ a: 1, b: 2 }]]) {
    const { status, text } = await post(
      "/api/query",
      call("typed:add", args, "convex_encoded_json"),
    );
    assertEquals([status, text], [200, '{"status":"success","value":3}']);
  }
});

Deno.test("handler answers clean JSON unless the encoded form is asked for", async () => {
  const value = {
    int: { $integer: "AQAAAAAAAAA=" },
    bytes: { $bytes: "AP8=" },
    zero: { $float: "AAAAAAAAAIA=" },
    inf: { $float: "AAAAAAAA8H8=" },
    text: 'a"',
    list: [null, true, 1.5],
  };
  const clean = await post("/api/query", call("echo:query", { value }));
  assertEquals(
    clean.text,
    '{"status":"success","value":{"bytes":"AP8=","inf":"Infinity","int":"1",' +
      '"list":[null,true,1.5],"text":"a\\"","zero":-0.0}}',
  );
  const encoded = await post(
    "/api/query",
    call("echo:query", { value }, "convex_encoded_json"),
  );
  assertEquals(JSON.parse(encoded.text).value, value);
});

Deno.test("handler answers each query of a batch separately", async () => {
  const { status, text } = await post("/api/query_batch", {
    queries: [
      call("typed:add", { a: 1, b: 2 }),
      call("fail:withData"),
      call("greet:default"),
    ],
  });
  assertEquals(status, 200);
  const { results } = JSON.parse(text);
  assertEquals(results[0], { status: "success", value: 3 });
  assertEquals(results[1].status, "error");
  assertEquals(results[1].errorData, { code: "NO_LUCK", count: "7" });
  assertEquals(results[2].value, "hello");
});

Deno.test("handler refuses malformed requests with a status and a code", async () => {
  const cases: [string, unknown, number, string][] = [
    ["/api/query", "{", 400, "BadJsonBody"],
    ["/api/query", "[]", 400, "BadJsonBody"],
    ["/api/query", { args: {} }, 400, "BadConvexFunctionIdentifier"],
    ["/api/query", call("a:b", "text"), 400, "BadJsonBody"],
    ["/api/query", call("a:b", [{}, {}]), 400, "BadJsonBody"],
    ["/api/query", call("a:b", { $x: 1 }), 400, "BadJsonBody"],
    ["/api/query", call("a:b", {}, "xml"), 400, "BadFormat"],
    ["/api/query_batch", { queries: {} }, 400, "BadJsonBody"],
    ["/api/query", "x".repeat(1001), 413, "RequestTooLarge"],
    ["/api/nothing", {}, 404, "NotFound"],
    ["/nothing", {}, 404, "NotFound"],
    ["/api/query/more", {}, 404, "NotFound"],
    ["/api/toString", {}, 404, "NotFound"],
    ["/api/run/alone", {}, 400, "BadConvexFunctionIdentifier"],
  ];
  for (const [endpoint, body, status, code] of cases) {
    const answer = await post(endpoint, body);
    const { code: given, message } = JSON.parse(answer.text);
    assertEquals([answer.status, given], [status, code]);
    assert(message.length > 0);
  }
});

Deno.test("handler answers a thousand queries of a batch, and no more", async () => {
  const engine = openClientEngine();
  const handler = createConvexServer(engine).handle;
  for (
    const [count, status, code] of [
      [1000, 200, undefined],
      [1001, 400, "TooManyQueries"],
    ] as const
  ) {
    const queries = Array(count).fill(call("typed:add", { a: 1, b: 2 }));
    const response = await handler(
      new Request(`${origin}/api/query_batch`, {
        method: "POST",
        body: JSON.stringify({ queries }),
      }),
    );
    const answer = await response.json();
    assertEquals([response.status, answer.code], [status, code]);
    if (status === 200) assertEquals(answer.results.length, count);
  }
  await engine.close();
});

Deno.test("handler looks at an upload's token before it reads the file", async () => {
  const engine = openClientEngine();
  const handler = createConvexServer(engine).handle;
  let pulls = 0;
  const body = new ReadableStream({
    pull(controller) {
      pulls++;
      controller.enqueue(new Uint8Array(1000));
    },
  }, { highWaterMark: 0 });
  const response = await handler(
    new Request(`${origin}/api/storage/upload?token=none`, {
      method: "POST",
      body,
    }),
  );
  const { code } = await response.json();
  assertEquals([response.status, code, pulls], [401, "StorageTokenInvalid", 0]);
  await engine.close();
});

Deno.test("handler bounds files that arrive at the same time together", async () => {
  const engine = openEngine({
    modules: {
      "files.ts": {
        url: mutationGeneric(({ storage }) => storage.generateUploadUrl()),
      },
    },
  });
  const handler = createConvexServer(engine, { maxFileBytes: 10 }).handle;
  const { search } = new URL(await engine.mutation("files:url", {}) as string);
  const upload = (body: BodyInit) =>
    handler(
      new Request(`${origin}/api/storage/upload${search}`, {
        method: "POST",
        body,
      }),
    );
  const ends: (() => void)[] = [];
  // Ten bytes each, which do not end.
  const slow = Array.from({ length: 8 }, () =>
    upload(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new Uint8Array(10));
          ends.push(() => controller.close());
        },
      }),
    ));
  await pause(10);
  const over = await upload("x");
  assertEquals([over.status, (await over.json()).code], [503, "Overloaded"]);
  for (const end of ends) end();
  for (const response of await Promise.all(slow)) {
    assertEquals(response.status, 200);
    await response.body?.cancel();
  }
  assertEquals((await upload("x")).status, 200);
  assertEquals((await upload("x".repeat(11))).status, 413);
  await engine.close();
});

Deno.test("handler refuses arguments without bottom", async () => {
  const engine = openClientEngine();
  const handler = createConvexServer(engine).handle;
  for (const [levels, status] of [[100, 200], [200_000, 400]] as const) {
    const value = `${"[".repeat(levels)}${"]".repeat(levels)}`;
    const body = `{"path":"echo:query","args":{"value":${value}}}`;
    const response = await handler(
      new Request(`${origin}/api/query`, { method: "POST", body }),
    );
    const text = await response.text();
    assertEquals(response.status, status, text.slice(0, 200));
    assertStringIncludes(text, "nested");
  }
  await engine.close();
});

Deno.test("handler counts a body that does not declare its length", async () => {
  const chunk = new TextEncoder().encode(" ".repeat(600));
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(chunk);
      controller.enqueue(chunk);
      controller.close();
    },
  });
  const { status } = await post("/api/query", "", { body });
  assertEquals(status, 413);
});

Deno.test("handler refuses other methods", async () => {
  for (const method of ["GET", "PUT", "DELETE"]) {
    const { status } = await post("/api/mutation", "", {
      method,
      body: null,
    });
    assertEquals(status, 405);
  }
  assertEquals((await post("/version", "")).status, 405);
});

Deno.test("handler answers with its version", async () => {
  const engine = openClientEngine();
  const handler = createConvexServer(engine, { version: "7" }).handle;
  const response = await handler(new Request(`${origin}/version`));
  assertEquals([response.status, await response.text()], [200, "7"]);
  await engine.close();
});

Deno.test("handler lets every origin in", async () => {
  const preflight = await post("/api/query", "", {
    method: "OPTIONS",
    body: null,
    headers: {
      origin: "https://app.test",
      "access-control-request-headers": "x-mine",
    },
  });
  assertEquals(preflight.status, 204);
  const { headers } = preflight;
  assertEquals(headers.get("access-control-allow-origin"), "https://app.test");
  assertEquals(headers.get("access-control-allow-headers"), "x-mine");
  assertStringIncludes(headers.get("access-control-allow-methods")!, "POST");
  const answer = await post("/api/query", call("greet:default"));
  assertEquals(answer.headers.get("access-control-allow-origin"), "*");
});

Deno.test("handler shows no detail of trouble below the functions", async () => {
  const troubles: [Error, number, string][] = [
    [
      new StoreError("STORE_CORRUPT", "secret.db is broken"),
      500,
      "InternalServerError",
    ],
    [new EngineError("ENGINE_CLOSED", "closed"), 503, "ServiceUnavailable"],
    [new EngineError("ENGINE_LOST", "lost"), 503, "ServiceUnavailable"],
    [
      new EngineError("COMMIT_FAILED", "secret.db is full"),
      500,
      "InternalServerError",
    ],
    [new ExecutorError("QUEUE_FULL", "full"), 503, "Overloaded"],
  ];
  const engine = openClientEngine();
  for (const [error, status, code] of troubles) {
    const fail = () => Promise.reject(error);
    const handler = createConvexServer({ ...engine, run: fail }).handle;
    const response = await handler(
      new Request(`${origin}/api/query`, {
        method: "POST",
        body: JSON.stringify(call("a:b")),
      }),
    );
    const text = await response.text();
    assertEquals([response.status, JSON.parse(text).code], [status, code]);
    assert(!text.includes("secret"), text);
  }
  await engine.close();
});

Deno.test("handler keeps the request id that the client made", async () => {
  const { text } = await post("/api/action", call("fail:plainly"), {
    headers: { "convex-request-id": "abc" },
  });
  assertStringIncludes(text, "[Request ID: abc] Server Error");
});

Deno.test("Deno.serve takes the handler itself, through which functions see the caller's address", async () => {
  const ip = mutationGeneric(async (ctx) =>
    (await ctx.meta.getRequestMetadata()).ip
  );
  const engine = openEngine({
    modules: { meta: { ip } },
  });
  const { handle } = createConvexServer(engine);
  const http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    handle,
  );
  const response = await fetch(
    `http://127.0.0.1:${http.addr.port}/api/mutation`,
    {
      method: "POST",
      body: JSON.stringify({ path: "meta:ip", args: {} }),
    },
  );
  assertEquals((await response.json()).value, "127.0.0.1");
  await http.shutdown();
  await engine.close();
});
