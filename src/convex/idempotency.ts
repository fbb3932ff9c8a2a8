/** Housekeeping of writes that carried an idempotency key. */
import { internalMutationGeneric, makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import { sweepKeys } from "./lib/idempotency.ts";

/** Keys that one call deletes. */
const MAX_SWEPT = 100;

const SWEEP = makeFunctionReference<"mutation">("idempotency:sweep");

/** Deletes keys whose time is over, for the scheduler: at most 100, and calls itself for the rest. */
export const sweep = internalMutationGeneric({
  args: { now: v.optional(v.number()) },
  returns: v.object({ deleted: v.number(), done: v.boolean() }),
  handler: async (ctx, args) => {
    const { now = Date.now() } = args;
    const deleted = await sweepKeys(ctx, now, MAX_SWEPT);
    const done = deleted < MAX_SWEPT;
    if (!done) await ctx.scheduler.runAfter(0, SWEEP, {});
    return { deleted, done };
  },
});
