import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { moduleSource } from "../../src/client/sources/module_source.ts";
import {
  ClientError,
  type CortexError,
  isFunctionError,
} from "../../src/errors.ts";

const moduleOf = (code: string) =>
  `data:text/javascript,${encodeURIComponent(code)}`;

/** A client that blocks its thread. */
const blocking = moduleOf(`
  export function createClient(config) {
    const run = (name, { ms }) => {
      const until = Date.now() + ms;
      while (Date.now() < until);
      return [name, config];
    };
    return { query: run, mutation: run, action: run };
  }`);

Deno.test("a blocking client leaves this thread free and gets its config", async () => {
  await using client = AsyncConvexClient.fromModule(
    blocking,
    { region: "here" },
    { maxWorkers: 2 },
  );
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const results = await Promise.all(
    [100, 100, 100].map((ms) => client.query("a:b", { ms })),
  );
  clearInterval(timer);
  assertEquals(results[2], ["a:b", { region: "here" }]);
  assert(ticks > 3, `${ticks} ticks while three calls blocked`);
});

Deno.test("a configuration that cannot be cloned is named as the caller wrote it", async () => {
  for (
    const [config, path] of [
      [{ hooks: { f: () => {} } }, "config.hooks.f"],
      [() => {}, "config"],
    ] as const
  ) {
    for (const kinds of [undefined, ["inline"] as const]) {
      await using client = AsyncConvexClient.fromModule(blocking, config, {
        ...kinds && { kinds },
      });
      const error = await assertRejects(() => client.query("a:b"));
      const { code, message, data } = error as CortexError;
      assertEquals([code, data], ["NOT_CLONEABLE", { path }]);
      assert(message.startsWith(`${path} cannot be cloned: `), message);
    }
  }
});

/** A client that counts its calls. */
const counting = moduleOf(`
  export function createClient() {
    let calls = 0;
    const run = () => ++calls;
    return { query: run, mutation: run, action: () => self.close() };
  }`);

Deno.test("a stateful client is one, kept while it is idle and while calls come at once", async () => {
  await using client = AsyncConvexClient.fromModule(counting, undefined, {
    stateful: true,
  });
  const count = () => client.query("a:b");
  const results = await Promise.all([count(), count(), count(), count()]);
  // Longer than a worker without state is kept here.
  await new Promise((done) => setTimeout(done, 400));
  assertEquals([...results, await count()], [1, 2, 3, 4, 5]);
  for (const call of [() => client.action("a:b"), count]) {
    const error = await assertRejects(call) as CortexError;
    assertEquals(error.code, "WORKER_LOST");
  }
});

Deno.test("a client without state is made anew after a while without calls", async () => {
  await using client = AsyncConvexClient.fromModule(counting);
  assertEquals(await client.query("a:b"), 1);
  await new Promise((done) => setTimeout(done, 1000));
  assertEquals(await client.query("a:b"), 1);
});

Deno.test("a stateful client is refused several workers", () => {
  const error = assertThrows(
    () => moduleSource(counting, { stateful: true, maxWorkers: 2 }),
    ClientError,
  );
  assertStringIncludes(error.message, "maxWorkers must be 1");
});

Deno.test("a module that makes no client is refused with its reason", async () => {
  for (
    const [code, reason] of [
      ["throw new Error('not today')", "not today"],
      ["export const other = 1", "exports no function createClient"],
      ["export const createClient = () => ({ query() {} })", "must return"],
    ] as const
  ) {
    await using client = AsyncConvexClient.fromModule(moduleOf(code));
    const error = await assertRejects(() => client.query("a:b")) as CortexError;
    assertEquals([error.name, error.code], ["ClientError", "MODULE_FAILED"]);
    assertStringIncludes(error.message, reason);
  }
});

Deno.test("moduleSource() refuses a URL that is not absolute", () => {
  const error = assertThrows(() => moduleSource("./client.ts"), ClientError);
  assertEquals((error as ClientError).code, "INVALID_ARGUMENT");
  assertStringIncludes(error.message, '"./client.ts"');
});

/** A client like Convex's own, whose functions fail. */
const failing = moduleOf(`
  export function createClient() {
    const run = () => {
      throw new Error("[Request ID: 12ab] Server Error\\nUncaught Error: late");
    };
    return { query: run, mutation: run, action: run };
  }`);

Deno.test("a function that failed is told from a client that did", async () => {
  await using client = AsyncConvexClient.fromModule(failing);
  const error = await assertRejects(() => client.query("a:b"));
  assert(isFunctionError(error));
  assertEquals([error.code, error.requestId], ["FUNCTION_ERROR", "12ab"]);
});

/** A client that cannot be made at first. */
const late = moduleOf(`
  let tried = 0;
  export function createClient() {
    if (++tried < 3) throw new Error("no database yet");
    const run = () => tried;
    return { query: run, mutation: run, action: run };
  }`);

Deno.test("a stateful client that could not be made is made by a later call", async () => {
  await using client = AsyncConvexClient.fromModule(late, undefined, {
    stateful: true,
    kinds: ["inline"],
  });
  for (let attempt = 0; attempt < 2; attempt++) {
    const both = [1, 2].map(() => assertRejects(() => client.query("a:b")));
    for (const error of await Promise.all(both)) {
      assertEquals((error as Error).message, "no database yet");
    }
  }
  assertEquals(await client.query("a:b"), 3);
  assertEquals(client.stats().requests > 0, true);
});
