/** Many live queries at once: others get their turn, and each follower still sees one state. */
import { assert, assertEquals } from "@std/assert";
import { mutationGeneric, queryGeneric } from "convex/server";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { DueQueries } from "../../src/engine/live/due_queries.ts";
import {
  LiveQuery,
  type QueryFollower,
} from "../../src/engine/live/live_query.ts";
import type { LiveResult } from "../../src/engine/live/live_types.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

function follower(size: number): QueryFollower {
  return { size, ranInSlices: 0, mark: () => {} };
}

function queryOf(name: string, ...followers: QueryFollower[]): LiveQuery {
  const call = { name, args: {}, identity: null, journal: null };
  const query = new LiveQuery(call, name);
  for (const one of followers) query.followers.add(one);
  return query;
}

/** Queries that each take 6 ms, so that a slice has four. */
function slices() {
  let nowMs = 0;
  const due = new DueQueries(() => nowMs, 1);
  const slice = () => {
    const names: string[] = [];
    due.begin();
    for (let query = due.next(); query; query = due.next()) {
      names.push(query.call.name);
      nowMs += 6;
    }
    return names.join(" ");
  };
  return { due, slice };
}

Deno.test("what is more than a slice runs in turns of its followers", () => {
  const { due, slice } = slices();
  const [big, small] = [follower(10), follower(2)];
  for (let at = 0; at < 10; at++) due.add(queryOf(`b${at}`, big));
  assertEquals(slice(), "b0 b1 b2 b3");
  due.add(queryOf("s0", small, big));
  const last = queryOf("s1", small);
  due.add(last);
  due.add(last);
  assertEquals(slice(), "b4 b5 b6 b7");
  assertEquals(slice(), "s0 s1 b8 b9");
  assertEquals([due.isEmpty, slice()], [true, ""]);
});

Deno.test("a few queries run in one slice, however long they take", () => {
  let nowMs = 0;
  const due = new DueQueries(() => nowMs += 100);
  const one = follower(17);
  for (let at = 0; at < 17; at++) due.add(queryOf(`${at}`, one));
  let count = 0;
  for (due.begin(); due.next();) count++;
  assertEquals([count, due.isEmpty], [16, false]);
});

Deno.test("what is removed, or has run with another follower, does not run", () => {
  const { due, slice } = slices();
  const big = follower(9);
  const queries = Array.from({ length: 9 }, (_, at) => queryOf(`b${at}`, big));
  for (const query of queries) due.add(query);
  assertEquals(slice(), "b0 b1 b2 b3");
  due.delete(queries[4]!);
  due.delete(queries[8]!);
  due.add(queries[8]!);
  assertEquals(slice(), "b5 b6 b7 b8");
  assertEquals(slice(), "");
  assert(due.isEmpty);
});

Deno.test("a follower whose queries are due again and again gets longer slices until all have run", () => {
  const { due, slice } = slices();
  const big = follower(12);
  const queries = Array.from({ length: 12 }, (_, at) => queryOf(`${at}`, big));
  let count = 0;
  do {
    for (const query of queries) due.add(query);
    slice();
    count++;
  } while (!due.isEmpty && count < 100);
  assert(count > 3 && count < 20, `${count} slices`);
});

const RUN_MS = 3;
/** Time stands still for functions, so they cannot wait for a clock. */
const pause = new Int32Array(new SharedArrayBuffer(4));

/** An engine whose queries take some time, and how often they have run. */
function slowEngine(): { engine: Engine; runs: () => number } {
  let runs = 0;
  const engine = openEngine({
    store: openMemoryStore(),
    modules: {
      "n.ts": {
        count: queryGeneric({
          handler: async (ctx) => {
            runs++;
            const rows = await ctx.db.query("rows" as never).collect();
            Atomics.wait(pause, 0, 0, RUN_MS);
            return rows.length;
          },
        }),
        quick: queryGeneric({ handler: () => runs }),
        add: mutationGeneric({
          handler: (ctx) => ctx.db.insert("rows" as never, {} as never),
        }),
      },
    },
  });
  return { engine, runs: () => runs };
}

const call = (n: number) => ({
  name: "n:count",
  args: { n },
  identity: null,
  journal: null,
});

Deno.test("calls and other followers wait for a slice, not for all queries of one follower", async () => {
  const { engine, runs } = slowEngine();
  const started = Promise.withResolvers<void>();
  const all = Promise.withResolvers<number>();
  const none = { onError: all.reject, onEnd: () => {} };
  const big = engine.follow({
    ...none,
    onState: (_ts, changes) => all.resolve(changes.size),
  });
  for (let at = 0; at < 200; at++) big.add(at, call(at));
  const other = engine.follow({ ...none, onState: () => started.resolve() });
  await engine.query("n:quick", {});
  const before = runs();
  other.add(0, { ...call(0), name: "n:quick" });
  await started.promise;
  const inBetween = runs();
  await engine.mutation("n:add", {});
  const afterWrite = runs();
  // A slice has sixteen of the two hundred.
  assert(before < 150, `${before} had run before a query`);
  assert(inBetween < 200, `${inBetween} had run before another follower`);
  assert(afterWrite < 200, `${afterWrite} had run before a mutation`);
  assertEquals(await all.promise, 200);
  big.close();
  other.close();
  await engine.close();
});

Deno.test("a follower of many queries is told one state while others write", async () => {
  const { engine } = slowEngine();
  const told = new Map<number, LiveResult>();
  const states: [bigint, Set<unknown>][] = [];
  const big = engine.follow({
    onState: (ts, changes) => {
      for (const [id, result] of changes) told.set(id, result);
      const counts = [...told.values()].map((it) => it.ok && it.value);
      states.push([ts, new Set(counts)]);
      assertEquals(told.size, 30);
    },
    onError: (error) => states.push([0n, new Set([error])]),
    onEnd: () => {},
  });
  for (let at = 0; at < 30; at++) big.add(at, call(at));
  const commits: bigint[] = [];
  while (states.length < 3 && commits.length < 500) {
    commits.push((await engine.run("mutation", "n:add", {})).ts);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert(states.length >= 3, `${commits.length} writes, and no state`);
  for (const [ts, counts] of states) {
    const there = commits.filter((commit) => commit <= ts).length;
    assertEquals([...counts], [there]);
  }
  big.close();
  await engine.close();
});
