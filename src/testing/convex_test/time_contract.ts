import { assertEquals, assertRejects } from "@std/assert";
import { componentsGeneric, type FunctionReference } from "convex/server";
import {
  a,
  clockCase,
  type ConvexTestSubject,
  count,
  type Ctx,
  insert,
  m,
  q,
  testCase,
  withFakeClock,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** How a test advances time. */
export const convexTestTimeContract: ContractCase<ConvexTestSubject>[] = [
  ...(["convex", "convex-test"] as const).map((compat) =>
    clockCase(
      `the timer of a cancelled call is waited for as if it were to come (${compat})`,
      async (t, clock) => {
        await t.run(async (ctx) => {
          const later = { owner: "a" };
          await ctx.scheduler.cancel(
            await ctx.scheduler.runAfter(60_000, m("system:write"), later),
          );
        });
        const before = clock.nowMs;
        await t.finishAllScheduledFunctions(() => clock.advance(1000));
        assertEquals(clock.nowMs - before, 21_000);
        await t.finishAllScheduledFunctions(() => clock.advance(60_000));
        assertEquals(await t.run(count), 0);
      },
      { compat },
    )
  ),

  ...(["convex", "convex-test"] as const).map((compat) =>
    testCase(
      `what was scheduled before a fake clock came runs at its time of the real one (${compat})`,
      async (t) => {
        for (const [delayMs, owner] of [[20, "a"], [60_000, "b"]]) {
          await t.mutation(m("system:later"), { delayMs, owner });
        }
        await new Promise((resolve) => setTimeout(resolve, 30));
        await withFakeClock((clock) =>
          t.finishAllScheduledFunctions(() => clock.advance(90_000))
        );
        assertEquals(await t.run(count), 1);
      },
      { compat },
    )
  ),

  ...([["convex", 0], ["convex-test", 1]] as const).map(([compat, early]) =>
    clockCase(
      `what is weeks away runs ${early ? "at once" : "then"} (${compat})`,
      async (t, clock) => {
        const delayMs = 60 * 24 * 60 * 60 * 1000;
        await t.mutation(m("system:later"), { delayMs, owner: "a" });
        clock.advance(1);
        await t.finishInProgressScheduledFunctions();
        assertEquals(await t.run(count), early);
        clock.advance(delayMs - 1);
        await t.finishInProgressScheduledFunctions();
        assertEquals(await t.run(count), 1);
      },
      { compat },
    )
  ),

  clockCase(
    "a fake clock holds scheduled functions",
    async (t, clock) => {
      for (
        const [delayMs, owner] of [[3000, "b"], [1000, "a"], [9000, "c"]]
      ) {
        await t.mutation(m("system:later"), { delayMs, owner });
      }
      clock.advance(999);
      await t.finishInProgressScheduledFunctions();
      assertEquals(await t.run(count), 0);
      // One step over several due times: each is observed.
      clock.advance(2500);
      await t.finishInProgressScheduledFunctions();
      assertEquals(await t.run(count), 2);
      await t.finishAllScheduledFunctions(() => clock.advance(1000));
      assertEquals(await t.run(count), 3);
      const at = await t.run(() => Promise.resolve(Date.now()));
      assertEquals(at, clock.nowMs);
    },
  ),

  clockCase(
    "creation times of a component begin at the present, whatever the app has stored in it",
    async (t, clock) => {
      await t.run((ctx) => insert(ctx, "a"));
      const add = {
        isMutation: true,
        isPublic: true,
        _handler: async ({ db }: Ctx) =>
          (await db.get(await db.insert("things", {})))!._creationTime,
      };
      t.registerComponent("box", undefined as never, {
        "./lib.ts": () => Promise.resolve({ add }),
      });
      const box = componentsGeneric().box as unknown as {
        lib: { add: FunctionReference<"mutation", "internal"> };
      };
      const created = await t.run((ctx) => ctx.runMutation(box.lib.add, {}));
      assertEquals(created, clock.nowMs);
    },
  ),

  testCase(
    "cron jobs of a component run where they are asked for",
    (_t, subject) =>
      withFakeClock(async (clock) => {
        const t = subject.make({ crons: true });
        // Timers are fake; the engine needs none to get ready.
        const settle = async () => {
          for (let turn = 0; turn < 200; turn++) await null;
        };
        await settle();
        let ticks = 0;
        const tick = { isMutation: true, _handler: () => void ticks++ };
        const job = {
          name: "lib:tick",
          args: [{}],
          schedule: { type: "interval", minutes: 1 },
        };
        const crons = { isCrons: true, crons: { job } };
        t.registerComponent("ticker", undefined as never, {
          "./crons.ts": () => Promise.resolve({ default: crons }),
          "./lib.ts": () => Promise.resolve({ tick }),
        });
        await settle();
        for (const minute of [1, 2]) {
          clock.advance(60_000);
          await t.finishInProgressScheduledFunctions();
          assertEquals(ticks, minute);
        }
        await t.close();
      }),
  ),

  // With `convex-test`, the timers are set at once, and none for less than no time.
  ...([["convex", "abc"], ["convex-test", "cab"]] as const).map((
    [compat, order],
  ) =>
    clockCase(
      `what a slow transaction made due runs in the order of its ${
        compat === "convex" ? "time" : "timers"
      } (${compat})`,
      async (t, clock) => {
        await t.run(async (ctx) => {
          clock.setClock(50);
          for (const [delayMs, owner] of [[3, "c"], [1, "a"], [2, "b"]]) {
            await ctx.scheduler.runAfter(delayMs as number, m("system:write"), {
              owner,
            });
          }
        });
        clock.advance(10);
        await t.finishInProgressScheduledFunctions();
        const notes = await t.run((ctx) => ctx.db.query("notes").collect());
        assertEquals(notes.map(({ owner }) => owner), [...order]);
      },
      { compat },
    )
  ),

  clockCase(
    "each scheduled function has a timer of its own, and runs when it fires",
    async (t, clock) => {
      for (const delayMs of [10, 0, 20]) {
        await t.mutation(m("system:later"), { delayMs, owner: "a" });
      }
      assertEquals(clock.count, 3);
      // As if a test fakes the timers but not the time.
      const startMs = clock.nowMs;
      Date.now = () => startMs;
      clock.advance(10);
      await t.finishInProgressScheduledFunctions();
      assertEquals([await t.run(count), clock.count], [2, 1]);
      // The third mutation starts a millisecond later, after the second commit of one.
      clock.advance(11);
      await t.finishInProgressScheduledFunctions();
      assertEquals([await t.run(count), clock.count], [3, 0]);
    },
  ),

  clockCase(
    "under compat calls made when timers have fired see what is in progress",
    async (t, clock) => {
      const kinds = () =>
        t.run(async (ctx) => {
          const jobs = await ctx.db.system.query("_scheduled_functions")
            .collect();
          return jobs.map(({ state }) => (state as { kind: string }).kind);
        });
      await t.mutation(m("system:later"), { delayMs: 10, owner: "a" });
      assertEquals(await kinds(), ["pending"]);
      clock.advance(10);
      assertEquals([await t.run(count), await kinds()], [0, [
        "inProgress",
      ]]);
      await t.finishInProgressScheduledFunctions();
      assertEquals([await t.run(count), await kinds()], [1, ["success"]]);
    },
    { compat: "convex-test" },
  ),

  clockCase(
    "under compat a canceled call is looked at once when its time comes",
    async (t, clock) => {
      const time = () => t.query(() => Promise.resolve(Date.now()));
      await t.run(async (ctx) => {
        const wait = { owner: "ada", ms: 1 };
        const id = await ctx.scheduler.runAfter(10, a("system:wait"), wait);
        await ctx.scheduler.cancel(id);
      });
      clock.advance(20);
      await t.finishInProgressScheduledFunctions();
      assertEquals(await time(), clock.nowMs);
    },
    { isExact: true, compat: "convex-test" },
  ),

  clockCase(
    "under compat a failed call ended no earlier than its transaction began",
    async (t, clock) => {
      await t.run(async (ctx) => {
        for (const owner of ["a", "b"]) {
          await ctx.scheduler.runAfter(10, m("system:nothing"), { owner });
          await ctx.scheduler.runAfter(10, a("system:nothing"), { owner });
        }
      });
      clock.advance(10);
      await t.finishInProgressScheduledFunctions();
      const times = await t.run(async (ctx) =>
        (await ctx.db.system.query("_scheduled_functions").collect())
          .map(({ completedTime }) => completedTime)
      );
      assertEquals(times, times.map(() => clock.nowMs + 1));
    },
    { isExact: true, compat: "convex-test" },
  ),

  clockCase(
    "under compat a timer stays when the mutation that set it fails",
    async (t, clock) => {
      await assertRejects(() =>
        t.run(async (ctx) => {
          const wait = { owner: "ada", ms: 1 };
          await ctx.scheduler.runAfter(10, a("system:wait"), wait);
          throw new Error("it fails");
        })
      );
      assertEquals(clock.count, 1);
      clock.advance(10);
      await t.finishInProgressScheduledFunctions();
      assertEquals([clock.count, await t.run(count)], [0, 0]);
    },
    { compat: "convex-test" },
  ),

  clockCase(
    "finishing all scheduled functions advances the timers that one of them waits for",
    async (t, clock) => {
      await t.run((ctx) =>
        ctx.scheduler.runAfter(1000, a("system:wait"), {
          owner: "ada",
          ms: 60_000,
        })
      );
      await t.finishAllScheduledFunctions(() => clock.advance(5000));
      assertEquals(await t.run(count), 1);
    },
  ),

  clockCase(
    "finishing all scheduled functions is given up when the clock is taken away",
    async (t, clock) => {
      const fake = globalThis.setTimeout;
      const other = fake.bind(globalThis);
      const wait = { owner: "ada", ms: 60_000 };
      await t.run((ctx) => ctx.scheduler.runAfter(0, a("system:wait"), wait));
      await assertRejects(
        () =>
          t.finishAllScheduledFunctions(() => {
            clock.advance(1);
            globalThis.setTimeout = other;
          }),
        Error,
        "timers were restored or replaced while waiting for scheduled functions.",
      );
      globalThis.setTimeout = fake;
      await t.finishAllScheduledFunctions(() => clock.advance(5000));
      assertEquals(await t.run(count), 1);
    },
  ),

  clockCase(
    "a scheduled query fails when it is due",
    async (t, clock) => {
      await t.run((ctx) =>
        ctx.scheduler.runAfter(0, q("system:jobs") as never, {})
      );
      clock.advance(0);
      await t.finishInProgressScheduledFunctions();
      const [job] = await t.run((ctx) =>
        ctx.db.system.query("_scheduled_functions").collect()
      );
      assertEquals(job!.state.kind, "failed");
    },
  ),

  clockCase(
    "a transaction begins after the commits before it where a test stops the clock or sets it back",
    async (t, clock) => {
      const startMs = clock.nowMs;
      const now = async () =>
        (await t.query(q("system:clock"), {}) as number[])[0];
      const write = () => t.mutation(m("system:write"), { owner: "a" });
      assertEquals(await now(), startMs);
      await write();
      assertEquals(await now(), startMs);
      await write();
      assertEquals(await now(), startMs + 1);
      clock.nowMs = startMs - 1000;
      assertEquals(await now(), startMs + 1);
      clock.nowMs = startMs + 1000;
      assertEquals(await now(), startMs + 1000);
    },
    { isExact: true },
  ),

  ...(["convex", "convex-test"] as const).map((compat) =>
    clockCase(
      `a stopped clock goes on by the notes of a scheduled mutation (${compat})`,
      async (t, clock) => {
        const now = async () =>
          (await t.query(q("system:clock"), {}) as number[])[0]! - clock.nowMs;
        const passed: number[] = [];
        for (const delayMs of [0, 10]) {
          await t.mutation(m("system:later"), { delayMs, owner: "a" });
          // The second is due then, because its scheduler starts after the first.
          clock.advance(delayMs + passed.length / 2);
          await t.finishInProgressScheduledFunctions();
          const [note] = await t.run((ctx) =>
            ctx.db.query("notes").order("desc").take(1)
          );
          const created = note!._creationTime as number;
          passed.push(created - clock.nowMs, await now());
        }
        assertEquals(passed, [1, 1, 0, 1]);
      },
      { compat, isExact: true },
    )
  ),

  clockCase(
    "time stands still in a test's run and in what it calls",
    async (t, clock) => {
      const startMs = clock.nowMs;
      const times = await t.run(async (ctx) => {
        const before = Date.now();
        clock.advance(1000);
        const id = await ctx.db.insert("notes", { owner: "a", text: "" });
        const called = await ctx.runQuery(q("system:clock"), {}) as number[];
        await ctx.scheduler.runAfter(500, m("system:write"), { owner: "a" });
        const [job] = await ctx.db.system.query("_scheduled_functions")
          .collect();
        const { _creationTime } = (await ctx.db.get(id))!;
        const scheduledMs = job!.scheduledTime - 500;
        return [before, Date.now(), ...called, _creationTime, scheduledMs];
      });
      assertEquals(times, times.map(() => startMs));
    },
    { isExact: true },
  ),
];
