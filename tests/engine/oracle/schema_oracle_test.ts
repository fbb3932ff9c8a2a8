// deno-lint-ignore-file no-explicit-any -- schemas and queries are data here
/** A file that is opened with one random schema after another, against plain arrays. */
import { assertEquals } from "@std/assert";
import {
  actionGeneric,
  defineSchema,
  defineTable,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { compareValues, v, type Value } from "convex/values";
import { openEngine } from "../../../src/engine/engine.ts";
import { openSqliteStore } from "../../../src/store/sqlite_store.ts";
import {
  type Random,
  seededRandom,
} from "../../../src/testing/support/random.ts";
import { overSeeds } from "../../support/test_env.ts";

type Doc = { tag: number; [field: string]: Value };
interface Plan {
  indexes: { [name: string]: string[] };
  /** Filter field of the text index, and its dimensions of the vector index; absent: there is none. */
  text?: string;
  dimensions?: number;
}

const paths = ["a", "b", "c.x"];
const values = [undefined, null, 1, 3n, "x", true, [1], { x: 1 }];
const words = ["red", "green", "redder", "blue"];

const modules = {
  m: {
    insert: mutationGeneric((ctx: any, { doc }: any) =>
      ctx.db.insert("docs", doc)
    ),
    remove: mutationGeneric(async (ctx: any, { tag }: any) => {
      const found = await ctx.db.query("docs")
        .filter((q: any) => q.eq(q.field("tag"), tag)).first();
      await ctx.db.delete(found._id);
    }),
    all: queryGeneric((ctx: any) => ctx.db.query("docs").collect()),
    range: queryGeneric((ctx: any, { index, path, equal }: any) =>
      ctx.db.query("docs").withIndex(
        index,
        (q: any) => path ? q.eq(path, equal?.value) : q,
      ).collect()
    ),
    search: queryGeneric((ctx: any, { text, path, equal }: any) =>
      ctx.db.query("docs").withSearchIndex(
        "by_text",
        (q: any) => q.search("text", text).eq(path, equal?.value),
      ).collect()
    ),
    nearest: actionGeneric(async (ctx: any, { vector }: any): Promise<any> => {
      const limit = 256;
      const found = await ctx.vectorSearch("docs", "by_vector", {
        vector,
        limit,
      });
      const all = await ctx.runQuery(makeFunctionReference<"query">("m:all"));
      return all.filter(({ _id }: any) =>
        found.some((one: any) => one._id === _id)
      );
    }),
  },
};

Deno.test("oracle: whatever schemas a file is opened with, one after another, its indexes have what its documents say", () =>
  overSeeds(60, compare));

async function compare(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const directory = await Deno.makeTempDir();
  let docs: Doc[] = [];
  try {
    for (let round = 0, tag = 0; round < 8; round++) {
      const { schema, plan } = randomSchema(random);
      const path = `${directory}/a.db`;
      const store = openSqliteStore({ path, durability: "off" });
      const engine = openEngine({ schema, modules, store });
      try {
        await compareReads(random, engine, docs, plan);
        for (let count = random.below(8); count > 0; count--) {
          const doc = randomDoc(random, tag++);
          await engine.mutation("m:insert", { doc });
          docs.push(doc);
        }
        if (docs.length > 0 && random.below(2) === 0) {
          const { tag } = random.pick(docs);
          await engine.mutation("m:remove", { tag });
          docs = docs.filter((doc) => doc.tag !== tag);
        }
        await compareReads(random, engine, docs, plan);
      } finally {
        await engine.close();
      }
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function compareReads(
  random: Random,
  engine: ReturnType<typeof openEngine>,
  docs: readonly Doc[],
  { indexes, text, dimensions }: Plan,
): Promise<void> {
  const tags = (found: unknown) => (found as Doc[]).map(({ tag }) => tag);
  const value = random.pick(values);
  const equal = value === undefined ? {} : { equal: { value } };
  const isEqual = (path: string) => (doc: Doc) =>
    compareValues(at(doc, path), value) === 0;
  assertEquals(tags(await engine.query("m:all", {})), tags(docs));
  for (const [index, fields] of Object.entries(indexes)) {
    const sorted = docs.toSorted((one, other) =>
      fields.map((path) => compareValues(at(one, path), at(other, path)))
        .find((order) => order !== 0) ?? 0
    );
    assertEquals(tags(await engine.query("m:range", { index })), tags(sorted));
    const path = fields[0]!;
    assertEquals(
      tags(await engine.query("m:range", { index, path, ...equal })),
      tags(sorted.filter(isEqual(path))),
    );
  }
  if (text !== undefined) {
    const args = { text: random.pick([...words, "re"]), path: text, ...equal };
    const isFound = (doc: Doc) =>
      typeof doc.text === "string" &&
      doc.text.split(" ").some((word) => word.startsWith(args.text));
    const found = tags(await engine.query("m:search", args));
    const expected = docs.filter(isFound).filter(isEqual(text));
    assertEquals(found.sort((a, b) => a - b), tags(expected));
  }
  if (dimensions !== undefined) {
    const vector = [1, 2, 3].slice(0, dimensions);
    const isIndexed = (doc: Doc) =>
      Array.isArray(doc.vector) && doc.vector.length === dimensions;
    assertEquals(
      tags(await engine.action("m:nearest", { vector })),
      tags(docs.filter(isIndexed)),
    );
  }
}

function at(doc: Value, path: string): Value | undefined {
  const [name, ...rest] = path.split(".");
  const member = (doc as { [name: string]: Value })[name!];
  if (rest.length === 0) return member;
  const isObject = typeof member === "object" && member !== null &&
    !Array.isArray(member);
  return isObject ? at(member, rest.join(".")) : undefined;
}

function randomSchema(random: Random) {
  const any = v.optional(v.any());
  const fields = { tag: v.number(), a: any, b: any, c: any };
  const plan: Plan = { indexes: {} };
  let table: any = random.below(2) === 0
    ? defineTable(v.any())
    : defineTable({ ...fields, text: any, vector: any });
  for (let count = random.below(4); count > 0; count--) {
    const first = random.below(3);
    const chosen = [...paths.slice(first), ...paths.slice(0, first)]
      .slice(0, 1 + random.below(3));
    const name = `i${random.below(4)}`;
    const isThere = Object.values(plan.indexes)
      .some((fields) => `${fields}` === `${chosen}`);
    if (plan.indexes[name] || isThere) continue;
    table = table.index(name, plan.indexes[name] = chosen);
  }
  if (random.below(2) === 0) {
    const filterFields = [plan.text = random.pick(paths)];
    const searchField = "text";
    table = table.searchIndex("by_text", { searchField, filterFields });
  }
  if (random.below(2) === 0) {
    const dimensions = plan.dimensions = 2 + random.below(2);
    const vectorField = "vector";
    table = table.vectorIndex("by_vector", { vectorField, dimensions });
  }
  return { schema: defineSchema({ docs: table }), plan };
}

function randomDoc(random: Random, tag: number): Doc {
  const text = Array.from({ length: 3 }, () => random.pick(words)).join(" ");
  const choices: { [field: string]: (Value | undefined)[] } = {
    a: values,
    b: values,
    c: [undefined, 1, { x: 1 }, { x: "x" }, {}],
    text: [undefined, text, text, 5],
    vector: [undefined, [1, 2], [1, 2, 3], ["x"], 7],
  };
  const doc: Doc = { tag };
  for (const [field, all] of Object.entries(choices)) {
    const value = random.pick(all);
    if (value !== undefined) doc[field] = value;
  }
  return doc;
}
