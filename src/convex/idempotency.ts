/** Keys of jobs that take several calls, and the clean-up after writes that carried a key. */
import { internalMutationGeneric, makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import { accessArgs } from "./lib/access.ts";
import { fail } from "./lib/errors.ts";
import { publicMutation } from "./lib/functions.ts";
import { emptyRest } from "./lib/idempotency/keptResults.ts";
import { sweepKeys } from "./lib/idempotency/idempotency.ts";
import { StepBudget } from "./lib/paging/walk.ts";

/** Most keys that one call deletes, and most rows of them. */
const MAX_SWEPT = 100;
const MAX_ROWS = 2000;

const SWEEP = makeFunctionReference<"mutation">("idempotency:sweep");

/**
 * Remembers what a job is about, such as the rows that filters chose, for repeats with its key: returns what was passed
 * with the key first. Callers pass hashes of what must not be kept for a day. With `reason`, an error code, a new key
 * fails with that code.
 */
export const choose = publicMutation("idempotency:choose", {
  args: {
    ...accessArgs,
    chosen: v.string(),
    reason: v.optional(v.string()),
  },
  returns: v.string(),
  handler: (_ctx, { chosen, reason }) =>
    reason === undefined ? Promise.resolve(chosen) : fail(reason),
});

/** Deletes expired keys, for the scheduler: at most 100 and 4 MiB, then schedules itself for the rest. */
export const sweep = internalMutationGeneric({
  args: { now: v.optional(v.number()) },
  returns: v.object({ deleted: v.number(), done: v.boolean() }),
  handler: async (ctx, args) => {
    const { now = Date.now() } = args;
    const budget = new StepBudget(MAX_ROWS);
    const swept = await sweepKeys(ctx, now, MAX_SWEPT, budget);
    if (!swept.done) await ctx.scheduler.runAfter(0, SWEEP, {});
    return swept;
  },
});

/** Empties kept answers that show a deleted row, for the scheduler: 3 MiB, then schedules itself for the rest. */
export const forget = internalMutationGeneric({
  args: { from: v.id("idempotencyTraces") },
  returns: v.null(),
  handler: async (ctx, { from }) => {
    await emptyRest(ctx, from);
    return null;
  },
});
