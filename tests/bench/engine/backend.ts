/** What the bench runs: plain Convex functions, the same for every engine. */
import {
  type ActionBuilder,
  actionGeneric,
  type DataModelFromSchemaDefinition,
  defineSchema,
  defineTable,
  type MutationBuilder,
  mutationGeneric,
  paginationOptsValidator,
  type QueryBuilder,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";

const item = {
  key: v.string(),
  group: v.string(),
  rank: v.number(),
  text: v.string(),
};
const vector = {
  label: v.string(),
  embedding: v.array(v.float64()),
};

export const DIMENSIONS = 768;

export const schema = defineSchema({
  items: defineTable(item)
    .index("by_key", ["key"])
    .index("by_group_rank", ["group", "rank"])
    .searchIndex("by_text", { searchField: "text", filterFields: ["group"] }),
  /** The same with two indexes only. */
  plain: defineTable(item)
    .index("by_key", ["key"])
    .index("by_group_rank", ["group", "rank"]),
  vectors: defineTable(vector)
    .vectorIndex("by_embedding", {
      vectorField: "embedding",
      dimensions: DIMENSIONS,
      filterFields: ["label"],
    }),
});

type DataModel = DataModelFromSchemaDefinition<typeof schema>;
const query = queryGeneric as QueryBuilder<DataModel, "public">;
const mutation = mutationGeneric as MutationBuilder<DataModel, "public">;
const action = actionGeneric as ActionBuilder<DataModel, "public">;

export const insertItems = mutation({
  args: { items: v.array(v.object(item)) },
  handler: async (ctx, { items }) => {
    const ids = [];
    for (const one of items) ids.push(await ctx.db.insert("items", one));
    return ids;
  },
});

export const insertPlain = mutation({
  args: { items: v.array(v.object(item)) },
  handler: async (ctx, { items }) => {
    for (const one of items) await ctx.db.insert("plain", one);
  },
});

export const insertOne = mutation({
  args: item,
  handler: (ctx, args) => ctx.db.insert("plain", args),
});

export const insertVectors = mutation({
  args: { vectors: v.array(v.object(vector)) },
  handler: async (ctx, { vectors }) => {
    for (const one of vectors) await ctx.db.insert("vectors", one);
  },
});

/** What a call costs that reads nothing. */
export const nothing = query({ args: {}, handler: () => null });

export const get = query({
  args: { id: v.id("items") },
  handler: (ctx, { id }) => ctx.db.get(id),
});

export const unique = query({
  args: { key: v.string() },
  handler: (ctx, { key }) =>
    ctx.db.query("items").withIndex("by_key", (q) => q.eq("key", key))
      .unique(),
});

export const take = query({
  args: { group: v.string(), from: v.number() },
  handler: (ctx, { group, from }) =>
    ctx.db.query("items").withIndex(
      "by_group_rank",
      (q) => q.eq("group", group).gte("rank", from),
    ).take(10),
});

export const page = query({
  args: {
    group: v.string(),
    from: v.number(),
    paginationOpts: paginationOptsValidator,
  },
  handler: (ctx, { group, from, paginationOpts }) =>
    ctx.db.query("items").withIndex(
      "by_group_rank",
      (q) => q.eq("group", group).gte("rank", from),
    ).paginate(paginationOpts),
});

export const scan = query({
  args: {
    index: v.union(
      v.literal("by_creation_time"),
      v.literal("by_key"),
      v.literal("by_group_rank"),
    ),
    paginationOpts: paginationOptsValidator,
  },
  handler: async (ctx, { index, paginationOpts }) => {
    const { isDone, continueCursor } = await ctx.db.query("items")
      .withIndex(index).paginate(paginationOpts);
    return { isDone, continueCursor };
  },
});

export const search = query({
  args: { text: v.string() },
  handler: (ctx, { text }) =>
    ctx.db.query("items").withSearchIndex(
      "by_text",
      (q) => q.search("text", text),
    ).take(10),
});

export const readTwenty = mutation({
  args: { keys: v.array(v.string()) },
  handler: async (ctx, { keys }) => {
    let sum = 0;
    for (const key of keys) {
      const found = await ctx.db.query("items").withIndex(
        "by_key",
        (q) => q.eq("key", key),
      ).unique();
      sum += found!.rank;
    }
    return sum;
  },
});

export const near = action({
  args: { vector: v.array(v.float64()), label: v.optional(v.string()) },
  handler: (ctx, { vector, label }) =>
    ctx.vectorSearch("vectors", "by_embedding", {
      vector,
      limit: 10,
      ...(label === undefined ? {} : { filter: (q) => q.eq("label", label) }),
    }),
});
