import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import {
  actionGeneric,
  anyApi,
  defineSchema,
  defineTable,
  queryGeneric,
} from "convex/server";
import { convexTest } from "../../src/convex_test/mod.ts";

Deno.test("the last test that is closed leaves the globals as they were defined", async () => {
  const worker = new Worker(import.meta.resolve("./globals_worker.ts"), {
    type: "module",
  });
  const [open, first, last] = await new Promise<string[][]>(
    (resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
    },
  );
  worker.terminate();
  for (const changed of [open!, first!]) {
    for (const name of ["Date", "crypto"]) {
      assert(changed.includes(name), name);
    }
    // Tests spy on it, and spies look for a method.
    assert(!changed.includes("fetch"));
  }
  assertEquals(last, []);
});

Deno.test("tests begin under fake timers of an edge runtime, whose performance has no prototype", async () => {
  const host = Object.getOwnPropertyDescriptor(globalThis, "performance")!;
  const fake = Object.assign(Object.create(null), { now: () => 5 });
  Object.defineProperty(globalThis, "performance", {
    configurable: true,
    value: fake,
  });
  try {
    const t = convexTest(undefined, {
      "clock.ts": () =>
        Promise.resolve({
          read: queryGeneric(() => Promise.resolve(Date.now() > 0)),
        }),
    });
    assertEquals(await t.query(anyApi.clock!.read!, {}), true);
  } finally {
    Object.defineProperty(globalThis, "performance", host);
  }
});

Deno.test("a test may stub crypto with a randomUUID alone before it makes its t", async () => {
  const host = Object.getOwnPropertyDescriptor(globalThis, "crypto")!;
  const stub = { randomUUID: () => "mine" };
  Object.defineProperty(globalThis, "crypto", { ...host, get: () => stub });
  try {
    const t = convexTest(defineSchema({ notes: defineTable({}) }), {
      "./_generated/api.js": () => Promise.resolve({}),
    });
    const add = async () =>
      await t.mutation(async ({ db }) => [
        typeof await db.insert("notes", {}),
        crypto.randomUUID(),
        Math.random() < 1,
      ]);
    assertEquals(await add(), ["string", "mine", true]);
    await t.close();
  } finally {
    Object.defineProperty(globalThis, "crypto", host);
  }
});

Deno.test("the numbers of a test's Math.random are left to its functions", async () => {
  let next = 0;
  const restore = mockMethod(Math, "random", () => next++);
  try {
    const t = convexTest(undefined, {
      "dice.ts": () =>
        Promise.resolve({
          roll: queryGeneric(() => Promise.resolve(Math.random())),
        }),
    });
    const { roll } = anyApi.dice!;
    assertEquals([await t.query(roll!, {}), await t.query(roll!, {})], [0, 1]);
    await t.close();
  } finally {
    restore();
  }
});

Deno.test("functions see a mock that passes for the function it replaces, as those of Node and Bun do", async () => {
  const asked: unknown[] = [];
  const handlers = {
    random: queryGeneric(() => Promise.resolve(Math.random())),
    ask: actionGeneric(async () => await (await fetch("http://a.b/")).text()),
  };
  const t = convexTest(undefined, {
    "spied.ts": () => Promise.resolve(handlers),
  });
  const { random, ask } = anyApi.spied!;
  const first = await t.query(random!, {});
  const restores = [
    mockMethod(Math, "random", () => 0.25),
    mockMethod(globalThis, "fetch", (input) => {
      asked.push(input);
      return Promise.resolve(new Response("from the mock"));
    }),
  ];
  try {
    assertEquals(await t.query(random!, {}), 0.25);
    assertEquals(await t.action(ask!, {}), "from the mock");
    assertEquals(asked, ["http://a.b/"]);
  } finally {
    for (const restore of restores) restore();
  }
  assertNotEquals(await t.query(random!, {}), 0.25);
  assertNotEquals(first, 0.25);
  await t.close();
});

Deno.test("a spy on a timer calls the host's, also if the test runner assigns it to the global meanwhile, as Vitest does", async () => {
  const kept = Object.getOwnPropertyDescriptor(globalThis, "setTimeout")!;
  const { setTimeout: host } = globalThis;
  // As on Node. Deno's is an accessor.
  Object.defineProperty(globalThis, "setTimeout", {
    value: host,
    writable: true,
    configurable: true,
    enumerable: true,
  });
  const t = convexTest({ modules: {} });
  const idle = () => t.query(() => Promise.resolve(0));
  let calls = 0;
  try {
    await idle();
    const restore = spyAsVitest(() => calls++);
    const spy = globalThis.setTimeout;
    assertNotEquals(spy, host);
    // Before and after each message to the main thread.
    globalThis.setTimeout = host;
    assertEquals(globalThis.setTimeout, host);
    globalThis.setTimeout = spy;
    await idle();
    globalThis.setTimeout = host;
    globalThis.setTimeout = spy;
    await assertRejects(() =>
      t.query(() => Promise.resolve(setTimeout(() => {}, 0)))
    );
    await new Promise((resolve) => setTimeout(resolve, 0));
    await t.action(() => new Promise((resolve) => setTimeout(resolve, 0, 1)));
    assertEquals(calls, 2);
    restore();
    await idle();
    assertEquals(globalThis.setTimeout, host);
  } finally {
    await t.close();
    Object.defineProperty(globalThis, "setTimeout", kept);
  }
});

/** Spies on `setTimeout` as `vi.spyOn` does: by a getter if there is one. Returns what restores it. */
function spyAsVitest(count: () => void): () => void {
  const name = "setTimeout";
  const host = Object.getOwnPropertyDescriptor(globalThis, name)!;
  const original = host.get ?? (() => host.value);
  const spy = (...args: unknown[]) => {
    count();
    return original()(...args);
  };
  const instead = host.get ? { get: () => spy } : { value: spy };
  Object.defineProperty(globalThis, name, { ...host, ...instead });
  return () => Object.defineProperty(globalThis, name, host);
}

/** Replaces a method as `mock.method` of `node:test` does; returns what restores it. */
function mockMethod<T extends object, K extends keyof T>(
  owner: T,
  name: K,
  instead: (...args: unknown[]) => unknown,
): () => void {
  const host = Object.getOwnPropertyDescriptor(owner, name)!;
  assertEquals(typeof host.value, "function");
  const mock: object = new Proxy(host.value, {
    apply: (_original, _this, args) => instead(...args),
    get: (original, key) =>
      key === "mock" ? { calls: [] } : Reflect.get(original, key),
  });
  Object.defineProperty(owner, name, { ...host, value: mock });
  return () => Object.defineProperty(owner, name, host);
}
