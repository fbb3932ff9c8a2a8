/** What a mutation does beside the functions that it calls and has not awaited yet, and what these give back. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  actionGeneric,
  defineSchema,
  defineTable,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { ConvexError, type GenericId, v } from "convex/values";
import { engineCase, type EngineSubject } from "./subject.ts";
import type { ContractCase } from "../types.ts";

const schema = defineSchema({
  counts: defineTable({ n: v.number() }).index("by_n", ["n"]),
});

type Count = { id: GenericId<"counts"> };

const args = { id: v.id("counts") };
const increment = makeFunctionReference<"mutation", Count>("counts:increment");
const twice = makeFunctionReference<"query", Count, number[]>("counts:twice");
type Number = { n: number };
const put = makeFunctionReference<"mutation", Number>("counts:put");
const same = makeFunctionReference<"query", Number, number>("counts:same");
const failing = makeFunctionReference<"mutation">("counts:failing");
const gone = makeFunctionReference<"mutation">("counts:gone");
const putLater = makeFunctionReference<"mutation", Number>("late:put");

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await undefined;
}

const counts = {
  add: mutationGeneric(({ db }) => db.insert("counts", { n: 0 })),
  increment: mutationGeneric({
    args,
    handler: async ({ db }, { id }) => {
      const { n } = (await db.get(id))!;
      await turns(10);
      await db.patch(id, { n: n + 1 });
      await turns(10);
    },
  }),
  twice: queryGeneric({
    args,
    handler: async ({ db }, { id }) => {
      const before = (await db.get(id))!.n;
      await turns(10);
      return [before, (await db.get(id))!.n];
    },
  }),
  /** Changes a count after it was read, or before, while a function that it calls does so, too. */
  both: mutationGeneric({
    args: { ...args, after: v.number() },
    handler: async ({ db, runMutation }, { id, after }) => {
      const nested = runMutation(increment, { id });
      await turns(after);
      const { n } = (await db.query("counts").order("desc").first())!;
      await db.patch(id, { n: n + 10 });
      await nested;
    },
  }),
  beside: mutationGeneric({
    args,
    handler: async ({ db, runQuery }, { id }) => {
      const read = runQuery(twice, { id });
      await turns(5);
      await db.patch(id, { n: 5 });
      return await read;
    },
  }),
  /** Writes objects, and gives arguments, that are changed as soon as that has begun. */
  changed: mutationGeneric({
    args,
    handler: async ({ db, runMutation, scheduler }, { id }) => {
      const count = { n: 1 };
      const target = { id };
      const started: Promise<unknown>[] = [runMutation(increment, target)];
      started.push(db.insert("counts", count));
      count.n = 2;
      started.push(db.patch(id, count));
      count.n = 3;
      started.push(db.insert("counts", count));
      count.n = 4;
      started.push(runMutation(increment, target));
      started.push(scheduler.runAfter(0, increment, target));
      target.id = await (started[1] as Promise<Count["id"]>);
      await Promise.all(started);
    },
  }),
  /** Gives one object to several calls, and changes it in between. */
  each: mutationGeneric(async ({ runMutation, scheduler }) => {
    const count = { n: 0 };
    const started: Promise<unknown>[] = [];
    for (count.n = 1; count.n <= 3; count.n++) {
      started.push(runMutation(put, count));
      started.push(scheduler.runAfter(0, put, count));
    }
    await Promise.all(started);
  }),
  ask: queryGeneric(async ({ runQuery }) => {
    const count = { n: 0 };
    const asked: Promise<number>[] = [];
    for (count.n = 1; count.n <= 3; count.n++) {
      asked.push(runQuery(same, count));
    }
    return await Promise.all(asked);
  }),
  act: actionGeneric(async ({ runMutation, scheduler }) => {
    const count = { n: 0 };
    const started: Promise<unknown>[] = [];
    for (count.n = 1; count.n <= 3; count.n++) {
      started.push(runMutation(putLater, count));
      started.push(scheduler.runAfter(0, put, count));
    }
    await Promise.all(started);
  }),
  /**
   * Gives away a tree whose nodes lead back to the root, of which there are therefore ever more ways down, or the longest
   * array.
   */
  tangle: mutationGeneric(async (ctx, { isLong }: { isLong: boolean }) => {
    const { db, runMutation, runQuery, scheduler } = ctx;
    const root = { n: 1, nodes: [] as unknown[] };
    if (isLong) root.nodes.length = 2 ** 32 - 1;
    else for (let n = 0; n < 3; n++) root.nodes.push({ root });
    const given = [
      () => db.insert("counts", root),
      () => runMutation(put, root),
      () => runQuery(same, root),
      () => scheduler.runAfter(0, put, root),
    ];
    const isTaken = (take: () => Promise<unknown>) =>
      take().then(() => true, () => false);
    return await Promise.all(given.map(isTaken));
  }),
  failing: mutationGeneric(() => {
    throw new ConvexError({ when: new Date(0) } as never);
  }),
  gone: mutationGeneric(() => {
    throw Object.freeze(new ConvexError("gone"));
  }),
  wentBelow: mutationGeneric(async ({ runMutation }) => {
    const error = await runMutation(gone).catch((error) => error);
    return error instanceof ConvexError && error.data;
  }),
  caught: mutationGeneric(async ({ runMutation }) => {
    const error = await runMutation(failing).catch((error) => error);
    return [error instanceof ConvexError, error.message];
  }),
  put: mutationGeneric({
    args: { n: v.number() },
    handler: ({ db }, count) => db.insert("counts", count),
  }),
  same: queryGeneric({
    args: { n: v.number() },
    handler: (_, { n }) => n,
  }),
  scheduled: queryGeneric(async ({ db }) =>
    (await db.system.query("_scheduled_functions").collect())
      .map(({ args: [{ n }] }) => n)
  ),
  all: queryGeneric(async ({ db }) =>
    (await db.query("counts").withIndex("by_n").collect()).map(({ n }) => n)
  ),
};

const options = {
  // Convex hides this method from its types.
  schema: schema as unknown as { export(): string },
  // The other one is loaded by the first call.
  modules: { counts, late: () => Promise.resolve({ put: counts.put }) },
};

/** The cases. */
export const engineNestedContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "what a mutation writes beside one that it has called comes after that",
    async (engine) => {
      for (const after of [0, 3, 8, 15, 25]) {
        const id = await engine.mutation("counts:add", {});
        await engine.mutation("counts:both", { id, after });
      }
      // By the index: a row of it that belongs to no document would be counted, too.
      assertEquals(await engine.query("counts:all", {}), Array(5).fill(11));
    },
    options,
  ),
  engineCase(
    "what a mutation gives to a write or a call that waits is taken as it is then",
    async (engine) => {
      const id = await engine.mutation("counts:add", {});
      await engine.mutation("counts:changed", { id });
      const counts = await engine.query("counts:all", {}) as number[];
      // The scheduled increment comes at its time.
      assertEquals(counts.map((n) => n === 4 ? 3 : n), [1, 3, 3]);
    },
    options,
  ),
  ...["each", "act"].map((name) =>
    engineCase(
      `what a function gives to calls is taken as it is then: ${name}`,
      async (engine) => {
        const kind = name === "act" ? "action" : "mutation";
        await engine.run(kind, `counts:${name}`, {});
        assertEquals(await engine.query("counts:all", {}), [1, 2, 3]);
        assertEquals(await engine.query("counts:scheduled", {}), [1, 2, 3]);
        assertEquals(await engine.query("counts:ask", {}), [1, 2, 3]);
      },
      options,
    )
  ),
  engineCase(
    "what is given to a call from outside is taken as it is then",
    async (engine) => {
      const count = { n: 1 };
      const put = engine.mutation("late:put", count);
      count.n = 2;
      await put;
      assertEquals(await engine.query("counts:all", {}), [1]);
    },
    options,
  ),
  engineCase(
    "what holds itself in several places, or is very long, is refused, and does not hang",
    async (engine) => {
      for (const isLong of [false, true]) {
        const isTaken = await engine.mutation("counts:tangle", { isLong });
        assertEquals(isTaken, [false, false, false, false]);
      }
    },
    options,
  ),
  engineCase(
    "a query that a mutation has called sees nothing of what that writes meanwhile",
    async (engine) => {
      const id = await engine.mutation("counts:add", {});
      assertEquals(await engine.mutation("counts:beside", { id }), [0, 0]);
    },
    options,
  ),
  engineCase(
    "a caller that catches a ConvexError with data that are not a value gets an error that says so",
    async (engine) => {
      const caught = await engine.mutation("counts:caught", {}) as unknown[];
      assertEquals(caught[0], false);
      assertMatch(String(caught[1]), /is not a supported Convex type/);
    },
    options,
  ),
  engineCase(
    "a frozen ConvexError reaches every caller with its data",
    async (engine) => {
      assertEquals(await engine.mutation("counts:wentBelow", {}), "gone");
      const error = await assertRejects(
        () => engine.mutation("counts:gone", {}),
      );
      assertEquals((error as ConvexError<string>).data, "gone");
    },
    options,
  ),
];
