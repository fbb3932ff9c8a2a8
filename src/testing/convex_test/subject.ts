import {
  type GenericDataModel,
  type GenericMutationCtx,
  makeFunctionReference,
} from "convex/server";
import { MAX_TIMER_MS } from "../../engine/timers.ts";
import type { TestConvexRoot } from "../../convex_test/mod.ts";
import { FakeTimers } from "../support/fake_timers.ts";
import type { ContractCase } from "../types.ts";

/** What the cases need: `convexTest` over the fixture backend, with the component `counter` registered. */
export interface ConvexTestSubject {
  /** Makes an empty backend. */
  make(options?: {
    transactionLimits?: { documentsWritten?: number } | boolean;
    compat?: "convex" | "convex-test";
    crons?: boolean;
  }): Test;
}

/** `t` of the cases: the fixture's functions have no types here. */
export type Test = TestConvexRoot<GenericDataModel>;

/** `ctx` of a run. */
export type Ctx = GenericMutationCtx<GenericDataModel>;
type Args = { [name: string]: unknown };
/** A row that a function returned. */
export type Row = { [field: string]: unknown };

/** A query of the fixture. */
export const q = (name: string) =>
  makeFunctionReference<"query", Args, unknown>(name);
/** A mutation of the fixture. */
export const m = (name: string) =>
  makeFunctionReference<"mutation", Args, unknown>(name);
/** An action of the fixture. */
export const a = (name: string) =>
  makeFunctionReference<"action", Args, unknown>(name);

/** How to run a case. */
interface CaseOptions {
  /** Whether to run only on hosts that can tell which function runs code. */
  isExact?: boolean;
  /** Which backend `t` answers like. */
  compat?: "convex" | "convex-test";
}

/** A case with a `t` of its own. */
export function testCase(
  name: string,
  run: (t: Test, subject: ConvexTestSubject) => Promise<void>,
  { isExact = false, compat = "convex" }: CaseOptions = {},
): ContractCase<ConvexTestSubject> {
  return {
    name,
    async run(subject) {
      // Without knowing the caller, a call from inside a run would wait for the run itself.
      if (isExact && !hasAsyncStorage()) return;
      const t = subject.make({ compat });
      try {
        await run(t, subject);
      } finally {
        await t.close();
      }
    },
  };
}

/** A case over a backend that answers like `convex-test`. */
export function mockCase(
  name: string,
  run: (t: Test) => Promise<void>,
  options: Pick<CaseOptions, "isExact"> = {},
): ContractCase<ConvexTestSubject> {
  const compat = "convex-test";
  return testCase(`under compat ${name}`, run, { ...options, compat });
}

/** A case with a fake clock instead of the host's. */
export function clockCase(
  name: string,
  run: (t: Test, clock: FakeTimers) => Promise<void>,
  options: CaseOptions = {},
): ContractCase<ConvexTestSubject> {
  return testCase(
    name,
    (t) => withFakeClock((clock) => run(t, clock)),
    options,
  );
}

function hasAsyncStorage(): boolean {
  const { process, AsyncLocalStorage } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
    AsyncLocalStorage?: unknown;
  };
  return Boolean(
    process?.getBuiltinModule?.("node:async_hooks") ?? AsyncLocalStorage,
  );
}

/** Adds a note. */
export function insert(ctx: Ctx, owner: string): Promise<string> {
  return ctx.db.insert("notes", { owner, text: "a" });
}

/** Counts the notes. */
export async function count(ctx: Ctx): Promise<number> {
  return (await ctx.db.query("notes").collect()).length;
}

/** Replaces the host's clock while something runs, as test libraries do. */
export async function withFakeClock(
  run: (clock: FakeTimers) => Promise<void>,
): Promise<void> {
  const clock = new FakeTimers();
  const host = globalThis as unknown as {
    setTimeout: unknown;
    clearTimeout: unknown;
  };
  const { setTimeout, clearTimeout } = host;
  const { now } = Date;
  // Like hosts, and like other fake clocks.
  host.setTimeout = (callback: () => void, ms: number) =>
    clock.set(ms > MAX_TIMER_MS ? 1 : ms, callback);
  host.clearTimeout = (id: unknown) => clock.clear(id);
  Date.now = () => clock.nowMs;
  try {
    await run(clock);
  } finally {
    host.setTimeout = setTimeout;
    host.clearTimeout = clearTimeout;
    Date.now = now;
  }
}
