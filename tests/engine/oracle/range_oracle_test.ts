// deno-lint-ignore-file no-explicit-any -- ranges and expressions are data here
/** Random ranges of compound indexes over values of all types, and arithmetic in filters, against plain arrays. */
import { assertEquals } from "@std/assert";
import {
  defineSchema,
  defineTable,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { compareValues, v, type Value } from "convex/values";
import { openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { openSqliteStore } from "../../../src/store/sqlite_store.ts";
import {
  type Random,
  seededRandom,
} from "../../../src/testing/support/random.ts";
import { overSeeds } from "../../support/test_env.ts";

type Field = "a" | "b.c" | "_creationTime";
interface Bound {
  op: "eq" | "gt" | "gte" | "lt" | "lte";
  field: Field;
  /** Absent: undefined. */
  value?: Value;
}
interface Question {
  index: keyof typeof indexes;
  order: "asc" | "desc";
  bounds: Bound[];
  sum?: Sum;
  take?: number;
}
/** `a op with`, compared with a value. */
interface Sum {
  op: "add" | "sub" | "mul" | "div" | "mod" | "neg";
  with: Value;
  compare: "eq" | "lt" | "gte" | "neq";
  to: Value;
}
interface Doc {
  tag: number;
  a?: Value;
  b?: Value;
  _creationTime: number;
}

const indexes = {
  by_a: ["a"],
  by_a_c: ["a", "b.c"],
  by_c_a: ["b.c", "a"],
} satisfies { [name: string]: Field[] };

const schema = defineSchema({
  docs: defineTable(v.any())
    .index("by_a", ["a"])
    .index("by_a_c", ["a", "b.c"])
    .index("by_c_a", ["b.c", "a"]),
});

const values: (Value | undefined)[] = [
  undefined,
  null,
  ...[-(2n ** 63n), -1n, 0n, 1n, 255n, 256n, 2n ** 63n - 1n],
  ...[-Infinity, -1.5, -0, 0, 1, Number.MAX_VALUE, Infinity, NaN],
  ...[false, true, "", "\0", "a", "a\0", "a\0b", "aa", "\uffff", "\u{1f600}"],
  ...[new ArrayBuffer(0), new Uint8Array([0]).buffer],
  ...[[], [null], [0], [[]], ["a", 1], {}, { c: 1 }, { c: {}, d: 2 }],
];

function read(db: any, { index, order, bounds, sum, take }: Question) {
  let query = db.query("docs").withIndex(
    index,
    (q: any) =>
      bounds.reduce(
        (range, { op, field, value }) => range[op](field, value),
        q,
      ),
  ).order(order);
  if (sum) {
    query = query.filter((q: any) => {
      const a = q.field("a");
      const { op, compare, to } = sum;
      const computed = op === "neg" ? q.neg(a) : q[op](a, sum.with);
      // Only numbers of the same type can be computed with.
      const [least, most] = typeof sum.with === "bigint"
        ? [-(2n ** 63n), 2n ** 63n - 1n]
        : [-Infinity, Infinity];
      return q.and(q.gte(a, least), q.lte(a, most), q[compare](computed, to));
    });
  }
  return take === undefined ? query.collect() : query.take(take);
}

const tagOf = ({ tag }: Doc) => tag;

async function write(db: any, { add, remove, change }: Writes): Promise<void> {
  for (const doc of add) await db.insert("docs", doc);
  const all: any[] = await db.query("docs").collect();
  for (const { _id, tag } of all) {
    if (remove.includes(tag)) await db.delete(_id);
    const fields = change.find((doc) => doc.tag === tag);
    if (fields && !remove.includes(tag)) await db.replace(_id, fields);
  }
}

interface Writes {
  add: Omit<Doc, "_creationTime">[];
  remove: number[];
  change: Omit<Doc, "_creationTime">[];
}

const modules = {
  m: {
    write: mutationGeneric(async (ctx, { writes, questions }: any) => {
      await write(ctx.db, writes);
      const found = [];
      for (const question of questions) {
        found.push((await read(ctx.db, question)).map(tagOf));
      }
      return { found, all: await ctx.db.query("docs").collect() };
    }),
    read: queryGeneric(async (ctx, { question }: any) =>
      (await read(ctx.db, question)).map(tagOf)
    ),
  },
};

Deno.test("oracle: ranges of compound indexes and arithmetic in filters give what a plain array gives", () =>
  overSeeds(60, compare));

async function compare(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const engines = [
    openMemoryStore(),
    openSqliteStore({ path: ":memory:" }),
  ].map((store) => openEngine({ schema, modules, store }));
  let next = 0;
  const randomDoc = (tag: number) => {
    const [a, c] = [random.pick(values), random.pick(values)];
    const b = random.below(4) === 0 ? random.pick(values) : toObject({ c });
    return toObject({ tag, a, b }) as unknown as Doc;
  };
  try {
    let docs: Doc[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const tags = docs.map(tagOf);
      const writes: Writes = {
        add: Array.from({ length: 40 }, () => randomDoc(next++)),
        remove: tags.filter(() => random.below(8) === 0),
        change: tags.filter(() => random.below(5) === 0).map(randomDoc),
      };
      const made = Array.from(
        { length: 12 },
        () => randomQuestion(random, docs),
      );
      const questions = made.map(toObject) as unknown as Value;
      for (const engine of engines) {
        const { found, all } = await engine.mutation("m:write", {
          writes: toObject(writes) as Value,
          questions,
        }) as unknown as { found: number[][]; all: Doc[] };
        docs = all;
        for (const [at, question] of made.entries()) {
          const expected = answer(docs, question);
          const note = Deno.inspect(question, { depth: 9 });
          assertEquals(found[at], expected, `in the mutation: ${note}`);
          const args = { question: toObject(question) as Value };
          assertEquals(await engine.query("m:read", args), expected, note);
        }
      }
    }
  } finally {
    for (const engine of engines) await engine.close();
  }
}

/** Without members that are undefined. */
function toObject(value: object): object {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  );
}

function randomQuestion(random: Random, docs: readonly Doc[]): Question {
  const index = random.pick(Object.keys(indexes) as (keyof typeof indexes)[]);
  const fields: Field[] = [...indexes[index], "_creationTime"];
  const equals = random.below(fields.length);
  const valueFor = (field: Field): Value | undefined => {
    const time = docs.length > 0 ? random.pick(docs)._creationTime : 0;
    return field === "_creationTime" ? time : random.pick(values);
  };
  const bound = (field: Field, op: Bound["op"]): Bound =>
    toObject({ op, field, value: valueFor(field) }) as Bound;
  const bounds = fields.slice(0, equals).map((field) => bound(field, "eq"));
  const last = fields[equals]!;
  if (random.below(3) > 0) bounds.push(bound(last, random.pick(["gt", "gte"])));
  if (random.below(3) > 0) bounds.push(bound(last, random.pick(["lt", "lte"])));
  return {
    index,
    order: random.pick(["asc", "desc"]),
    bounds,
    ...(random.below(3) === 0 && { sum: randomSum(random) }),
    ...(random.below(3) === 0 && { take: random.below(6) }),
  };
}

function randomSum(random: Random): Sum {
  const compare = random.pick(["eq", "lt", "gte", "neq"] as const);
  // Small ones, since integers that overflow are refused.
  const isInteger = random.below(2) === 0;
  const [op, value, to] = isInteger
    ? [
      random.pick(["mod"] as const),
      random.pick([3n, -2n, 256n]),
      random.pick([0n, 1n, -1n]),
    ]
    : [
      random.pick(["add", "sub", "mul", "div", "mod", "neg"] as const),
      random.pick([0, -0, 1.5, -2, Infinity]),
      random.pick([0, -0, 1, NaN, -Infinity, Infinity]),
    ];
  return { op, with: value, compare, to };
}

/** The answer to a question, looked for in the plainest way. */
function answer(docs: readonly Doc[], question: Question): number[] {
  const { index, order, bounds, sum, take } = question;
  const found = docs.filter((doc) =>
    bounds.every(({ op, field, value }) =>
      holds(op, compareValues(valueAt(doc, field), value))
    )
  );
  const fields: Field[] = [...indexes[index], "_creationTime"];
  found.sort((one, other) => {
    for (const field of fields) {
      const by = compareValues(valueAt(one, field), valueAt(other, field));
      if (by !== 0) return by;
    }
    return 0;
  });
  if (order === "desc") found.reverse();
  return found.filter((doc) => !sum || passes(doc, sum)).map(tagOf)
    .slice(0, take);
}

function valueAt(doc: Doc, field: Field): Value | undefined {
  if (field !== "b.c") return doc[field];
  const isObject = Object.prototype.toString.call(doc.b) === "[object Object]";
  return isObject ? (doc.b as { c?: Value }).c : undefined;
}

function holds(op: Bound["op"] | "neq", by: number): boolean {
  switch (op) {
    case "eq":
      return by === 0;
    case "neq":
      return by !== 0;
    case "gt":
      return by > 0;
    case "gte":
      return by >= 0;
    case "lt":
      return by < 0;
    default:
      return by <= 0;
  }
}

function passes({ a }: Doc, { op, with: other, compare, to }: Sum): boolean {
  // NaN lies above all other numbers.
  if (typeof a !== typeof other || Number.isNaN(a)) return false;
  const [one, two] = [a as number, other as number];
  const computed = op === "add"
    ? one + two
    : op === "sub"
    ? one - two
    : op === "mul"
    ? one * two
    : op === "div"
    ? one / two
    : op === "mod"
    ? one % two
    : -one;
  // Processors compute NaNs of several kinds, of which there is one here.
  return holds(
    compare,
    compareValues(Number.isNaN(computed) ? NaN : computed, to),
  );
}
