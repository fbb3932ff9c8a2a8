// deno-lint-ignore-file no-explicit-any -- documents are changed in ways that no type allows
import { assertEquals, assertRejects } from "@std/assert";
import {
  defineSchema,
  defineTable,
  mutationGeneric as mutation,
  queryGeneric as query,
} from "convex/server";
import { v } from "convex/values";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

const SIZE = 30;

const schema = defineSchema({
  docs: defineTable({ rank: v.any(), text: v.string(), tags: v.any() })
    .index("by_rank", ["rank"]),
});

/** What functions do with documents before they return them; beside each what comes out. */
const changes: {
  [what: string]: [(docs: any[]) => any, (docs: any[]) => any];
} = {
  nothing: [(docs) => docs, (docs) => docs],
  order: [(docs) => docs.reverse(), (docs) => docs.toReversed()],
  sort: [
    (docs) => docs.sort((a, b) => b.rank - a.rank),
    (docs) => docs.toReversed(),
  ],
  some: [
    (docs) => docs.filter(({ rank }) => rank % 3 === 1),
    (docs) => docs.filter(({ rank }) => rank % 3 === 1),
  ],
  twice: [
    ([first, second]) => [second, first, second],
    ([first, second]) => [second, first, second],
  ],
  inside: [([first]) => ({ a: { b: [first] } }), ([first]) => ({
    a: { b: [first] },
  })],
  field: [
    (docs) => docs.map((doc) => Object.assign(doc, { text: "new" })),
    (docs) => docs.map((doc) => ({ ...doc, text: "new" })),
  ],
  zero: [
    ([doc]) => Object.assign(doc, { rank: -0 }),
    ([doc]) => ({ ...doc, rank: -0 }),
  ],
  swapped: [
    ([one, other]) => {
      [one.text, other.text] = [other.text, one.text];
      return [one, other];
    },
    ([one, other]) => [
      { ...one, text: other.text },
      { ...other, text: one.text },
    ],
  ],
  more: [
    (docs) => docs.map((doc) => Object.assign(doc, { extra: 1n })),
    (docs) => docs.map((doc) => ({ ...doc, extra: 1n })),
  ],
  less: [
    (docs) => docs.map((doc) => (delete doc.text, doc)),
    (docs) => docs.map(({ text: _, ...doc }) => doc),
  ],
  undefined: [
    (docs) => docs.map((doc) => Object.assign(doc, { text: undefined })),
    (docs) => docs.map(({ text: _, ...doc }) => doc),
  ],
  tags: [
    (docs) => docs.map((doc) => (doc.tags.list.push("new"), doc)),
    (docs) =>
      docs.map((doc) => ({
        ...doc,
        tags: { list: [...doc.tags.list, "new"] },
      })),
  ],
  container: [
    (docs) => docs.map((doc) => Object.assign(doc, { text: ["new"] })),
    (docs) => docs.map((doc) => ({ ...doc, text: ["new"] })),
  ],
  symbol: [
    (docs) => docs.map((doc) => Object.assign(doc, { [Symbol()]: 1 })),
    (docs) => docs,
  ],
};

const bad: { [what: string]: (doc: any) => any } = {
  class: (doc) => Object.setPrototypeOf(doc, Date.prototype),
  halfPair: (doc) => Object.assign(doc, { text: "\ud800" }),
  name: (doc) => Object.assign(doc, { $new: 1 }),
  function: (doc) => Object.assign(doc, { text: () => {} }),
};

const kept: any[] = [];
const read = (ctx: any) => ctx.db.query("docs").withIndex("by_rank").collect();
const modules = {
  docs: {
    fill: mutation({
      handler: async (ctx) => {
        for (let rank = 0; rank < SIZE; rank++) {
          const text = `text ${rank}`;
          await ctx.db.insert("docs", { rank, text, tags: { list: ["a"] } });
        }
      },
    }),
    changed: query({
      handler: async (ctx, { what }: { what: string }) =>
        changes[what]![0](await read(ctx)),
    }),
    bad: query({
      handler: async (ctx, { what }: { what: string }) =>
        (await read(ctx)).map(bad[what]),
    }),
    keep: query({
      handler: async (ctx) => {
        const docs = await read(ctx);
        kept.push(...docs);
        return docs;
      },
    }),
    ends: query({
      handler: async (ctx) => {
        const all = () => ctx.db.query("docs").withIndex("by_rank") as any;
        const isOdd = (q: any) => q.eq(q.mod(q.field("rank"), 2), 1);
        const isHigh = (q: any) => q.gt(q.field("rank"), 9);
        const queries = [
          () => all().filter(isOdd).limit(4),
          () => all().limit(4).filter(isOdd),
          () => all().limit(14).filter(isHigh).limit(3),
          () => all().filter(isHigh).limit(6).filter(isOdd).limit(9),
          () => all().limit(9).limit(2),
          () => all().filter(isOdd).limit(0),
        ];
        const ranks = [];
        for (const some of queries) {
          const collected = await some().collect();
          const iterated = [];
          for await (const doc of some()) iterated.push(doc);
          assertEquals(collected, iterated);
          ranks.push(collected.map(({ rank }: any) => rank));
        }
        return ranks;
      },
    }),
  },
};

async function withDocs(
  run: (engine: ReturnType<typeof openEngine>, docs: any[]) => Promise<void>,
): Promise<void> {
  const engine = openEngine({ schema, modules, store: openMemoryStore() });
  try {
    await engine.mutation("docs:fill", {});
    const docs = await engine.query("docs:changed", { what: "nothing" });
    await run(engine, docs as any[]);
  } finally {
    await engine.close();
  }
}

Deno.test("what a function does to documents before it returns them is in its result, and nowhere else", () =>
  withDocs(async (engine, docs) => {
    assertEquals(docs.map(({ rank }) => rank), [...Array(SIZE).keys()]);
    for (const [what, [, expected]] of Object.entries(changes)) {
      const result = await engine.query("docs:changed", { what });
      assertEquals(result, expected(structuredClone(docs)), what);
      const now = await engine.query("docs:changed", { what: "nothing" });
      assertEquals(now, docs, `after ${what}`);
    }
    for (const what of Object.keys(bad)) {
      await assertRejects(
        () => engine.query("docs:bad", { what }),
        Error,
        undefined,
        what,
      );
    }
  }));

Deno.test("what a caller does to documents in a result does not reach the function that kept them", () =>
  withDocs(async (engine, docs) => {
    const result = await engine.query("docs:keep", {}) as any[];
    for (const doc of result) {
      doc.text = "changed outside";
      doc.tags.list.push("changed outside");
    }
    assertEquals(kept, docs);
    assertEquals(await engine.query("docs:keep", {}), docs);
  }));

Deno.test("filters and limits work on one another's rest, read at once or one by one", () =>
  withDocs(async (engine) => {
    assertEquals(await engine.query("docs:ends", {}), [
      [1, 3, 5, 7],
      [1, 3],
      [10, 11, 12],
      [11, 13, 15],
      [0, 1],
      [],
    ]);
  }));
