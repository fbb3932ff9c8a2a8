/**
 * What keyed writes answered, once rows that it shows are deleted: the answer goes, the key stays. So nothing that was
 * deleted can be read from it, and a late repetition of the write does not bring it back.
 *
 * @module
 */
import { makeFunctionReference } from "convex/server";
import { rowTrace, type TracedTable } from "./idempotencyTraces.ts";
import type { Doc, Id, MutationCtx } from "./model.ts";
import type { Scope } from "./scope.ts";
import { sizeOf } from "./size.ts";
import { StepBudget } from "./walk.ts";

/** Rows and bytes of answers that one transaction empties itself, beside what it is for. */
const MAX_ROWS = 400;
const MAX_BYTES = 3 * 1024 * 1024;

const FORGET = makeFunctionReference<"mutation">("idempotency:forget");

/** The budget of each transaction: one deletes many rows. */
const rooms = new WeakMap<MutationCtx, StepBudget>();

/**
 * Empties the kept answers that show a row. To be called where the row is deleted. Of those beyond the budget, the
 * rest goes right after, in transactions of its own.
 */
export async function forgetRow(
  ctx: MutationCtx,
  scope: Scope,
  table: TracedTable,
  ...ids: string[]
): Promise<void> {
  const trace = rowTrace(table, ids);
  scope.forgotten?.add(trace);
  const { tenantId } = scope;
  const budget = rooms.get(ctx) ?? new StepBudget(MAX_ROWS, MAX_BYTES);
  rooms.set(ctx, budget);
  await emptyAnswers(
    ctx,
    { ...(tenantId !== undefined && { tenantId }), trace },
    budget,
  );
}

/** Empties the kept answers with a trace, the newest first, and has those beyond the budget emptied afterwards. */
async function emptyAnswers(
  ctx: MutationCtx,
  { tenantId, trace }: Pick<Doc<"idempotencyTraces">, "tenantId" | "trace">,
  budget: StepBudget,
): Promise<void> {
  const traces = ctx.db.query("idempotencyTraces")
    .withIndex(
      "by_tenant_trace",
      (q) => q.eq("tenantId", tenantId).eq("trace", trace),
    )
    .order("desc");
  for await (const { _id, keyDocId } of traces) {
    if (budget.isSpent || !await emptyAnswer(ctx, keyDocId, budget)) {
      // By its id: scheduled arguments are kept for days, and a trace may name a user.
      await ctx.scheduler.runAfter(0, FORGET, { from: _id });
      return;
    }
    // The other traces stay: when those they name are erased, the key is, too.
    await ctx.db.delete(_id);
  }
}

/** Goes on emptying answers from a trace on. */
export async function emptyRest(
  ctx: MutationCtx,
  from: Id<"idempotencyTraces">,
): Promise<void> {
  const row = await ctx.db.get(from);
  if (row === null) return;
  await emptyAnswers(ctx, row, new StepBudget(MAX_ROWS, MAX_BYTES));
}

/**
 * Empties the answer of a key; false when the budget was spent first. What lacks its first part is no answer any more.
 */
async function emptyAnswer(
  ctx: MutationCtx,
  keyDocId: Id<"idempotencyKeys">,
  budget: StepBudget,
): Promise<boolean> {
  const key = await ctx.db.get(keyDocId);
  if (key === null) return true;
  budget.take(sizeOf(key));
  if (key.result !== "") await ctx.db.patch(keyDocId, { result: "" });
  return await dropHanging(ctx, "idempotencyParts", keyDocId, budget);
}

/** Deletes what depends on a key: the parts of a long answer, or its traces; false when the budget was spent first. */
export async function dropHanging(
  ctx: MutationCtx,
  table: "idempotencyParts" | "idempotencyTraces",
  keyDocId: Id<"idempotencyKeys">,
  budget?: StepBudget,
): Promise<boolean> {
  const hanging = ctx.db.query(table)
    .withIndex("by_key", (q) => q.eq("keyDocId", keyDocId));
  for await (const row of hanging) {
    if (budget?.isSpent) return false;
    budget?.take(sizeOf(row));
    await ctx.db.delete(row._id);
  }
  return true;
}
