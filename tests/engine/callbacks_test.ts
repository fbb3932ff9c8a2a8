/** Callbacks that throw: what they break, and where it is told. */
import { assertEquals } from "@std/assert";
import { log, mutationGeneric, queryGeneric } from "convex/server";
import { type EngineOptions, openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { settle } from "../../src/testing/support/fake_timers.ts";

const pens = {
  audited: mutationGeneric(async ({ db }) => {
    await log.audit({ action: "add" });
    await db.insert("pens", {});
  }),
  add: mutationGeneric(({ db }) => db.insert("pens", {})),
  count: queryGeneric(async ({ db }) =>
    (await db.query("pens").collect()).length
  ),
};

/** Runs with an engine; returns the errors that reached the host's handler of uncaught ones. */
async function uncaught(
  run: (engine: ReturnType<typeof openEngine>) => Promise<void>,
  options: Partial<EngineOptions> = {},
): Promise<unknown[]> {
  const errors: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    errors.push(event.error.message);
  };
  globalThis.addEventListener("error", onError);
  const engine = openEngine({
    modules: { pens },
    store: openMemoryStore(),
    ...options,
  });
  try {
    await run(engine);
    await settle();
  } finally {
    await engine.close();
    globalThis.removeEventListener("error", onError);
  }
  return errors;
}

Deno.test("a callback of a watch that throws hinders no other callback", async () => {
  const seen: unknown[] = [];
  const errors = await uncaught(async (engine) => {
    const watch = engine.watch("pens:count");
    const fail = () => {
      throw new Error("clumsy");
    };
    watch.subscribe(fail, fail);
    watch.subscribe((count) => seen.push(count), (error) => seen.push(error));
    await settle();
    await engine.mutation("pens:add", {});
    await settle();
    watch.subscribe(fail, fail);
  });
  assertEquals(seen, [0, 1]);
  assertEquals(errors, ["clumsy", "clumsy", "clumsy"]);
});

Deno.test("an observer that throws does not undo what it observes", async () => {
  const errors = await uncaught(async (engine) => {
    engine.observe(() => {
      throw new Error("clumsy");
    });
    await engine.mutation("pens:add", {});
    assertEquals(await engine.query("pens:count", {}), 1);
  });
  assertEquals(errors, ["clumsy", "clumsy"]);
});

Deno.test("a log that throws does not undo what it is told of", async () => {
  const add = async (engine: ReturnType<typeof openEngine>) => {
    await engine.mutation("pens:audited", {});
    assertEquals(await engine.query("pens:count", {}), 1);
  };
  const log = () => {
    throw new Error("clumsy");
  };
  assertEquals(await uncaught(add, { log }), ["clumsy"]);
});
