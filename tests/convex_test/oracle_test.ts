import { assert, assertEquals } from "@std/assert";
import {
  defineSchema,
  defineTable,
  makeFunctionReference,
} from "convex/server";
import { v } from "convex/values";
import { convexTest } from "../../src/convex_test/mod.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import { makeBoth, outcomeOf, type Test } from "./both.ts";
import { failures } from "./failures.ts";
import { randomProgram } from "./random_program.ts";

Deno.test("oracle: under compat random programs give what convex-test gives", () =>
  atOneTime(async () => {
    const seed = testSeed();
    const rounds = Math.ceil(800 * testScale());
    console.log(`seed ${seed}, ${rounds} programs`);
    for (let round = 0; round < rounds; round++) {
      const run = randomProgram(seededRandom(seed + round));
      const { theirs, ours } = makeBoth();
      const expected = await run(theirs);
      const actual = await run(ours);
      await ours.close();
      for (const [at, step] of expected.entries()) {
        assertEquals(actual[at], step, `seed ${seed + round}, step ${at}`);
      }
    }
  }));

Deno.test("oracle: under compat errors have the class and the text that convex-test gives them", () =>
  atOneTime(async () => {
    for (const [name, fail] of Object.entries(failures)) {
      const { theirs, ours } = makeBoth();
      const expected = await outcomeOf(() => fail(theirs));
      const actual = await outcomeOf(() => fail(ours));
      await ours.close();
      assert("thrown" in Object(expected), `${name} fails in convex-test`);
      assertEquals(actual, expected, name);
    }
  }));

Deno.test("a scheduled function that fails is logged by its name and its error, as by convex-test", async () => {
  const { ours } = makeBoth();
  const said = await saidBy(ours);
  await ours.close();
  assertEquals(said, [[
    "Error when running scheduled function notes:fail",
    "TypeError: it fails",
  ]]);
});

Deno.test("under compat a vector search leaves out documents without a vector", async () => {
  const schema = defineSchema({
    points: defineTable({ at: v.optional(v.array(v.float64())) })
      .vectorIndex("by_at", { vectorField: "at", dimensions: 2 }),
  });
  const t = convexTest({
    schema,
    modules: { "./_generated/api.js": () => Promise.resolve({}) },
    compat: "convex-test",
  });
  await t.run(async ({ db }) => {
    for (const at of [[1, 0], undefined, [0, 1]]) {
      await db.insert("points", { at });
    }
  });
  const found = await t.action((ctx) =>
    ctx.vectorSearch("points", "by_at", { vector: [1, 0] })
  );
  await t.close();
  assertEquals(found.map(({ _score }) => _score), [1, 0]);
});

Deno.test("under compat a file's checksum is not looked at, as by convex-test", async () => {
  const { theirs, ours } = makeBoth();
  const store = (t: Test) =>
    outcomeOf(() =>
      t.action((ctx) =>
        ctx.storage.store(new Blob(["a"]), { sha256: "another" })
      )
    );
  assertEquals(await store(ours), await store(theirs));
  await ours.close();
});

Deno.test("under compat commits at one time are a nanosecond apart, as by convex-test", () =>
  atOneTime(async () => {
    const { theirs, ours } = makeBoth();
    const stamps = async (t: Test) => {
      for (let count = 0; count < 3; count++) {
        await t.mutation(({ db }) =>
          db.insert("things", { a: db.vars.commitTs })
        );
      }
      const things = await t.run(({ db }) => db.query("things").collect());
      return things.map(({ a }) => a);
    };
    assertEquals(await stamps(ours), await stamps(theirs));
    await ours.close();
  }));

Deno.test("under compat a scheduled module keeps its name, as by convex-test", async () => {
  const { theirs, ours } = makeBoth();
  const nameOf = (t: Test) =>
    t.run(async ({ db, scheduler }) => {
      const id = await scheduler.runAfter(
        60_000,
        makeFunctionReference<"mutation">("notes"),
      );
      const job = await db.system.get(id);
      await scheduler.cancel(id);
      return job?.name;
    });
  assertEquals(await nameOf(theirs), "notes");
  assertEquals(await nameOf(ours), "notes");
  await ours.close();
});

/** What is written to the console when a scheduled function fails. */
async function saidBy(t: Test): Promise<unknown[]> {
  const { error } = console;
  const said: unknown[] = [];
  console.error = (...parts: unknown[]) => void said.push(parts.map(String));
  try {
    await t.run((ctx) =>
      ctx.scheduler.runAfter(0, makeFunctionReference<"mutation">("notes:fail"))
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    await t.finishInProgressScheduledFunctions();
  } finally {
    console.error = error;
  }
  return said;
}

/** Creation times are the same on both sides while the clock stands still. */
async function atOneTime(run: () => Promise<void>): Promise<void> {
  const { now } = Date;
  Date.now = () => 1_700_000_000_000;
  try {
    await run();
  } finally {
    Date.now = now;
  }
}
