/** What the key of a job of several calls stands for, and housekeeping of writes that carried a key. */
import { internalMutationGeneric, makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import { accessArgs } from "./lib/access.ts";
import { fail } from "./lib/errors.ts";
import { publicMutation } from "./lib/functions.ts";
import { emptyRest } from "./lib/keptResults.ts";
import { sweepKeys } from "./lib/idempotency.ts";
import { StepBudget } from "./lib/walk.ts";

/** Keys that one call deletes, and rows of them. */
const MAX_SWEPT = 100;
const MAX_ROWS = 2000;

const SWEEP = makeFunctionReference<"mutation">("idempotency:sweep");

/**
 * Keeps what a job is about, such as rows that filters chose, for whoever repeats it with its key: gives what was first
 * given with that key. What must not be kept for a day is given as hashes. A new key fails with `reason`,
 * a code, if it is given.
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

/** Deletes keys whose time is over, for the scheduler: at most 100 and 4 MiB, and calls itself for the rest. */
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

/** Empties kept answers that show a row which was deleted, for the scheduler: 3 MiB, and calls itself for the rest. */
export const forget = internalMutationGeneric({
  args: { from: v.id("idempotencyTraces") },
  returns: v.null(),
  handler: async (ctx, { from }) => {
    await emptyRest(ctx, from);
    return null;
  },
});
