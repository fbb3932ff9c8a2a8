/** Several mutations in one request: `batch:run`. */
import { checkCount } from "./lib/bounds.ts";
import { makeFunctionReference, mutationGeneric } from "convex/server";
import { v, type Value } from "convex/values";
import { accessArgs } from "./lib/access.ts";
import { isExpected, shown } from "./lib/errors.ts";
import type { MutationCtx } from "./lib/model.ts";
import { saysFull } from "./lib/oneTransaction.ts";

/** Mutations that may be called in a batch. */
const BATCHED: ReadonlySet<string> = new Set([
  "conversations:addMessage",
  "conversations:create",
  "facts:store",
  "memories:store",
  "memory:forget",
  "memory:remember",
]);
/** Most calls of one batch. */
const MAX_CALLS = 1000;

/** The message of an unexpected failure, as Convex's production deployments give it. */
const HIDDEN = "Server Error";

/** The outcome of one call. */
type Outcome =
  | { ok: true; value: Value }
  | { ok: false; error: { message: string; data?: Value } };

/**
 * Runs mutations in order, each as a subtransaction: one that fails is rolled back alone and reported in its place.
 * Expected failures carry `data`. An unexpected one tells nothing: called alone, the function fails with as much as the
 * deployment tells. Each call is authorised by its own arguments, because callers with different tenants and keys may
 * share a client.
 *
 * @throws {ConvexError} `LIMIT_EXCEEDED` over 1,000 calls.
 */
export const run = mutationGeneric({
  args: {
    ...accessArgs,
    calls: v.array(v.object({ name: v.string(), args: v.any() })),
  },
  returns: v.array(v.union(
    v.object({ ok: v.literal(true), value: v.any() }),
    v.object({
      ok: v.literal(false),
      error: v.object({ message: v.string(), data: v.optional(v.any()) }),
    }),
  )),
  handler: async (ctx, args) => {
    checkCount("calls", args.calls.length, MAX_CALLS);
    const outcomes: Outcome[] = [];
    for (const { name, args: callArgs } of args.calls) {
      outcomes.push(await attempt(ctx, name, callArgs));
    }
    return outcomes;
  },
});

async function attempt(
  ctx: MutationCtx,
  name: string,
  args: Record<string, Value>,
): Promise<Outcome> {
  if (!BATCHED.has(name)) {
    const message = `NOT_BATCHED: ${shown(name)} cannot be called in a batch`;
    return { ok: false, error: { message, data: message } };
  }
  try {
    const value = await ctx.runMutation(
      makeFunctionReference<"mutation", Record<string, Value>, Value>(name),
      args,
    );
    return { ok: true, value };
  } catch (error) {
    return { ok: false, error: describe(error) };
  }
}

function describe(error: unknown): { message: string; data?: Value } {
  if (isExpected(error)) {
    const data = error.data as Value;
    const message = typeof data === "string" ? data : error.message;
    // What does not fit into the batch's transaction may fit into one of its own.
    return saysFull(data) ? { message } : { message, data };
  }
  return { message: HIDDEN };
}
