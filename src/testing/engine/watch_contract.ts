import { assert, assertEquals } from "@std/assert";
import { mutationGeneric, queryGeneric } from "convex/server";
import type { Engine } from "../../engine/engine.ts";
import type { Value } from "../../values/types.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
  settled,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Live queries: when they run again, and what is reported. */
export const engineWatchContract: ContractCase<EngineSubject>[] = [
  engineCase("watch gives the result and each later one", async (engine) => {
    const watch = engine.watch("notes:list", { owner: "ada" });
    const results = watch[Symbol.asyncIterator]();
    assertEquals(await results.next(), { done: false, value: [] });
    await addNote(engine, "ada", { text: "one" });
    assertEquals(await texts(results.next()), ["one"]);
    const next = results.next();
    await addNote(engine, "ada", { text: "two" });
    assertEquals(await texts(next), ["one", "two"]);
    watch.close();
    assertEquals(await results.next(), { done: true, value: undefined });
  }),

  engineCase(
    "what is told of a timestamp has no later commit in it",
    async (engine) => {
      const told: [ts: bigint, count: number][] = [];
      const set = engine.follow({
        onState: (ts, changes) => {
          for (const result of changes.values()) {
            told.push([ts, result.ok ? (result.value as []).length : NaN]);
          }
        },
        onError: (error) => told.push([0n, String(error).length]),
        onEnd: () => {},
      });
      const owner = "ada";
      const committed: bigint[] = [];
      const write = async () => {
        const note = { owner, text: "a" };
        const { ts } = await engine.run("mutation", "notes:add", note);
        committed.push(ts);
      };
      const writes: Promise<void>[] = [];
      for (let round = 0; round < 10; round++) {
        set.add(round, {
          name: "notes:list",
          args: { owner },
          identity: null,
          journal: null,
        });
        writes.push(write(), write());
        if (round % 3 === 0) await Promise.all(writes);
      }
      await Promise.all(writes);
      await settled(engine);
      set.close();
      assertEquals(told.at(-1)?.[1], 20);
      for (const [ts, count] of told) {
        const there = committed.filter((commit) => commit <= ts).length;
        assertEquals(count, there, `at ${ts}`);
      }
    },
  ),

  engineCase(
    "a slow reader of a watch gets the latest result",
    async (engine) => {
      const watch = engine.watch("notes:list", { owner: "ada" });
      const results = watch[Symbol.asyncIterator]();
      await results.next();
      for (const text of ["one", "two", "three"]) {
        await addNote(engine, "ada", { text });
        await engine.query("notes:list", { owner: "ada" });
      }
      assertEquals(await texts(results.next()), ["one", "two", "three"]);
      watch.close();
    },
  ),

  engineCase("watch calls back until it is told to stop", async (engine) => {
    const watch = engine.watch("notes:list", { owner: "ada" });
    const seen: number[] = [];
    const stop = watch.subscribe((value) => seen.push((value as []).length));
    await settled(engine);
    await addNote(engine, "ada");
    await settled(engine);
    stop();
    await addNote(engine, "ada");
    await settled(engine);
    assertEquals(seen, [0, 1]);
    const late: number[] = [];
    watch.subscribe((value) => late.push((value as []).length));
    assertEquals(late, [2]);
    watch.close();
  }),

  engineCase(
    "who changes what a watch gave changes it for nobody else",
    async (engine) => {
      await addNote(engine, "ada");
      const watch = engine.watch("notes:list", { owner: "ada" });
      const first = await once(watch) as Value[];
      first.push("mine");
      assertEquals((await once(watch) as Value[]).length, 1);
      watch.close();
    },
  ),

  {
    name: "a commit runs again only the queries that it can have changed",
    run: (subject) =>
      probed(subject, async (engine, runsOf) => {
        const ids: string[] = [];
        for (const rank of [10, 20, 30, 40]) {
          ids.push(await addNote(engine, "ada", { rank }));
        }
        await addNote(engine, "bob", { rank: 1 });
        const queries = {
          two: { owner: "ada", take: 2 },
          lastTwo: { owner: "ada", take: 2, order: "desc" },
          all: { owner: "ada" },
          low: { owner: "ada", below: 15 },
          none: { owner: "eve" },
          bob: { owner: "bob" },
        };
        for (const [probe, args] of Object.entries(queries)) {
          engine.watch("probe:list", { probe, ...args });
        }
        engine.watch("probe:get", { probe: "get", id: ids[2] });
        await settled(engine);
        const step = async (
          change: Promise<unknown>,
          ...expected: string[]
        ) => {
          const before = runsOf();
          await change;
          await settled(engine);
          const after = runsOf();
          const again = Object.keys(after)
            .filter((probe) => after[probe] !== before[probe]);
          assertEquals(again.sort(), expected.sort());
        };
        await step(addNote(engine, "zoe", { rank: 1 }));
        await step(addNote(engine, "eve", { rank: 1 }), "none");
        await step(addNote(engine, "ada", { rank: 25 }), "all");
        await step(addNote(engine, "ada", { rank: 50 }), "all", "lastTwo");
        await step(addNote(engine, "ada", { rank: 1 }), "all", "low", "two");
        const patch = (id: string, set: object) =>
          engine.mutation("notes:patch", { id, set });
        await step(patch(ids[2]!, { text: "other" }), "all", "get");
        await step(patch(ids[2]!, { text: "other" }));
        await step(patch(ids[2]!, { owner: "bob" }), "all", "get", "bob");
        await step(
          engine.mutation("notes:remove", { id: ids[0] }),
          "all",
          "low",
          "two",
        );
      }),
  },

  {
    name:
      "many commits at once run a followed query once, and equal followers share it",
    run: (subject) =>
      probed(subject, async (engine, runsOf) => {
        const seen: number[][] = [[], []];
        for (const lengths of seen) {
          engine.watch("probe:list", { probe: "shared", owner: "ada" })
            .subscribe((value) => lengths.push((value as []).length));
        }
        await settled(engine);
        assertEquals(runsOf(), { shared: 1 });
        await Promise.all(
          Array.from({ length: 20 }, () => addNote(engine, "ada")),
        );
        await settled(engine);
        assertEquals(runsOf(), { shared: 2 });
        assertEquals(seen, [[0, 20], [0, 20]]);
      }),
  },

  {
    name: "equal results are not reported again",
    run: (subject) =>
      probed(subject, async (engine, runsOf) => {
        const seen: Value[] = [];
        engine.watch("probe:count", { probe: "count", owner: "ada" })
          .subscribe((value) => seen.push(value));
        const id = await addNote(engine, "ada");
        await settled(engine);
        const before = runsOf().count!;
        await engine.mutation("notes:patch", { id, set: { text: "new" } });
        await settled(engine);
        assert(runsOf().count! > before);
        assertEquals(seen.at(-1), 1);
        assertEquals(seen, [...new Set(seen)]);
      }),
  },

  engineCase("a followed query may fail and recover", async (engine) => {
    const watch = engine.watch("notes:unique", { owner: "ada" });
    const seen: (string | null)[] = [];
    watch.subscribe(
      (value) => seen.push((value as Doc | null)?._id ?? null),
      (error) => seen.push((error as { code: string }).code),
    );
    const one = await addNote(engine, "ada");
    await settled(engine);
    const two = await addNote(engine, "ada");
    await settled(engine);
    await engine.mutation("notes:remove", { id: one });
    await settled(engine);
    assertEquals(seen.slice(-3), [one, "NOT_UNIQUE", two]);
    watch.close();
  }),

  engineCase("what cannot be run is told as an error", async (engine) => {
    const results = engine.watch("notes:nothing")[Symbol.asyncIterator]();
    await assertRefused(results.next(), "FUNCTION_NOT_FOUND");
    const wrong = engine.watch("notes:list", { owner: 1 });
    await assertRefused(
      wrong[Symbol.asyncIterator]().next(),
      "ARGUMENT_VALIDATION",
    );
  }),

  engineCase("a followed search sees what is written later", async (engine) => {
    const watch = engine.watch("notes:search", { text: "red" });
    const seen: number[] = [];
    watch.subscribe((value) => seen.push((value as []).length));
    await settled(engine);
    const id = await addNote(engine, "ada", { text: "red fox" });
    await settled(engine);
    await engine.mutation("notes:patch", { id, set: { text: "blue fox" } });
    await settled(engine);
    assertEquals(seen, [0, 1, 0]);
    watch.close();
  }),

  engineCase("a followed page keeps its bounds", async (engine) => {
    for (const rank of [10, 20, 30]) await addNote(engine, "ada", { rank });
    const watch = engine.watch("notes:page", {
      owner: "ada",
      paginationOpts: { numItems: 2, cursor: null },
    });
    type Page = { page: Doc[]; continueCursor: string };
    const first = await once(watch) as unknown as Page;
    await addNote(engine, "ada", { rank: 15 });
    await addNote(engine, "ada", { rank: 25 });
    await settled(engine);
    const grown = await once(watch) as unknown as Page;
    assertEquals(grown.page.map(({ rank }) => rank), [10, 15, 20]);
    assertEquals(grown.continueCursor, first.continueCursor);
    const fresh = engine.watch("notes:page", {
      owner: "ada",
      paginationOpts: { numItems: 2, cursor: null },
    });
    const other = await once(fresh) as unknown as Page;
    assertEquals(other.page.map(({ rank }) => rank), [10, 15]);
    watch.close();
    fresh.close();
  }),

  {
    name: "a followed query of a table that is not there sees it come",
    async run(subject) {
      const engine = subject.open({
        schema: undefined,
        modules: {
          free: {
            list: queryGeneric(({ db }) => db.query("later").collect()),
            add: mutationGeneric(({ db }) => db.insert("later", { a: 1 })),
          },
        },
      });
      const lengths: number[] = [];
      engine.watch("free:list")
        .subscribe((value) => lengths.push((value as []).length));
      await settled(engine);
      await engine.mutation("free:add", {});
      await settled(engine);
      assertEquals(lengths, [0, 1]);
      await engine.close();
    },
  },

  engineCase(
    "watch ends with its signal and with the engine",
    async (engine, subject) => {
      const abort = new AbortController();
      const { signal } = abort;
      const aborted = engine.watch("notes:list", { owner: "a" }, { signal });
      const results = aborted[Symbol.asyncIterator]();
      await results.next();
      const next = results.next();
      abort.abort();
      assertEquals((await next).done, true);
      const other = subject.open();
      const closed = other.watch("notes:list", { owner: "a" });
      const rest = closed[Symbol.asyncIterator]();
      await rest.next();
      const last = rest.next();
      await other.close();
      assertEquals((await last).done, true);
    },
  ),
];

/** An engine whose `probe` functions count their runs by the argument `probe`. */
async function probed(
  subject: EngineSubject,
  run: (
    engine: Engine,
    runsOf: () => { [probe: string]: number },
  ) => Promise<void>,
): Promise<void> {
  const runs: { [probe: string]: number } = {};
  const counting = (target: string) =>
    queryGeneric({
      handler: (ctx, { probe, ...args }: { probe: string }) => {
        runs[probe] = (runs[probe] ?? 0) + 1;
        return ctx.runQuery(target as never, args as never);
      },
    });
  const engine = subject.open({
    modules: {
      ...subject.modules,
      probe: {
        list: counting("notes:list"),
        get: counting("notes:get"),
        count: queryGeneric({
          handler: async (
            ctx,
            { probe, owner }: { probe: string; owner: string },
          ) => {
            runs[probe] = (runs[probe] ?? 0) + 1;
            return (await ctx.db.query("notes").collect())
              .filter((note) => note.owner === owner).length;
          },
        }),
      },
    },
  });
  try {
    await run(engine, () => ({ ...runs }));
  } finally {
    await engine.close();
  }
}

async function once(watch: AsyncIterable<Value>): Promise<Value> {
  for await (const value of watch) return value;
  throw new Error("the watch has ended");
}

async function texts(
  result: Promise<IteratorResult<Value>>,
): Promise<string[]> {
  return ((await result).value as Doc[]).map((note) => String(note.text));
}
