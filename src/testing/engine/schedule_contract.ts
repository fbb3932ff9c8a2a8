import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createFunctionHandle, makeFunctionReference } from "convex/server";
import type { Engine, EngineOptions } from "../../engine/engine.ts";
import {
  assertRefused,
  type Doc,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";
import { FakeTimers, settle } from "../support/fake_timers.ts";
import type { ContractCase } from "../types.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** Scheduled functions and cron jobs, on a clock that the cases advance. */
export const engineScheduleContract: ContractCase<EngineSubject>[] = [
  clockCase(
    "a scheduled mutation runs once, at its time",
    async (engine, clock) => {
      const id = await engine.mutation("system:later", {
        delayMs: 5000,
        owner: "ada",
      });
      const [job] = await jobs(engine);
      assertEquals(job, {
        _id: id as string,
        _creationTime: job!._creationTime,
        name: "system.js:write",
        args: [{ owner: "ada" }],
        scheduledTime: clock.nowMs + 5000,
        state: { kind: "pending" },
      });
      clock.advance(4999);
      await settle();
      assertEquals(await count(engine, "ada"), 0);
      clock.advance(1);
      await settle();
      assertEquals(await count(engine, "ada"), 1);
      clock.advance(DAY_MS);
      await settle();
      assertEquals(await count(engine, "ada"), 1);
      const [done] = await jobs(engine);
      assertEquals(done!.state, { kind: "success" });
      assert((done!.completedTime as number) >= (job!.scheduledTime as number));
    },
  ),

  clockCase(
    "what a scheduled mutation wrote before it threw is gone, and its failure is noted",
    async (engine, clock) => {
      await engine.mutation("system:later", {
        delayMs: 0,
        owner: "ada",
        fail: "no luck",
      });
      clock.advance(0);
      await settle();
      assertEquals(await count(engine, "ada"), 0);
      const [job] = await jobs(engine);
      assertEquals(job!.state, {
        kind: "failed",
        error: "Uncaught Error: no luck",
      });
    },
  ),

  clockCase(
    "a mutation that throws schedules nothing, nor does a nested one",
    async (engine, clock) => {
      await engine.mutation("system:later", {
        delayMs: 0,
        owner: "ada",
        fail: "now",
      }).catch(() => {});
      assertEquals(
        await engine.mutation("system:scheduleInVain", { owner: "ada" }),
        [],
      );
      assertEquals(await jobs(engine), []);
      assertEquals(clock.count, cronTimers);
    },
  ),

  clockCase(
    "a call can be taken back while it waits",
    async (engine, clock) => {
      const id = await engine.mutation("system:later", {
        delayMs: 1000,
        owner: "ada",
      });
      await engine.mutation("system:cancel", { id });
      clock.advance(2000);
      await settle();
      assertEquals(await count(engine, "ada"), 0);
      assertEquals((await jobs(engine))[0]!.state, { kind: "canceled" });
      // Cancelling a finished one changes nothing.
      await engine.mutation("system:cancel", { id });
      await assertRefused(
        engine.mutation("system:cancel", { id: "nonsense" }),
        "ARGUMENT_VALIDATION",
      );
    },
  ),

  clockCase(
    "a call that has run stays as it is when it is taken back",
    async (engine, clock) => {
      const id = await engine.mutation("system:later", {
        delayMs: 0,
        owner: "ada",
      });
      clock.advance(0);
      await settle();
      await engine.mutation("system:cancel", { id });
      assertEquals((await jobs(engine))[0]!.state, { kind: "success" });
    },
  ),

  {
    name: "a call that is not there can be taken back, which does nothing",
    async run(subject) {
      const call = { delayMs: 1000, owner: "ada" };
      const former = subject.open();
      const id = await former.mutation("system:later", call);
      await former.close();
      const engine = subject.open();
      await engine.mutation("system:later", call);
      await engine.mutation("system:cancel", { id });
      const [job, ...more] = await jobs(engine);
      assertEquals([job!.state, more], [{ kind: "pending" }, []]);
      await engine.close();
    },
  },

  {
    name: "what is not there is not scheduled, and has no handle",
    async run(subject) {
      interface Ctx {
        scheduler: { runAfter(ms: number, name: string): Promise<string> };
      }
      const schedule = {
        isMutation: true,
        isPublic: true,
        _handler: (ctx: Ctx, { name }: { name: string }) =>
          ctx.scheduler.runAfter(0, name),
      };
      const handle = {
        isMutation: true,
        isPublic: true,
        _handler: (_ctx: Ctx, { name }: { name: string }) =>
          createFunctionHandle(makeFunctionReference<"query">(name)),
      };
      const look = { isQuery: true, isPublic: true, _handler: () => null };
      const engine = subject.open({
        modules: { a: { schedule, handle, look } },
      });
      const refused = {
        "a:missing":
          "Attempted to schedule function, but no exported function missing found in the file: a.js. Did you forget to export it?",
        "b:missing": "Attempted to schedule function at nonexistent path: b.js",
      };
      for (const [name, text] of Object.entries(refused)) {
        await assertRefused(
          engine.mutation("a:schedule", { name }),
          "FUNCTION_NOT_FOUND",
          text,
        );
      }
      // It fails when it is due.
      await engine.mutation("a:schedule", { name: "a:look" });
      await engine.mutation("a:handle", { name: "a:look" });
      await assertRefused(
        engine.mutation("a:handle", { name: "a:missing" }),
        "FUNCTION_ERROR",
        "Could not find function for 'a:missing'",
      );
      await engine.close();
    },
  },

  clockCase(
    "calls that are due together run in their order",
    async (engine, clock) => {
      for (const [delayMs, owner] of [[30, "c"], [10, "a"], [20, "b"]]) {
        await engine.mutation("system:later", { delayMs, owner });
      }
      await engine.mutation("system:scheduleMany", { count: 100 });
      clock.advance(1000);
      await settle();
      const written = await engine.query("notes:every", {}) as Doc[];
      assertEquals(written.length, 103);
      assertEquals(
        written.map(({ owner }) => owner),
        [
          ...Array.from({ length: 100 }, (_, at) => `many-${at}`),
          "a",
          "b",
          "c",
        ],
      );
      assert(
        (await jobs(engine)).every(({ state }) =>
          (state as { kind: string }).kind === "success"
        ),
      );
    },
  ),

  clockCase(
    "an action is scheduled at once, runs at most once, and its failure is noted",
    async (engine, clock) => {
      await engine.action("system:laterAction", { owner: "ada" });
      await engine.action("system:laterAction", { owner: "bob", fail: "late" });
      clock.advance(1000);
      await settle();
      await settle();
      assertEquals(await count(engine, "ada"), 1);
      assertEquals(await count(engine, "bob"), 1);
      assertEquals((await jobs(engine)).map(({ state }) => state), [
        { kind: "success" },
        { kind: "failed", error: "Uncaught Error: late" },
      ]);
    },
  ),

  {
    name:
      "scheduled calls survive the end of the process, an action under way does not run again",
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      const clock = new FakeTimers();
      const open = () =>
        subject.open({ store, timers: clock, now: () => clock.nowMs });
      const first = open();
      await first.mutation("system:later", { delayMs: 1000, owner: "ada" });
      await first.close();
      clock.advance(60_000);
      const second = open();
      await settle();
      clock.advance(0);
      await settle();
      assertEquals(await count(second, "ada"), 1);
      await second.action("system:laterAction", { owner: "bob" });
      // As after a crash: the action has started, and its end was not recorded.
      store.failAfterWrites = 1;
      clock.advance(1000);
      await settle();
      store.failAfterWrites = undefined;
      await second.close();
      const third = open();
      await settle();
      clock.advance(DAY_MS / 48);
      await settle();
      assertEquals(await count(third, "bob"), 0);
      assertEquals(await count(third, "ada"), 1);
      const states = (await jobs(third)).map(({ state }) => state);
      assertEquals(states, [{ kind: "success" }, {
        kind: "failed",
        error: "Transient error while executing action",
      }]);
      await third.close();
      store.closeReally();
    },
  },

  clockCase("cron jobs run at their times, in UTC", async (engine, clock) => {
    // It is Thursday, 1 January, midnight. An interval starts with a run.
    clock.advance(0);
    await settle();
    assertEquals(await count(engine, "minute"), 1);
    await clock.advanceSlowly(3 * 60_000);
    assertEquals(await count(engine, "minute"), 4);
    clock.advance(6.5 * 60 * 60_000 - 3 * 60_000);
    await settle();
    assertEquals(await count(engine, "weekday"), 1);
    assertEquals(await count(engine, "noon"), 0);
    clock.advance(5.5 * 60 * 60_000);
    await settle();
    assertEquals(await count(engine, "noon"), 1);
  }, { crons: true }),

  {
    name: "cron jobs of a component call its own functions",
    async run(subject) {
      const clock = new FakeTimers();
      const store = new SpyStore(subject.openStore());
      const ticks: string[] = [];
      const job = {
        name: "lib:tick",
        args: [{ by: "job" }],
        schedule: { type: "interval", minutes: 1 },
      };
      const tick = {
        isMutation: true,
        _handler: (_ctx: unknown, { by }: { by: string }) => {
          ticks.push(by);
        },
      };
      const modules = {
        crons: { default: { isCrons: true, crons: { "a job": job } } },
        lib: { tick },
      };
      const open = () =>
        subject.open({
          store,
          modules: {},
          components: { one: { modules }, "one/two": { modules } },
          timers: clock,
          now: () => clock.nowMs,
        });
      const engine = open();
      await settle();
      await clock.advanceSlowly(2 * 60_000);
      assertEquals(ticks, ["job", "job", "job", "job"]);
      await engine.close();
      await clock.advanceSlowly(10_000);
      const second = open();
      await settle();
      clock.advance(0);
      await settle();
      assertEquals(ticks.length, 4, "an interval goes on where it was");
      await second.close();
      await clock.advanceSlowly(5 * 60_000);
      const again = open();
      await settle();
      clock.advance(0);
      await settle();
      assertEquals(ticks.length, 6, "a missed run of each is made up for");
      await again.close();
    },
  },

  clockCase(
    "at most a thousand calls are scheduled by one mutation",
    async (engine) => {
      await engine.mutation("system:scheduleMany", { count: 1000 });
      const error = await assertRefused(
        engine.mutation("system:scheduleMany", { count: 1001 }),
        "LIMIT_EXCEEDED",
      );
      assertStringIncludes(error.message, "1000");
      assertEquals((await jobs(engine)).length, 1000);
    },
  ),
];

/** Number of timers of an idle engine. */
const cronTimers = 0;

function clockCase(
  name: string,
  run: (engine: Engine, clock: FakeTimers) => Promise<void>,
  options: Partial<EngineOptions> = {},
): ContractCase<EngineSubject> {
  return {
    name,
    async run(subject) {
      const clock = new FakeTimers();
      const engine = subject.open({
        timers: clock,
        now: () => clock.nowMs,
        crons: false,
        ...options,
      });
      try {
        await settle();
        await run(engine, clock);
      } finally {
        await engine.close();
      }
    },
  };
}

async function jobs(engine: Engine): Promise<Doc[]> {
  return await engine.query("system:jobs", {}) as Doc[];
}

async function count(engine: Engine, owner: string): Promise<number> {
  return await engine.query("flow:count", { owner }) as number;
}
