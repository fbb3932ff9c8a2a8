import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { EngineError } from "../../src/errors.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { garbageCollector } from "../../tools/serve/garbage_collector.ts";
import { realTimers } from "../support/real_timers.ts";

const hostsTimer = setTimeout;
const never = () => new Promise<never>(() => {});
const mutation = { isMutation: true, isPublic: true };
const modules = {
  a: {
    hangs: { ...mutation, _handler: never },
    // A query inside of it is what hangs.
    calls: {
      ...mutation,
      _handler: (ctx: { runQuery(name: string): Promise<unknown> }) =>
        ctx.runQuery("a:waits"),
    },
    waits: { isQuery: true, isPublic: true, _handler: never },
    answers: { isQuery: true, isPublic: true, _handler: () => 1 },
    callsTwo: {
      ...mutation,
      _handler: (ctx: { runQuery(name: string): Promise<unknown> }) =>
        Promise.all([ctx.runQuery("a:waits"), ctx.runQuery("a:answers")]),
    },
    waitsForHost: {
      ...mutation,
      _handler: async () => {
        await new Promise<void>((done) => hostsTimer(done, 700));
        return "late";
      },
    },
  },
};

const globals = () => [
  globalThis.fetch,
  globalThis.Date,
  globalThis.setTimeout,
  globalThis.console,
  Math.random,
];

function testGivenUp(
  name: string,
  open: () => Engine,
  call: (engine: Engine, name: string) => Promise<unknown>,
): void {
  Deno.test(`engine: a function that ${name} leaves the host's globals as they were`, async () => {
    const before = globals();
    for (const hanging of ["a:hangs", "a:calls"]) {
      const engine = open();
      await assertRejects(() => call(engine, hanging));
      globals().forEach((now, at) => assertStrictEquals(now, before[at]));
      assertEquals(await engine.query("a:answers", {}), 1);
      await engine.close();
    }
  });
}

testGivenUp(
  "is given up by its caller",
  () => openEngine({ modules, store: openMemoryStore() }),
  (engine, name) => {
    const controller = new AbortController();
    const { signal } = controller;
    const called = engine.mutation(name, {}, { signal });
    setTimeout(() => controller.abort(new EngineError("MINE", "enough")), 5);
    return called;
  },
);

testGivenUp(
  "waits for too long",
  () =>
    openEngine({
      modules,
      store: openMemoryStore(),
      watchdog: realTimers,
      limits: { transactionMs: 20 },
    }),
  (engine, name) => engine.mutation(name, {}),
);

Deno.test("engine: a function that nothing can resolve fails at once where garbage can be collected, and no other does", async () => {
  const collect = garbageCollector();
  let collected = 0;
  const engine = openEngine({
    modules,
    store: openMemoryStore(),
    watchdog: {
      ...realTimers,
      collectGarbage: () => {
        collected++;
        collect();
      },
    },
    limits: { transactionMs: 60_000 },
  });
  for (const hanging of ["a:hangs", "a:calls", "a:callsTwo"]) {
    await assertRejects(
      () => engine.mutation(hanging, {}),
      EngineError,
      "Returned promise will never resolve",
    );
  }
  assertEquals(await engine.query("a:answers", {}), 1);
  const before = collected;
  assertEquals(await engine.mutation("a:waitsForHost", {}), "late");
  assert(collected > before, "it was not looked at");
  await engine.close();
});

Deno.test("engine: observers of functions learn of one that is given up, once", async () => {
  const engine = openEngine({
    modules,
    store: openMemoryStore(),
    watchdog: realTimers,
    limits: { transactionMs: 20 },
  });
  const told: string[] = [];
  engine.observe!(({ name, error }) => told.push(`${name}: ${error}`));
  await assertRejects(() => engine.mutation("a:calls", {}));
  await engine.query("a:answers", {});
  assertEquals(told.length, 2);
  assertStringIncludes(told[0]!, "a:calls: EngineError: Function execution");
  assertEquals(told[1], "a:answers: undefined");
  await engine.close();
});
