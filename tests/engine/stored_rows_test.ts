import { assertEquals } from "@std/assert";
import {
  defineSchema,
  defineTable,
  mutationGeneric as mutation,
  queryGeneric as query,
} from "convex/server";
import { v } from "convex/values";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { settled } from "../../src/testing/engine/subject.ts";

const SIZE = 150;

const schema = defineSchema({
  docs: defineTable({ rank: v.number(), by: v.optional(v.string()) })
    .index("by_rank", ["rank"]),
});

type Order = "asc" | "desc";
interface Doc {
  _id: string;
  rank: number;
  by?: string;
}

// deno-lint-ignore no-explicit-any -- a context of any schema
const rowsOf = (ctx: any, index: string, order: Order) =>
  ctx.db.query("docs").withIndex(index).order(order);

const modules = {
  docs: {
    fill: mutation({
      handler: async (ctx) => {
        for (let rank = 0; rank < SIZE; rank++) {
          await ctx.db.insert("docs", { rank });
        }
      },
    }),
    read: query({
      handler: async (
        ctx,
        { index, order, from }: { index: string; order: Order; from: number },
      ) => {
        const isHigh = rowsOf(ctx, index, order)
          // deno-lint-ignore no-explicit-any -- the same
          .filter((q: any) => q.gte(q.field("rank"), from));
        const page = { numItems: SIZE, cursor: null };
        const one = [];
        for await (const doc of rowsOf(ctx, index, order)) {
          if (doc.rank >= from) one.push(doc);
        }
        return {
          collected: await isHigh.collect(),
          one,
          page: (await rowsOf(ctx, index, order).paginate(page)).page
            .filter(({ rank }: Doc) => rank >= from),
        };
      },
    }),
    /** Begins to write in the middle of a table that it walks over, ahead of its place and behind it. */
    walk: mutation({
      handler: async (ctx, { order }: { order: Order }) => {
        const step = order === "asc" ? 1 : -1;
        const ids = new Map<number, string>();
        for (
          const { _id, rank } of await rowsOf(ctx, "by_rank", "asc").collect()
        ) {
          ids.set(rank, _id);
        }
        const seen: (number | string)[] = [];
        for await (const { _id, rank, by } of rowsOf(ctx, "by_rank", order)) {
          seen.push(by ?? rank);
          if (rank !== 70) continue;
          await ctx.db.delete(ids.get(70 + step) as never);
          await ctx.db.patch(ids.get(70 + 2 * step) as never, { by: "ahead" });
          await ctx.db.insert("docs", { rank: 70 + 3.5 * step, by: "new" });
          await ctx.db.insert("docs", { rank: 70 - 3.5 * step, by: "behind" });
          await ctx.db.delete(_id);
        }
        return seen;
      },
    }),
    count: query({
      handler: (ctx) =>
        (ctx.db.query("docs") as unknown as { count(): Promise<number> })
          .count(),
    }),
    /** Takes a few rows after it has moved, removed and added some. */
    takeChanged: mutation({
      handler: async (ctx, { order }: { order: Order }) => {
        const at = (rank: number) =>
          ctx.db.query("docs").withIndex("by_rank", (q) => q.eq("rank", rank))
            .unique();
        await ctx.db.patch((await at(10))!._id, { rank: 200 });
        await ctx.db.delete((await at(11))!._id);
        await ctx.db.insert("docs", { rank: 12.5 });
        const taken = await ctx.db.query("docs").withIndex(
          "by_rank",
          (q) => q.gt("rank", 8).lt("rank", 15),
        ).order(order).take(5);
        return [taken.map(({ rank }) => rank), await at(10), await at(12.5)];
      },
    }),
  },
};

async function check(store: SyncStore): Promise<void> {
  const engine = openEngine({ schema, modules, store });
  try {
    await engine.mutation("docs:fill", {});
    for (const index of ["by_rank", "by_creation_time", "by_id"]) {
      for (const order of ["asc", "desc"]) {
        // The second time all is in memory.
        for (const from of [0, 100, 100]) {
          const ranks = [...Array(SIZE).keys()].slice(from);
          if (order === "desc") ranks.reverse();
          const read = await engine.query("docs:read", { index, order, from });
          for (const [how, docs] of Object.entries(read as object)) {
            const found = docs.map(({ rank }: Doc) => rank);
            assertEquals(found, ranks, `${how} ${index} ${order} ${from}`);
          }
        }
      }
    }
    assertEquals(await engine.mutation("docs:walk", { order: "asc" }), [
      ...Array(71).keys(),
      "ahead",
      73,
      "new",
      ...Array.from({ length: SIZE - 74 }, (_, at) => 74 + at),
    ]);
  } finally {
    await engine.close();
  }
}

Deno.test("a table is read alike whole, by pages and one by one, also while it is written to", async () => {
  await check(openMemoryStore());
  const directory = await Deno.makeTempDir();
  try {
    await check(openSqliteStore({ path: `${directory}/a.db` }));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a walk down a table sees what is written below it", async () => {
  const engine = openEngine({ schema, modules, store: openMemoryStore() });
  await engine.mutation("docs:fill", {});
  assertEquals(await engine.mutation("docs:walk", { order: "desc" }), [
    ...Array.from({ length: SIZE - 70 }, (_, at) => SIZE - 1 - at),
    "ahead",
    67,
    "new",
    ...Array.from({ length: 67 }, (_, at) => 66 - at),
  ]);
  await engine.close();
});

/** A store that notes which kinds of rows are scanned. */
function watchedStore(): { store: SyncStore; scanned: string[] } {
  const store = openSqliteStore({ path: ":memory:" });
  const scanned: string[] = [];
  const scan = store.scan.bind(store);
  store.scan = (range) => {
    scanned.push(range.start[0]!);
    return scan(range);
  };
  return { store, scanned };
}

Deno.test("a table is counted by its keys, without a look at a document", async () => {
  const { store, scanned } = watchedStore();
  const engine = openEngine({ schema, modules, store });
  await engine.mutation("docs:fill", {});
  const sizes: unknown[] = [];
  const watch = engine.watch("docs:count");
  watch.subscribe((value) => sizes.push(value));
  await settled(engine);
  scanned.length = 0;
  assertEquals(await engine.query("docs:count", {}), SIZE);
  assertEquals(scanned, []);
  await engine.mutation("docs:fill", {});
  await settled(engine);
  assertEquals(sizes, [SIZE, 2 * SIZE]);
  await engine.close();
});

for (
  const [order, ranks] of [
    ["asc", [9, 12, 12.5, 13, 14]],
    ["desc", [14, 13, 12.5, 12, 9]],
  ] as const
) {
  Deno.test(`a mutation that has written to a table finds a few of its rows by known keys, ${order}`, async () => {
    const { store, scanned } = watchedStore();
    const engine = openEngine({ schema, modules, store });
    await engine.mutation("docs:fill", {});
    const [taken, moved, added] = await engine.mutation("docs:takeChanged", {
      order,
    }) as [number[], null, Doc];
    await engine.close();
    assertEquals(taken, [...ranks]);
    assertEquals([moved, added.rank], [null, 12.5]);
    // None of an index: a scan asks the file, even for keys that were just read.
    assertEquals(scanned.filter((kind) => kind === "i"), []);
  });
}
