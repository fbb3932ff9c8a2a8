// deno-lint-ignore-file no-explicit-any -- queries are data here
import {
  defineSchema,
  defineTable,
  makeFunctionReference,
  mutationGeneric as mutation,
  queryGeneric as query,
} from "convex/server";
import { compareValues, v, type Value } from "convex/values";

/** A document; `tag` is its name. */
export interface Doc {
  tag: number;
  group: string;
  value?: Value;
  more?: Value;
}

/** A condition as data; a comparison without a value is one with undefined. */
export type Condition =
  | ["eq" | "neq" | "lt" | "lte" | "gt" | "gte", string, Value?]
  | ["and" | "or", ...Condition[]]
  | ["not", Condition];

/** What is asked for: documents of one group or of all, by value or by creation. */
export interface Question {
  by: "creation" | "value" | "group";
  group: string;
  order: "asc" | "desc";
  conditions: Condition[];
}

/** How the answer is read. */
export type Reading =
  | { how: "collect" | "first" | "iterate" }
  | { how: "take"; count: number };

/** A write. */
export type Write =
  | { op: "insert"; doc: Doc }
  | { op: "patch"; tag: number; fields: Partial<Doc>; unset: "value"[] }
  | { op: "delete"; tag: number };

/** A table with an index by value and one by group and value. */
export const schema = defineSchema({
  docs: defineTable({
    tag: v.number(),
    group: v.string(),
    value: v.optional(v.any()),
    more: v.optional(v.any()),
  }).index("by_tag", ["tag"]).index("by_value", ["value"])
    .index("by_group", ["group", "value"]),
});

function rowsOf(db: any, { by, group, order, conditions }: Question): any {
  const table = db.query("docs");
  const ordered = by === "creation"
    ? table.order(order)
    : by === "value"
    ? table.withIndex("by_value").order(order)
    : table.withIndex("by_group", (q: any) => q.eq("group", group))
      .order(order);
  return conditions.reduce(
    (rows, condition) => rows.filter((q: any) => expression(q, condition)),
    ordered,
  );
}

function expression(q: any, [op, ...operands]: Condition): any {
  if (op === "not" || op === "and" || op === "or") {
    return q[op](
      ...(operands as Condition[]).map((part) => expression(q, part)),
    );
  }
  return q[op](q.field(operands[0] as string), operands[1]);
}

/** What a condition says of a document, evaluated in the plainest way. */
export function holds(doc: Doc, [op, ...operands]: Condition): boolean {
  const parts = operands as Condition[];
  if (op === "not") return !holds(doc, parts[0]!);
  if (op === "and") return parts.every((part) => holds(doc, part));
  if (op === "or") return parts.some((part) => holds(doc, part));
  const order = compareValues(
    doc[operands[0] as keyof Doc],
    operands[1] as Value | undefined,
  );
  switch (op) {
    case "eq":
      return order === 0;
    case "neq":
      return order !== 0;
    case "lt":
      return order < 0;
    case "lte":
      return order <= 0;
    case "gt":
      return order > 0;
    default:
      return order >= 0;
  }
}

async function read(db: any, question: Question, reading: Reading) {
  const rows = rowsOf(db, question);
  switch (reading.how) {
    case "collect":
      return await rows.collect();
    case "first":
      return [await rows.first()].filter((doc) => doc !== null);
    case "take":
      return await rows.take(reading.count);
    default: {
      const all = [];
      for await (const row of rows) {
        all.push(structuredClone(row));
        // A document belongs to the reader that it was handed to: no other reader sees changes of it.
        row.tag = -1;
        if (Array.isArray(row.more)) row.more.push("changed");
      }
      return all;
    }
  }
}

async function write(db: any, writes: Write[]): Promise<void> {
  for (const one of writes) {
    if (one.op === "insert") {
      await db.insert("docs", one.doc);
      continue;
    }
    const found = await db.query("docs")
      .withIndex("by_tag", (q: any) => q.eq("tag", one.tag)).unique();
    if (!found) continue;
    if (one.op === "patch") {
      const unset = one.unset.map((name) => [name, undefined]);
      await db.patch(found._id, {
        ...one.fields,
        ...Object.fromEntries(unset),
      });
    } else await db.delete(found._id);
  }
}

/** The functions of the oracle. */
export const modules = {
  oracle: {
    write: mutation((ctx, { writes }: { writes: Write[] }) =>
      write(ctx.db, writes)
    ),
    /** Reads before, between and after writes of its own and of a mutation that it calls and that fails or not. */
    writeAndRead: mutation(async (ctx, args: any): Promise<any> => {
      const { question, reading } = args;
      const answers = [await read(ctx.db, question, reading)];
      await write(ctx.db, args.writes);
      answers.push(await read(ctx.db, question, reading));
      await ctx.runMutation(
        makeFunctionReference<"mutation">("oracle:writeOrFail"),
        { writes: args.nested, fails: args.fails },
      ).catch(() => {});
      answers.push(await read(ctx.db, question, reading));
      return answers;
    }),
    writeOrFail: mutation(async (ctx, args: any) => {
      await write(ctx.db, args.writes);
      if (args.fails) throw new Error("meant to fail");
    }),
    read: query((ctx, { question, reading }: any) =>
      read(ctx.db, question, reading)
    ),
    page: query((ctx, { question, options }: any) =>
      rowsOf(ctx.db, question).paginate(options)
    ),
  },
};
