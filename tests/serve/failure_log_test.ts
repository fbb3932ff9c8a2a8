/** What `deno task serve` writes down of its own failures. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { EngineError } from "../../src/errors.ts";
import { createConvexServer } from "../../src/server/mod.ts";
import { failureLog } from "../../tools/serve/failure_log.ts";

Deno.test("failureLog() writes ten a minute, and the number of the rest", () => {
  const lines: string[] = [];
  let nowMs = 0;
  const log = failureLog((line) => lines.push(line), () => nowMs);
  const cause = new EngineError("ENGINE_LOST", "no disk");
  const error = new EngineError("COMMIT_FAILED", "no commit", { cause });
  for (let at = 0; at < 25; at++) log(error);
  assertEquals(
    lines,
    Array(10).fill(
      "error: EngineError COMMIT_FAILED: no commit <- EngineError ENGINE_LOST: no disk",
    ),
  );
  nowMs = 60_000;
  log(new TypeError("x".repeat(5000)));
  const [rest, last] = lines.slice(10);
  assertEquals(rest, "error: 15 more were not written");
  assertStringIncludes(last!, "error: TypeError: xxx");
  assertEquals(last!.length, 2000);
  log(undefined);
  assertEquals(lines.at(-1), "error: nothing is known");
  const unreadable = new Error("x");
  Object.defineProperty(unreadable, "stack", { get: () => assertEquals(1, 2) });
  log(unreadable, "in a timer: ");
  assertEquals(lines.at(-1), "error: in a timer: nothing is known");
  log({ code: 7 });
  assertEquals(lines.at(-1), "error: { code: 7 }");
});

Deno.test("a server reports its own failures to its operator, and none of functions, tokens or requests", async () => {
  const failures: unknown[] = [];
  const engine = {
    run: () => Promise.reject(new EngineError("FUNCTION_ERROR", "its own")),
    fetch: () => Promise.reject(new EngineError("COMMIT_FAILED", "no room")),
  };
  const server = createConvexServer(engine as never, {
    onError: (error) => failures.push(error),
    verifyToken: () => Promise.reject(new Error("forged")),
  });
  const ask = async (path: string, body?: object, headers = {}) => {
    const init = body && { method: "POST", body: JSON.stringify(body) };
    const url = `http://127.0.0.1${path}`;
    const response = await server.handle(
      new Request(url, { ...init, headers }),
    );
    await response.body?.cancel();
    return response.status;
  };
  const call = (path: string) => ({ path, args: {} });
  assertEquals(await ask("/api/query", call("c:d")), 200);
  assertEquals(await ask("/api/nothing"), 404);
  const authorization = "Bearer x";
  assertEquals(await ask("/api/query", call("c:d"), { authorization }), 401);
  assertEquals(failures, []);
  assertEquals(await ask("/http/a"), 500);
  assertEquals((failures.pop() as EngineError).message, "no room");
});
Deno.test("a body that breaks off is the client's failure, which the operator is not told", async () => {
  const failures: unknown[] = [];
  const engine = {
    run: () => Promise.reject(new Error("not called")),
    files: { takes: () => true },
  };
  const server = createConvexServer(engine as never, {
    onError: (error) => failures.push(error),
  });
  for (const path of ["/api/query", "/api/storage/upload?token=a"]) {
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => controller.enqueue(new Uint8Array(3)),
      pull: (controller) => controller.error(new Error("gone")),
    });
    const response = await server.handle(
      new Request(`http://127.0.0.1${path}`, { method: "POST", body }),
    );
    assertEquals(response.status, 400);
    assertEquals((await response.json()).code, "BadBody");
  }
  assertEquals(failures, []);
  server.close();
});
