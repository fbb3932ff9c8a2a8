/**
 * What keyed writes answered, once rows that it shows are deleted: the answer goes, the key stays. So nothing that was
 * deleted can be read from it, and a late repetition of the write does not bring it back.
 *
 * @module
 */
import { rowTrace, type TracedTable } from "./idempotencyTraces.ts";
import type { Id, MutationCtx } from "./model.ts";
import type { Scope } from "./scope.ts";

/** Answers that one deletion empties, the newest first; older ones go with their keys, after a day at most. */
const MAX_EMPTIED = 200;

/** Empties the kept answers that show a row. To be called where the row is deleted. */
export async function forgetRow(
  ctx: MutationCtx,
  scope: Scope,
  table: TracedTable,
  ...ids: string[]
): Promise<void> {
  const trace = rowTrace(table, ids);
  scope.forgotten?.add(trace);
  const traces = await ctx.db.query("idempotencyTraces")
    .withIndex(
      "by_tenant_trace",
      (q) => q.eq("tenantId", scope.tenantId).eq("trace", trace),
    )
    .order("desc").take(MAX_EMPTIED);
  for (const { _id, keyDocId } of traces) {
    // The other traces stay: by them whoever they name is erased, key and all.
    await ctx.db.delete(_id);
    await dropHanging(ctx, "idempotencyParts", keyDocId);
    await ctx.db.patch(keyDocId, { result: "" });
  }
}

/** Deletes what hangs on a key: the parts of a long answer, or whom and what it tells of. */
export async function dropHanging(
  ctx: MutationCtx,
  table: "idempotencyParts" | "idempotencyTraces",
  keyDocId: Id<"idempotencyKeys">,
): Promise<void> {
  const hanging = ctx.db.query(table)
    .withIndex("by_key", (q) => q.eq("keyDocId", keyDocId));
  for await (const { _id } of hanging) await ctx.db.delete(_id);
}
