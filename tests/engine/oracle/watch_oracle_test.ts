/** Followed queries against the same queries asked anew, over random writes. */
import { assert, assertEquals } from "@std/assert";
import {
  defineSchema,
  defineTable,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v, type Value } from "convex/values";
import {
  type Engine,
  openEngine,
  type Watch,
} from "../../../src/engine/engine.ts";
import { IntervalTree } from "../../../src/engine/live/interval_tree.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { settled } from "../../../src/testing/engine/subject.ts";
import {
  type Random,
  seededRandom,
} from "../../../src/testing/support/random.ts";
import { testScale, testSeed } from "../../support/test_env.ts";

const schema = defineSchema({
  docs: defineTable({ group: v.string(), value: v.number(), text: v.string() })
    .index("by_group_value", ["group", "value"])
    .searchIndex("by_text", { searchField: "text", filterFields: ["group"] }),
});
const groups = ["a", "b", "c"];
const words = ["red", "green", "blue", "redder"];

// deno-lint-ignore no-explicit-any -- functions whose arguments are data
type Loose = any;

function openBackend(onRun: () => void): Engine {
  const query = (handler: (ctx: Loose, args: Loose) => unknown) =>
    queryGeneric({
      handler: async (ctx: Loose, args: Loose) => {
        onRun();
        return await handler(ctx, args);
      },
    });
  return openEngine({
    schema: schema as unknown as { export(): string },
    store: openMemoryStore(),
    modules: {
      read: {
        range: query((ctx, { group, low, high, order, take, over }) => {
          let found = ctx.db.query("docs").withIndex(
            "by_group_value",
            (q: Loose) =>
              q.eq("group", group).gte("value", low).lt("value", high),
          ).order(order);
          if (over !== null) {
            found = found.filter((q: Loose) => q.gt(q.field("text"), over));
          }
          return take === null ? found.collect() : found.take(take);
        }),
        get: query((ctx, { id }) => ctx.db.get(id)),
        all: query(async (ctx) =>
          (await ctx.db.query("docs").collect()).length
        ),
        search: query((ctx, { text, group }) =>
          ctx.db.query("docs").withSearchIndex("by_text", (q: Loose) => {
            const filter = q.search("text", text);
            return group === null ? filter : filter.eq("group", group);
          }).take(5)
        ),
        nested: query(async (ctx, { group }) => {
          const first = await ctx.runQuery("read:range", {
            group,
            low: 0,
            high: 100,
            order: "asc",
            take: 1,
            over: null,
          });
          return first[0] ? await ctx.db.get(first[0]._id) : null;
        }),
      },
      write: {
        some: mutationGeneric({
          handler: async (ctx: Loose, { steps }: Loose) => {
            const ids = [];
            for (const { op, id, doc } of steps) {
              if (op === "insert") ids.push(await ctx.db.insert("docs", doc));
              else if (await ctx.db.get(id) === null) continue;
              else if (op === "patch") await ctx.db.patch(id, doc);
              else await ctx.db.delete(id);
            }
            return ids;
          },
        }),
      },
    },
  });
}

Deno.test("watch oracle: what is followed is what a fresh query gives, after any writes", async () => {
  const seed = testSeed();
  const rounds = Math.ceil(2000 * testScale());
  console.log(`seed ${seed}, ${rounds} rounds`);
  const random = seededRandom(seed);
  let runs = 0;
  const engine = openBackend(() => runs++);
  const ids: string[] = [];
  const followed: { name: string; args: Loose; told: Value[]; watch: Watch }[] =
    [];
  const follow = () => {
    const [name, args] = randomQuery(random, ids);
    const told: Value[] = [];
    const watch = engine.watch(name, args);
    watch.subscribe((value) => told.push(value as Value));
    followed.push({ name, args, told, watch });
  };
  for (let round = 0; round < rounds; round++) {
    while (followed.length < 40) follow();
    if (random.below(4) === 0) {
      followed.splice(random.below(followed.length), 1)[0]!.watch.close();
    }
    const mutations = Array.from(
      { length: random.below(4) },
      () =>
        engine.mutation("write:some", {
          steps: Array.from(
            { length: 1 + random.below(3) },
            () => step(random, ids),
          ),
        }),
    );
    for (const made of await Promise.all(mutations)) {
      ids.push(...made as string[]);
    }
    await settled(engine);
    const before = runs;
    for (const { name, args, told } of followed) {
      const fresh = await engine.query(name, args);
      assertEquals(
        told.at(-1),
        fresh,
        `seed ${seed}: ${name} ${JSON.stringify(args)}`,
      );
      assert(told.length < 2 || !Object.is(told.at(-1), told.at(-2)));
    }
    runs = before;
  }
  // Forty queries, several commits a round: to run all of them again each time would be far more.
  assert(runs < rounds * 40 / 2, `${runs} runs in ${rounds} rounds`);
  await engine.close();
});

function randomQuery(random: Random, ids: string[]): [string, Loose] {
  const group = random.pick(groups);
  const low = random.below(20);
  switch (random.below(8)) {
    case 0:
      return ids.length > 0
        ? ["read:get", { id: random.pick(ids) }]
        : ["read:all", {}];
    case 1:
      return ["read:search", {
        text: random.pick(words),
        group: random.pick([null, group]),
      }];
    case 2:
      return ["read:nested", { group }];
    case 3:
      return random.below(5) === 0
        ? ["read:all", {}]
        : ["read:nested", { group }];
    default:
      return ["read:range", {
        group,
        low,
        high: low + random.below(6),
        order: random.pick(["asc", "desc"]),
        take: random.pick([null, 1, 2, 5]),
        over: random.pick([null, null, "green"]),
      }];
  }
}

function step(random: Random, ids: string[]): Loose {
  const doc = {
    group: random.pick(groups),
    value: random.below(20),
    text: random.pick(words),
  };
  const op = ids.length < 30
    ? "insert"
    : random.pick(["insert", "patch", "patch", "delete"]);
  const field = random.pick(["group", "value", "text"] as const);
  return {
    op,
    id: op === "insert" ? null : random.pick(ids),
    doc: op === "patch" ? { [field]: doc[field] } : doc,
  };
}

Deno.test("interval tree oracle: finds the owners of the intervals that hold a key, and no others", () => {
  const seed = testSeed();
  const rounds = Math.ceil(20_000 * testScale());
  console.log(`seed ${seed}, ${rounds} rounds`);
  const random = seededRandom(seed);
  const tree = new IntervalTree<number>();
  const kept: { start: string; end: string | undefined; owner: number }[] = [];
  const key = () =>
    String.fromCharCode(97 + random.below(20), 97 + random.below(20));
  for (let round = 0; round < rounds; round++) {
    if (kept.length > 0 && random.below(3) === 0) {
      const [{ start, end, owner }] = kept.splice(
        random.below(kept.length),
        1,
      ) as [typeof kept[0]];
      // One owner may have an interval only once.
      tree.remove(start, end, owner);
    } else if (kept.length < 60) {
      const start = key();
      const end = random.below(5) === 0 ? undefined : key();
      const owner = random.below(10);
      const has = kept.some((one) =>
        one.start === start && one.end === end && one.owner === owner
      );
      if (!has) {
        kept.push({ start, end, owner });
        tree.add(start, end, owner);
      }
    }
    const probe = key();
    const hits = new Set<number>();
    tree.stab(probe, (owner) => hits.add(owner));
    const expected = new Set(
      kept.filter(({ start, end }) =>
        start <= probe && (end === undefined || probe < end)
      ).map(({ owner }) => owner),
    );
    assertEquals(hits, expected, `seed ${seed}`);
  }
  for (const { start, end, owner } of kept) tree.remove(start, end, owner);
  assert(tree.isEmpty());
});
