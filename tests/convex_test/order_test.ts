import { convexTest as theirs } from "convex-test";
import {
  actionGeneric,
  type GenericQueryCtx,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { assertEquals } from "@std/assert";
import { convexTest as ours } from "../../src/convex_test/compat.ts";
import { FakeTimers } from "../../src/testing/support/fake_timers.ts";
import type { Test } from "./both.ts";

type QueryCtx = GenericQueryCtx<never>;

const m = makeFunctionReference<"mutation">;
const q = makeFunctionReference<"query">;
const a = makeFunctionReference<"action">;

/** States of the scheduled functions, and how many have been. */
async function seenBy({ db }: object & { db: unknown }): Promise<string> {
  const { system, query } = db as QueryCtx["db"];
  const jobs = await system.query("_scheduled_functions").collect();
  const done = await query("done" as never).collect();
  return `${jobs.map(({ state }) => state.kind).join()} ${done.length}`;
}

const functions = {
  look: queryGeneric((ctx) => seenBy(ctx)),
  lookWriting: mutationGeneric((ctx) => seenBy(ctx)),
  work: mutationGeneric((ctx, { name }) => ctx.db.insert("done", { name })),
  note: mutationGeneric(async (ctx) => {
    await ctx.db.insert("done", { name: await seenBy(ctx) });
  }),
  act: actionGeneric((ctx, args) => ctx.runMutation(m("a:work"), args)),
  stamp: mutationGeneric(async ({ db }) => {
    const id = await db.insert("done", { at: db.vars.commitTs });
    return [id, db.vars.commitTs];
  }),
};
const modules = {
  "./_generated/api.ts": () => Promise.resolve({}),
  "./a.ts": () => Promise.resolve(functions),
  // As bundlers' loaders of modules do, which a mock asks before each call.
  "./slow.ts": () => after(4),
  "./slower.ts": () => after(9),
};

/** The functions, after this many turns of the microtask queue. */
async function after(turns: number): Promise<typeof functions> {
  for (let turn = 1; turn < turns; turn++) await null;
  return functions;
}

/** Ways of a test to look at what there is. */
const LOOKS: { [name: string]: (t: Test) => Promise<unknown> } = {
  "t.run": (t) => t.run(seenBy),
  "a query": (t) => t.query(q("a:look")),
  "a query that is given inline": (t) => t.query(seenBy),
  "a mutation": (t) => t.mutation(m("a:lookWriting")),
};

const CASES: { [name: string]: (t: Test, clock: FakeTimers) => unknown } = {
  "calls of all kinds that start together": async (t) => {
    const add = (name: string) => (ctx: { db: unknown }) =>
      (ctx.db as { insert(table: string, document: object): unknown })
        .insert("done", { name }) as Promise<never>;
    await Promise.all([
      t.mutation(m("a:work"), { name: "mutation" }),
      t.action(a("a:act"), { name: "action" }),
      t.run(add("run")),
      t.mutation(m("a:work"), { name: "mutation again" }),
      t.mutation(add("inline")),
    ]);
    return await namesIn(t);
  },
  "scheduled functions that are due together": async (t, clock) => {
    await t.run(async ({ scheduler }) => {
      await scheduler.runAfter(5, a("a:act"), { name: "action" });
      await scheduler.runAfter(5, m("a:work"), { name: "mutation" });
      await scheduler.runAfter(1, m("a:work"), { name: "earlier" });
      await scheduler.runAfter(5, m("a:work"), { name: "second mutation" });
      await scheduler.runAfter(0.5, a("a:act"), { name: "earliest" });
    });
    clock.advance(10);
    await t.finishInProgressScheduledFunctions();
    return await namesIn(t);
  },
  "a function that a slow one scheduled, whose time counts": async (
    t,
    clock,
  ) => {
    await t.run(async ({ scheduler }) => {
      clock.setClock(2);
      await scheduler.runAfter(5, m("a:work"), { name: "later" });
    });
    clock.advance(3);
    await t.finishInProgressScheduledFunctions();
    return await namesIn(t);
  },
  "mutations of modules that load in different times": async (t) => {
    const names = ["slower", "a", "slow"];
    await Promise.all(names.map((name) => t.mutation(m(`${name}:note`))));
    return await namesIn(t);
  },
  "scheduled functions of such modules": async (t, clock) => {
    const seen: unknown[] = [];
    for (const type of ["note", "work", "act"]) {
      await t.run(async ({ scheduler }) => {
        for (const name of ["slower", "a", "slow"]) {
          await scheduler.runAfter(5, m(`${name}:${type}`), { name });
        }
      });
      clock.advance(10);
      await t.finishInProgressScheduledFunctions();
      seen.push(await namesIn(t));
    }
    return seen;
  },
  "timestamps of commits": async (t) => [
    await t.mutation(m("a:stamp")),
    await t.run(() => Promise.resolve(null)),
    await t.mutation(m("a:stamp")),
  ],
  "tokens of users": (t) =>
    Promise.all([{ name: "Ada" }, { issuer: "a", name: "Ada", subject: "b" }]
      .map((user) =>
        t.withIdentity(user).mutation(async (ctx) =>
          (await ctx.meta.getRequestMetadata()).authToken
        )
      )),
};
for (const [name, look] of Object.entries(LOOKS)) {
  for (const count of [1, 3]) {
    CASES[`${name}, again and again, beside ${count} mutations that are due`] =
      async (t, clock) => {
        await t.query(q("a:look"));
        await t.run(async ({ scheduler }) => {
          for (let at = 0; at < count; at++) {
            await scheduler.runAfter(5, m("a:work"), { name: String(at) });
          }
        });
        clock.advance(5);
        const seen: unknown[] = [];
        for (let at = 0; at < 5; at++) seen.push(await look(t));
        return seen;
      };
  }
}

async function namesIn(t: Test): Promise<unknown[]> {
  const done = await t.run(({ db }) => db.query("done").collect());
  return done.map(({ name }) => name);
}

for (const [name, run] of Object.entries(CASES)) {
  Deno.test(`under compat the order is that of convex-test: ${name}`, async () => {
    const [expected, actual] = [
      await withFakeTimers((clock) =>
        run(theirs({ modules }) as unknown as Test, clock)
      ),
      await withFakeTimers(async (clock) => {
        const t = ours({ modules }) as unknown as Test;
        const seen = await run(t, clock);
        await (t as unknown as { close(): Promise<void> }).close();
        return seen;
      }),
    ];
    assertEquals(actual, expected);
  });
}

/** Runs something with a clock in the place of the host's, as libraries for tests do. */
async function withFakeTimers<T>(
  run: (clock: FakeTimers) => T,
): Promise<Awaited<T>> {
  const clock = new FakeTimers();
  const host = globalThis as unknown as { [name: string]: unknown };
  const { setTimeout, clearTimeout } = host;
  const { now } = Date;
  host.setTimeout = (callback: () => void, ms: number) =>
    clock.set(ms, callback);
  host.clearTimeout = (id: unknown) => clock.clear(id as never);
  Date.now = () => clock.nowMs;
  try {
    return await run(clock);
  } finally {
    Object.assign(host, { setTimeout, clearTimeout });
    Date.now = now;
  }
}
