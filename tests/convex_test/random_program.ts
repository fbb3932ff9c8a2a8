import type { Random } from "../../src/testing/support/random.ts";
import { type Ctx, type Db, outcomeOf, type Test } from "./both.ts";

type Query = ReturnType<Db["query"]>;
type FilterQ = Parameters<Parameters<Query["filter"]>[0]>[0];
type Operand = Parameters<FilterQ["eq"]>[0];
/** The `q` of `withIndex`, whatever it still allows. */
interface RangeQ {
  [method: string]: (field: string, value: unknown) => RangeQ;
}
type Document = { [field: string]: unknown } | null | undefined;

const VALUES = [
  0,
  1,
  2,
  3,
  -1,
  0.5,
  "a",
  "b",
  "",
  null,
  undefined,
  true,
  false,
  1n,
  -2n,
  [1],
  [],
  { x: 1 },
];
const INDEX_FIELDS: { [index: string]: string[] } = {
  by_a: ["a"],
  by_a_b: ["a", "b"],
  by_nested: ["o.x.y"],
  by_creation_time: [],
};

/** Transactions and pages, all drawn before the first of them runs; gives what each step gave. */
export function randomProgram(random: Random): (t: Test) => Promise<unknown[]> {
  const transactions = Array.from({ length: 4 }, () => ({
    steps: Array.from({ length: 8 }, () => randomStep(random)),
    fails: random.below(6) === 0,
  }));
  const paging = randomQuery(random);
  const numItems = 1 + random.below(4);
  return async (t) => {
    const ids: string[] = [];
    const out: unknown[] = [];
    for (const { steps, fails } of transactions) {
      const end = await outcomeOf(() =>
        t.run(async (ctx) => {
          for (const step of steps) {
            out.push(await outcomeOf(() => step(ctx, ids)));
          }
          if (fails) throw new Error("rolled back");
          return null;
        })
      );
      out.push(end, await outcomeOf(() => pagesOf(t, paging, numItems)));
    }
    return out;
  };
}

async function pagesOf(
  t: Test,
  make: (db: Db) => Query,
  numItems: number,
): Promise<unknown[]> {
  const pages: unknown[] = [];
  let cursor: string | null = null;
  while (pages.length < 20) {
    const page: Awaited<ReturnType<Query["paginate"]>> = await t.query((ctx) =>
      make(ctx.db as Db).paginate({ numItems, cursor })
    );
    pages.push([page.page, page.isDone, page.pageStatus]);
    if (page.isDone) break;
    cursor = page.continueCursor;
  }
  return pages;
}

type Step = (ctx: Ctx, ids: string[]) => Promise<unknown>;

function randomStep(random: Random): Step {
  const place = random.below(1000);
  const idOf = (ids: string[]) => ids[place % ids.length] as never;
  const document = randomDocument(random);
  const kind = random.below(10);
  if (kind < 4) {
    return async ({ db }, ids) => ids.push(await db.insert("things", document));
  }
  if (kind === 4) {
    const change = { [random.pick(["a", "b"])]: random.pick(VALUES) };
    return ({ db }, ids) => db.patch(idOf(ids), change as never);
  }
  if (kind === 5) {
    return ({ db }, ids) => db.replace(idOf(ids), document as never);
  }
  if (kind === 6) return ({ db }, ids) => db.delete(idOf(ids));
  const make = randomQuery(random);
  const count = random.below(4);
  const read = random.pick(["collect", "first", "unique", "take", "iterate"]);
  return async ({ db }) => {
    const query = make(db);
    if (read === "take") return await query.take(count);
    if (read !== "iterate") {
      return await query[read as "collect" | "first" | "unique"]();
    }
    const found: Document[] = [];
    for await (const document of query) {
      if (found.push(document) > count) break;
    }
    return found;
  };
}

function randomDocument(random: Random): { [field: string]: never } {
  const document: { [field: string]: unknown } = {
    a: random.pick(VALUES),
    n: random.below(10),
  };
  if (random.below(3)) document.b = random.pick(VALUES);
  if (random.below(2)) {
    document.o = { x: random.below(2) ? { y: random.below(3) } : 1 };
  }
  return document as { [field: string]: never };
}

function randomQuery(random: Random): (db: Db) => Query {
  if (random.below(4) === 0) return randomSearch(random);
  const index = random.pick(Object.keys(INDEX_FIELDS));
  const range = randomRange(random, INDEX_FIELDS[index]!);
  const order = random.pick(["asc", "desc"] as const);
  const filter = random.below(2) ? randomFilter(random, 2) : undefined;
  return (db) => {
    const query = db.query("things")
      .withIndex(index as never, range as never).order(order);
    return (filter ? query.filter(filter as never) : query) as Query;
  };
}

/** Of words that few documents have. */
function randomSearch(random: Random): (db: Db) => Query {
  const words = random.pick(["a", "b", "A b", "zz"]);
  const n = random.below(2) ? random.below(10) : undefined;
  const filter = random.below(3) ? undefined : randomFilter(random, 1);
  return (db) => {
    const query = db.query("things").withSearchIndex("search_a", (q) => {
      const found = q.search("a", words);
      return n === undefined ? found : found.eq("n", n as never);
    });
    return (filter ? query.filter(filter as never) : query) as unknown as Query;
  };
}

/** Mostly one that is allowed. */
function randomRange(random: Random, fields: string[]): (q: RangeQ) => RangeQ {
  const terms: [method: string, field: string, value: unknown][] = [];
  const equalities = random.below(fields.length + 1);
  for (const field of fields.slice(0, equalities)) {
    terms.push(["eq", field, random.pick(VALUES)]);
  }
  const next = fields[equalities];
  if (next && random.below(2)) {
    terms.push([random.pick(["gt", "gte"]), next, random.pick(VALUES)]);
  }
  if (next && random.below(2)) {
    terms.push([random.pick(["lt", "lte"]), next, random.pick(VALUES)]);
  }
  if (random.below(12) === 0) {
    terms.push([random.pick(["eq", "gt", "lt"]), random.pick(["a", "b"]), 1]);
  }
  return (q) =>
    terms.reduce((built, [method, ...args]) => built[method]!(...args), q);
}

function randomFilter(
  random: Random,
  depth: number,
): (q: FilterQ) => Operand {
  const kind = depth === 0 ? 0 : random.below(6);
  const inner = Array.from(
    { length: depth === 0 ? 0 : 2 },
    () => randomFilter(random, depth - 1),
  );
  const parts = (q: FilterQ) => inner.map((make) => make(q)) as boolean[];
  if (kind === 1) return (q) => q.and(...parts(q)) as Operand;
  if (kind === 2) return (q) => q.or(...parts(q)) as Operand;
  if (kind === 3) return (q) => q.not(parts(q)[0]!) as Operand;
  if (kind === 4) {
    const sum = random.pick(["add", "sub", "mul", "div", "mod"] as const);
    const [by, result] = [1 + random.below(3), random.below(5)];
    return (q) => q.eq(q[sum](q.field("n") as never, by), result) as Operand;
  }
  const compare = random.pick(
    ["eq", "neq", "lt", "lte", "gt", "gte"] as const,
  );
  const field = random.pick(["a", "b", "n", "o.x.y", "_creationTime"]);
  const value = random.pick(VALUES) as Operand;
  return (q) =>
    q[compare as "eq"](q.field(field) as never, value as never) as Operand;
}
