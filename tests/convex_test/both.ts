import { convexTest as theirs } from "convex-test";
import {
  defineSchema,
  defineTable,
  type GenericDataModel,
  type GenericMutationCtx,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import {
  convexTest as ours,
  type TestConvexRoot,
} from "../../src/convex_test/compat.ts";

/** `t`, with tables of no type. */
export type Test = TestConvexRoot<GenericDataModel>;
/** `ctx` of `t.run`. */
export type Ctx = Parameters<Parameters<Test["run"]>[0]>[0];

const notes = {
  add: mutationGeneric({
    args: { owner: v.string(), rank: v.optional(v.number()) },
    handler: (ctx, args) => ctx.db.insert("notes", args),
  }),
  get: queryGeneric({
    args: { id: v.id("notes") },
    handler: (ctx, { id }) => ctx.db.get(id),
  }),
  echo: queryGeneric({ handler: (_ctx, args) => args }),
  text: queryGeneric({
    args: { value: v.any() },
    returns: v.string(),
    handler: (_ctx, { value }) => value,
  }),
  store: mutationGeneric({
    args: { count: v.number() },
    handler: async (ctx, { count }) => {
      for (let at = 0; at < count; at++) {
        await ctx.storage.store(new Blob(["a file"]));
      }
    },
  }),
  list: { of: "notes" },
  plain: () => "plain",
  fail: mutationGeneric(() => Promise.reject(new TypeError("it fails"))),
};

const schema = defineSchema({
  notes: defineTable({
    owner: v.string(),
    rank: v.optional(v.number()),
    kind: v.optional(v.union(v.literal("a"), v.object({ n: v.number() }))),
    deep: v.optional(v.object({ list: v.array(v.int64()) })),
  }).index("by_owner_rank", ["owner", "rank"]),
  links: defineTable({ note: v.id("notes") }),
  things: defineTable(v.any())
    .index("by_a", ["a"])
    .index("by_a_b", ["a", "b"])
    .index("by_nested", ["o.x.y"])
    .searchIndex("search_a", { searchField: "a", filterFields: ["n"] }),
});

const modules = {
  "./_generated/api.ts": () => Promise.resolve({}),
  "./notes.ts": () => Promise.resolve(notes),
};

/** The same empty backend in `convex-test` and here. */
export function makeBoth(): { theirs: Test; ours: Test } {
  const options = { schema, modules };
  return {
    theirs: theirs(options) as unknown as Test,
    ours: ours(options) as unknown as Test,
  };
}

/** What a function gives, or its error's class and text, and the text of what that comes from. */
export async function outcomeOf(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    const { constructor, name, message, cause } = error as Error;
    const from = cause instanceof Error ? cause.message : cause;
    return { thrown: [constructor.name, name, message, from] };
  }
}

/** `ctx.db` that writes. */
export type Db = GenericMutationCtx<GenericDataModel>["db"];
