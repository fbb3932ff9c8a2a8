/** Searches of a mutation: what it has written itself counts as if it were committed. */
import { assert, assertEquals } from "@std/assert";
import {
  defineSchema,
  defineTable,
  type GenericMutationCtx,
  type GenericQueryCtx,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import type { SyncStore } from "../../src/store/types.ts";
import { seededRandom } from "../../src/testing/support/random.ts";

const schema = defineSchema({
  pads: defineTable({ text: v.optional(v.string()), owner: v.string() })
    .searchIndex("by_text", { searchField: "text", filterFields: ["owner"] }),
}) as unknown as { export(): string };

interface Write {
  /** Place of the document among all; a new one behind the last. */
  at: number;
  text?: string | undefined;
  owner: string;
  isGone?: boolean;
}
type Search = { text: string; owner?: string | undefined };
type Writes = { writes: Write[]; fails: boolean };

async function find(
  { db }: GenericQueryCtx<never>,
  { text, owner }: Search,
): Promise<string[]> {
  const found = await db.query("pads" as never).withSearchIndex(
    "by_text" as never,
    (q) => {
      const all = q.search("text" as never, text);
      return owner === undefined
        ? all
        : all.eq("owner" as never, owner as never);
    },
  ).take(50);
  return found.map(({ _id }: { _id: string }) => _id);
}

async function write(
  { db }: GenericMutationCtx<never>,
  writes: readonly Write[],
): Promise<void> {
  for (const { at, text, owner, isGone } of writes) {
    const all = await db.query("pads" as never).collect() as { _id: never }[];
    const there = all[at];
    if (!there) await db.insert("pads" as never, { text, owner } as never);
    else if (isGone) await db.delete(there._id);
    else await db.patch(there._id, { text, owner } as never);
  }
}

const inner = makeFunctionReference<"mutation", Writes>("pads:inner");

const pads = {
  find: queryGeneric((ctx, search: Search) => find(ctx as never, search)),
  inner: mutationGeneric(async (ctx, { writes, fails }: Writes) => {
    await write(ctx as never, writes);
    if (fails) throw new Error("no luck");
  }),
  /** Searches after each of its own writes; some are those of a function that it calls. */
  change: mutationGeneric(
    async (
      ctx,
      { searches, steps }: { searches: Search[]; steps: Writes[] },
    ) => {
      let found: string[][] = [];
      for (const step of steps) {
        await ctx.runMutation(inner, step).catch(() => {});
        found = [];
        for (const search of searches) {
          found.push(await find(ctx as never, search));
        }
      }
      return found;
    },
  ),
  look: mutationGeneric(async (ctx, { count }: { count: number }) => {
    for (let at = 0; at < count; at++) {
      await find(ctx as never, { text: `word${at}` });
      const pad = { text: `word${at}`, owner: "ada" };
      await ctx.db.insert("pads", pad);
    }
  }),
};

Deno.test("oracle: what a mutation finds after its writes is what is found when it is committed", async () => {
  const seed = Date.now();
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const words = ["red", "ready", "real", "reap", "recent", "blue", "blur"];
  const text = () =>
    Array.from({ length: random.below(5) }, () => random.pick(words)).join(" ");
  const owner = () => random.pick(["ada", "bob"]);
  const engine = openEngine({
    schema,
    modules: { pads },
    store: openMemoryStore(),
  });
  try {
    for (let turn = 0; turn < 25; turn++) {
      const steps = Array.from({ length: 3 }, (): Writes => ({
        writes: Array.from({ length: random.below(5) }, (): Write => ({
          at: random.below(14),
          text: random.below(6) === 0 ? undefined : text(),
          owner: owner(),
          isGone: random.below(4) === 0,
        })),
        fails: random.below(3) === 0,
      }));
      const searches = ["re", "r", "blu", "blue rea", "ready red bl"]
        .map((text): Search => ({
          text,
          owner: random.below(2) === 0 ? owner() : undefined,
        }));
      const found = await engine.mutation("pads:change", { searches, steps });
      const after: unknown[] = [];
      for (const search of searches) {
        after.push(await engine.query("pads:find", { ...search }));
      }
      assertEquals(found, after as typeof found);
    }
  } finally {
    await engine.close();
  }
});

Deno.test("a search of a mutation reads only what was written since the last one", async () => {
  const memory = openMemoryStore();
  let reads = 0;
  const store: SyncStore = {
    capabilities: memory.capabilities,
    get(key) {
      if (key[0] === "t") reads++;
      return memory.get(key);
    },
    scan: (range) => memory.scan(range),
    write: (ops) => memory.write(ops),
    flush: () => {},
    close: () => {},
  };
  const engine = openEngine({ schema, modules: { pads }, store });
  await engine.mutation("pads:look", { count: 100 });
  assert(reads <= 300, `${reads}`);
  await engine.close();
});
