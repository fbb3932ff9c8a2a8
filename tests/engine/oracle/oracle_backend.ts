import {
  actionGeneric as action,
  type DataModelFromSchemaDefinition,
  defineSchema,
  defineTable,
  type GenericDatabaseReader,
  makeFunctionReference,
  type MutationBuilder,
  mutationGeneric,
  type QueryBuilder,
  queryGeneric,
} from "convex/server";
import { v, type Value } from "convex/values";
import type { Order, RangeQuery, Step } from "./oracle_model.ts";

/** A table with every kind of index; `tag` is the document's name in the model. */
export const schema = defineSchema({
  docs: defineTable({
    tag: v.number(),
    group: v.string(),
    value: v.optional(v.any()),
    text: v.string(),
    vector: v.optional(v.array(v.number())),
  })
    .index("by_tag", ["tag"])
    .index("by_value", ["value"])
    .index("by_group_value", ["group", "value"])
    .searchIndex("by_text", { searchField: "text", filterFields: ["group"] })
    .vectorIndex("by_vector", {
      vectorField: "vector",
      dimensions: 4,
      filterFields: ["group"],
    }),
});

type Model = DataModelFromSchemaDefinition<typeof schema>;
const query = queryGeneric as QueryBuilder<Model, "public">;
const mutation = mutationGeneric as MutationBuilder<Model, "public">;

type Db = GenericDatabaseReader<Model>;

// deno-lint-ignore no-explicit-any -- ranges are data here
function rangeOf(db: Db, { group, low, high, order }: RangeQuery): any {
  const index = group === undefined ? "by_value" : "by_group_value";
  // deno-lint-ignore no-explicit-any -- ranges are data here
  return db.query("docs").withIndex(index, (start: any) => {
    let q = group === undefined ? start : start.eq("group", group);
    if (high) q = q[high.open ? "lt" : "lte"]("value", high.value);
    if (low) q = q[low.open ? "gt" : "gte"]("value", low.value);
    return q;
  }).order(order as Order);
}

// deno-lint-ignore no-explicit-any -- what a function's ctx holds depends on the kind
async function run(ctx: any, steps: Step[]): Promise<unknown[]> {
  const db = ctx.db;
  const results: unknown[] = [];
  const find = async (tag: number) =>
    (await db.query("docs").withIndex(
      "by_tag",
      // deno-lint-ignore no-explicit-any -- see above
      (q: any) => q.eq("tag", tag),
    ).unique())?._id;
  for (const step of steps) {
    switch (step.op) {
      case "insert":
        await db.insert("docs", step.fields);
        break;
      case "patch": {
        const id = await find(step.tag);
        if (id) {
          await db.patch(id, {
            ...step.fields,
            ...Object.fromEntries(step.unset.map((name) => [name, undefined])),
          });
        }
        break;
      }
      case "replace": {
        const id = await find(step.tag);
        if (id) await db.replace(id, { ...step.fields, tag: step.tag });
        break;
      }
      case "delete": {
        const id = await find(step.tag);
        if (id) await db.delete(id);
        break;
      }
      case "range": {
        const rows = rangeOf(db, step.range);
        const found = step.take === undefined
          ? await rows.collect()
          : await rows.take(step.take);
        results.push(found.map((doc: { tag: number }) => doc.tag));
        break;
      }
      case "scan": {
        const found = await db.query("docs").order(step.order).collect();
        results.push(found.map((doc: { tag: number }) => doc.tag));
        break;
      }
      case "search": {
        const found = await db.query("docs").withSearchIndex(
          "by_text",
          // deno-lint-ignore no-explicit-any -- see above
          (q: any) => {
            const search = q.search("text", step.text);
            return step.group === undefined
              ? search
              : search.eq("group", step.group);
          },
        ).collect();
        results.push(found.map((doc: { tag: number }) => doc.tag));
        break;
      }
      case "nested":
        try {
          results.push(
            await ctx.runMutation(
              makeFunctionReference<"mutation">("oracle:script"),
              {
                steps: step.steps,
                fail: step.fail,
              },
            ),
          );
        } catch {
          results.push("rolled back");
        }
        break;
    }
  }
  return results;
}

const script = mutation({
  args: { steps: v.any(), fail: v.boolean() },
  handler: async (ctx, { steps, fail }) => {
    const results = await run(ctx, steps);
    if (fail) throw new Error("rolled back");
    return results as Value;
  },
});

const page = query({
  args: {
    range: v.any(),
    numItems: v.number(),
    cursor: v.union(v.string(), v.null()),
  },
  handler: async (ctx, { range, numItems, cursor }) => {
    const result = await rangeOf(ctx.db, range).paginate({ numItems, cursor });
    return {
      ...result,
      page: result.page.map((doc: { tag: number }) => doc.tag),
    };
  },
});

const tags = query({
  args: { ids: v.array(v.id("docs")) },
  handler: async (ctx, { ids }) =>
    (await Promise.all(ids.map((id) => ctx.db.get(id)))).map((doc) => doc!.tag),
});

const nearest = action({
  args: { vector: v.array(v.number()), group: v.optional(v.string()) },
  handler: async (ctx, { vector, group }): Promise<number[]> => {
    const found = await ctx.vectorSearch("docs", "by_vector" as never, {
      vector,
      limit: 256,
      ...(group === undefined ? {} : {
        // deno-lint-ignore no-explicit-any -- the action's ctx is untyped
        filter: (q: any) => q.eq("group", group),
      }),
    });
    return await ctx.runQuery(makeFunctionReference<"query">("oracle:tags"), {
      ids: found.map(({ _id }) => _id),
    });
  },
});

/** The functions of the oracle. */
export const modules = { oracle: { script, page, tags, nearest } };
