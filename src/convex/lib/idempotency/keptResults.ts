/**
 * Empties the kept answers of keyed writes when rows that they show are deleted, but keeps the keys. So deleted data
 * cannot be read from an answer, and a late repeat of the write does not bring it back.
 *
 * @module
 */
import { makeFunctionReference } from "convex/server";
import { rowTrace, type TracedTable } from "./idempotencyTraces.ts";
import type { Doc, Id, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { StepBudget } from "../paging/walk.ts";

/** Most rows and bytes of answers that a transaction empties in addition to its own work. */
const MAX_ROWS = 400;
const MAX_BYTES = 3 * 1024 * 1024;

const FORGET = makeFunctionReference<"mutation">("idempotency:forget");

/** The budget of each transaction, which may delete many rows. */
const rooms = new WeakMap<MutationCtx, StepBudget>();

/**
 * Empties the kept answers that show a row; to be called where the row is deleted. Answers beyond the budget are
 * emptied right afterwards, in transactions of their own.
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

/** Empties the kept answers with a trace, newest first, and schedules those beyond the budget. */
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
      // Passes an id, because scheduled arguments are kept for days and a trace may name a user.
      await ctx.scheduler.runAfter(0, FORGET, { from: _id });
      return;
    }
    // The other traces stay, so that the key is erased with whom they name.
    await ctx.db.delete(_id);
  }
}

/** Continues emptying answers, from a given trace on. */
export async function emptyRest(
  ctx: MutationCtx,
  from: Id<"idempotencyTraces">,
): Promise<void> {
  const row = await ctx.db.get(from);
  if (row === null) return;
  await emptyAnswers(ctx, row, new StepBudget(MAX_ROWS, MAX_BYTES));
}

/**
 * Empties the answer of a key; returns false if the budget was spent first. An answer without its first part counts as
 * empty.
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

/**
 * Deletes rows that depend on a key, parts of a long answer or traces; returns false if the budget was spent first.
 *
 * @param isWhole Whether to delete all of them, however many.
 */
export async function dropHanging(
  ctx: MutationCtx,
  table: "idempotencyParts" | "idempotencyTraces",
  keyDocId: Id<"idempotencyKeys">,
  budget?: StepBudget,
  isWhole = budget === undefined,
): Promise<boolean> {
  const hanging = ctx.db.query(table)
    .withIndex("by_key", (q) => q.eq("keyDocId", keyDocId));
  for await (const row of hanging) {
    if (!isWhole && budget?.isSpent) return false;
    budget?.take(sizeOf(row));
    await ctx.db.delete(row._id);
  }
  return true;
}
