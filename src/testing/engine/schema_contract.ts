import { assertEquals, assertStringIncludes } from "@std/assert";
import { assertRefused, type EngineSubject, SpyStore } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Parts of a table `t` that Convex would refuse to deploy, and a part of each error message. */
const wrongTables: [
  name: string,
  parts: { [part: string]: unknown },
  ...texts: string[],
][] = [
  [
    "an index named like one that every table has",
    { indexes: [index("by_creation_time", "a")] },
    "t.by_creation_time",
    "reserved",
  ],
  [
    "two indexes of one name",
    {
      indexes: [index("one", "a")],
      searchIndexes: [search("one", "b")],
    },
    "t.one",
    "twice",
  ],
  [
    "a staged index named like another",
    { indexes: [index("one", "a")], stagedDbIndexes: [index("one", "b")] },
    "t.one",
    "twice",
  ],
  [
    "a staged search index over what is no path",
    { stagedSearchIndexes: [search("one", "a..b")] },
    '"a..b"',
  ],
  ["an index without fields", { indexes: [index("none")] }, "no fields"],
  [
    "an index that names a field twice",
    { indexes: [index("one", "a", "b", "a")] },
    '"a" twice',
  ],
  [
    "an index of ids",
    { indexes: [index("one", "a", "_id")] },
    "t.one",
    "`_id` is not a valid index field",
  ],
  [
    "an index that names the time, which every index ends with",
    { indexes: [index("one", "a", "_creationTime")] },
    "t.one",
    "`_creationTime` is automatically added to the end of each index",
  ],
  [
    "an index over a field that begins with an underscore",
    { indexes: [index("one", "a._b")] },
    "Reserved fields (starting with `_`) are not allowed in indexes, got a._b",
  ],
  [
    "an index over what is no path",
    { indexes: [index("one", "a..b")] },
    '"a..b"',
  ],
  [
    "an index of 17 fields",
    { indexes: [index("one", ...names("f", 17))] },
    "t.one has 17 fields, the limit is 16",
  ],
  [
    "65 indexes",
    { indexes: names("i", 65).map((name) => index(name, "a")) },
    '"t" has 65 indexes, the limit is 64',
  ],
  [
    "a search index with 17 filter fields",
    { searchIndexes: [search("one", "a", ...names("f", 17))] },
    "17 filter fields",
  ],
  [
    "a search index that filters on a field twice",
    { searchIndexes: [search("one", "a", "b", "b")] },
    '"b" twice',
  ],
  ...[1, 4097, 2.5].map((dimensions) =>
    [
      `vectors of ${dimensions} dimensions`,
      {
        vectorIndexes: [{
          indexDescriptor: "one",
          vectorField: "v",
          dimensions,
          filterFields: [],
        }],
      },
      "from 2 to 4096",
      `got ${dimensions}`,
    ] as [string, { [part: string]: unknown }, ...string[]]
  ),
];

function index(indexDescriptor: string, ...fields: string[]) {
  return { indexDescriptor, fields };
}

function search(
  indexDescriptor: string,
  searchField: string,
  ...filterFields: string[]
) {
  return { indexDescriptor, searchField, filterFields };
}

function names(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${letter}${at}`);
}

function vector(indexDescriptor: string, vectorField: string) {
  return { indexDescriptor, vectorField, dimensions: 2, filterFields: [] };
}

interface Ctx {
  db: {
    insert(table: string, document: object): Promise<string>;
    query(table: string): {
      withIndex(name: string): { collect(): Promise<object[]> };
      withSearchIndex(
        name: string,
        filter: (q: { search(field: string, text: string): object }) => object,
      ): { collect(): Promise<object[]> };
    };
  };
  vectorSearch(
    table: string,
    index: string,
    query: { vector: number[] },
  ): Promise<object[]>;
}

/** Functions that count the entries of each of three indexes. */
const stagedModule = {
  add: {
    isMutation: true,
    isPublic: true,
    _handler: ({ db }: Ctx) => db.insert("t", { a: "word", v: [1, 0] }),
  },
  byA: {
    isQuery: true,
    isPublic: true,
    _handler: async ({ db }: Ctx) =>
      (await db.query("t").withIndex("by_a").collect()).length,
  },
  byText: {
    isQuery: true,
    isPublic: true,
    _handler: async ({ db }: Ctx) =>
      (await db.query("t").withSearchIndex(
        "by_text",
        (q) => q.search("a", "word"),
      ).collect()).length,
  },
  byV: {
    isAction: true,
    isPublic: true,
    _handler: async (ctx: Ctx) =>
      (await ctx.vectorSearch("t", "by_v", { vector: [1, 0] })).length,
  },
};

/** Schemas as `defineSchema` would export them. */
function schemaOf(parts: { [part: string]: unknown }): object {
  const table = {
    tableName: "t",
    indexes: [],
    searchIndexes: [],
    vectorIndexes: [],
    documentType: { type: "any" },
    ...parts,
  };
  return {
    export: () => JSON.stringify({ tables: [table], schemaValidation: true }),
  };
}

/** Schemas that an engine refuses to open with. */
export const engineSchemaContract: ContractCase<EngineSubject>[] = [
  ...wrongTables.map(([name, parts, ...texts]) => ({
    name: `a schema is refused for ${name}`,
    run: async (subject: EngineSubject) => {
      await assertRefused(
        // deno-lint-ignore require-await -- what it throws becomes a rejection
        async () => subject.open({ schema: schemaOf(parts) }),
        "INVALID_SCHEMA",
        ...texts,
      );
    },
  })),
  {
    name:
      "a staged index cannot be queried, and holds what was written once it is one of the others",
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      const staged = subject.open({
        store,
        modules: { staged: stagedModule },
        schema: schemaOf({
          stagedDbIndexes: [index("by_a", "a")],
          stagedSearchIndexes: [search("by_text", "a")],
          stagedVectorIndexes: [vector("by_v", "v")],
        }),
      });
      await staged.mutation("staged:add", {});
      for (const name of ["byA", "byText"]) {
        await assertRefused(
          staged.query(`staged:${name}`, {}),
          "INDEX_NOT_FOUND",
          "is currently backfilling and not available to query yet",
        );
      }
      await assertRefused(
        staged.action("staged:byV", {}),
        "INDEX_NOT_FOUND",
        "Index t.by_v is currently backfilling",
      );
      await staged.close();
      const engine = subject.open({
        store,
        modules: { staged: stagedModule },
        schema: schemaOf({
          indexes: [index("by_a", "a")],
          searchIndexes: [search("by_text", "a")],
          vectorIndexes: [vector("by_v", "v")],
        }),
      });
      assertEquals(await engine.query("staged:byA", {}), 1);
      assertEquals(await engine.query("staged:byText", {}), 1);
      assertEquals(await engine.action("staged:byV", {}), 1);
      await engine.close();
      store.closeReally();
    },
  },
  {
    name: "a component may be named like what every object has",
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      const component = "constructor";
      for (const count of [1, 2]) {
        const engine = subject.open({
          store,
          components: { [component]: { modules: { staged: stagedModule } } },
        });
        await engine.run("mutation", "staged:add", {}, { component });
        assertEquals(engine.tableSize("t", component), count);
        await engine.close();
        // Listed in the store, not beside what is inherited.
        assertStringIncludes(store.get("m")!, component);
        assertEquals(Object.keys(Object), []);
      }
      store.closeReally();
    },
  },
  {
    name: "a schema may go as far as Convex allows",
    async run(subject) {
      const engine = subject.open({
        schema: schemaOf({
          indexes: names("i", 63).map((name, at) =>
            index(name, ...names("f", at % 16 + 1))
          ),
          searchIndexes: [search("text", "a", ...names("f", 16))],
        }),
      });
      await engine.close();
    },
  },
];
