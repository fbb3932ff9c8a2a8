import { assertEquals, assertRejects } from "@std/assert";
import type { ContractCase } from "../types.ts";
import { FakeTimers, settle } from "../support/fake_timers.ts";
import type { EngineSubject } from "./subject.ts";

interface Ctx {
  scheduler: {
    runAfter(delayMs: number, name: string): Promise<string>;
    cancel(id: string): Promise<void>;
  };
  db: {
    system: {
      query(
        table: string,
      ): {
        collect(): Promise<{ _id: string; name: string; state: unknown }[]>;
      };
    };
  };
  runMutation(name: string): Promise<string>;
}

/** A promise and what resolves it; Node 20 has no `Promise.withResolvers`. */
function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => resolve = done);
  return { promise, resolve };
}

/** Scheduled functions that are cancelled while they run. */
export const engineCancelContract: ContractCase<EngineSubject>[] = [
  {
    name:
      "what a canceled action schedules while it still runs is canceled, too",
    async run(subject) {
      const begun = later<void>();
      const release = later<void>();
      let ran = 0;
      const action = async (ctx: Ctx) => {
        begun.resolve();
        await release.promise;
        await ctx.scheduler.runAfter(0, "a:count");
        await ctx.runMutation("a:schedule");
      };
      const modules = {
        a: {
          slow: { isAction: true, isPublic: true, _handler: action },
          begin: mutation((ctx) => ctx.scheduler.runAfter(0, "a:slow")),
          schedule: mutation((ctx) => ctx.scheduler.runAfter(0, "a:count")),
          count: mutation(() => void ran++),
          cancel: mutation((ctx, { id }) => ctx.scheduler.cancel(id!)),
          jobs,
        },
      };
      const clock = new FakeTimers();
      const engine = subject.open({
        modules,
        timers: clock,
        now: () => clock.nowMs,
        crons: false,
      });
      const id = await engine.mutation("a:begin", {});
      clock.advance(0);
      await begun.promise;
      await engine.mutation("a:cancel", { id });
      release.resolve();
      await settle();
      clock.advance(10);
      await settle();
      assertEquals(await engine.query("a:jobs", {}), [
        ["a.js:slow", "canceled"],
        ["a.js:count", "canceled"],
        ["a.js:count", "canceled"],
      ]);
      assertEquals(ran, 0);
      // Functions scheduled by others run.
      await engine.mutation("a:schedule", {});
      clock.advance(10);
      await settle();
      assertEquals(ran, 1);
      await engine.close();
    },
  },

  {
    name: "what is asked for after a call was scheduled or canceled sees that",
    async run(subject) {
      const states = async (ctx: Ctx) =>
        (await ctx.db.system.query("_scheduled_functions").collect())
          .map(({ state }) => (state as { kind: string }).kind);
      const order = async (ctx: Ctx) => {
        const scheduled = ctx.scheduler.runAfter(1, "a:jobs");
        const pending = await states(ctx);
        const canceling = ctx.scheduler.cancel(await scheduled);
        const canceled = await states(ctx);
        await canceling;
        return [...pending, ...canceled];
      };
      const modules = { a: { order: mutation(order), jobs } };
      const engine = subject.open({ modules, timers: new FakeTimers() });
      assertEquals(
        await engine.mutation("a:order", {}),
        ["pending", "canceled"],
      );
      await engine.close();
    },
  },

  {
    name: "a scheduled mutation cannot take itself back",
    async run(subject) {
      const refused = later<Error>();
      const seen: unknown[] = [];
      const self = async (ctx: Ctx) => {
        const [job] = await ctx.db.system.query("_scheduled_functions")
          .collect();
        seen.push(job!.state);
        refused.resolve(
          await assertRejects(() => ctx.scheduler.cancel(job!._id), Error),
        );
      };
      const clock = new FakeTimers();
      const engine = subject.open({
        modules: {
          a: {
            self: mutation(self),
            begin: mutation((ctx) => ctx.scheduler.runAfter(0, "a:self")),
            jobs,
          },
        },
        timers: clock,
        now: () => clock.nowMs,
        crons: false,
      });
      await engine.mutation("a:begin", {});
      clock.advance(0);
      assertEquals(
        (await refused.promise).message,
        "A mutation cannot cancel itself",
      );
      assertEquals(seen, [{ kind: "inProgress" }]);
      await settle();
      assertEquals(await engine.query("a:jobs", {}), [[
        "a.js:self",
        "success",
      ]]);
      await engine.close();
    },
  },
];

const jobs = {
  isQuery: true,
  isPublic: true,
  _handler: async (ctx: Ctx) => {
    const rows = await ctx.db.system.query("_scheduled_functions").collect();
    return rows.map(({ name, state }) => [
      name,
      (state as { kind: string }).kind,
    ]);
  },
};

function mutation(handler: (ctx: Ctx, args: { id?: string }) => unknown) {
  return { isMutation: true, isPublic: true, _handler: handler };
}
