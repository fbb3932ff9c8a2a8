/**
 * The superseded versions that a record still has. Purges delete the oldest; the erasure of a former owner leaves gaps.
 *
 * @module
 */
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import type { StepBudget } from "../paging/walk.ts";
import { sizeOf } from "../size.ts";

/** The oldest superseded version that is left, or null. */
export function oldestVersion(
  ctx: QueryCtx,
  record: Doc<"immutable">,
): Promise<Doc<"immutableVersions"> | null> {
  return ctx.db.query("immutableVersions")
    .withIndex("by_entry_version", (q) => q.eq("immutableDocId", record._id))
    .first();
}

/** How many superseded versions are left. */
export async function heldVersions(
  ctx: QueryCtx,
  record: Doc<"immutable">,
): Promise<number> {
  return record.held ?? await sinceOldest(ctx, record);
}

/** Notes how many superseded versions are left, unless there are no gaps: then it follows from the oldest. */
export async function noteHeld(
  ctx: MutationCtx,
  record: Doc<"immutable">,
  count: number,
): Promise<void> {
  const held = await sinceOldest(ctx, record) === count ? undefined : count;
  if (held !== record.held) await ctx.db.patch(record._id, { held });
}

/** How many superseded versions there are since the oldest that is left, if there are no gaps. */
async function sinceOldest(
  ctx: QueryCtx,
  record: Doc<"immutable">,
): Promise<number> {
  const oldest = await oldestVersion(ctx, record);
  return oldest === null ? 0 : record.version - oldest.version;
}

/**
 * Deletes superseded versions of a record, oldest first, as far as the budget allows.
 *
 * @param most How many to delete. Default: all.
 */
export async function deleteVersions(
  ctx: MutationCtx,
  record: Doc<"immutable">,
  budget: StepBudget,
  most: number = Infinity,
): Promise<{ deleted: number; done: boolean }> {
  let deleted = 0;
  let done = true;
  const oldestFirst = ctx.db.query("immutableVersions")
    .withIndex("by_entry_version", (q) => q.eq("immutableDocId", record._id));
  for await (const row of oldestFirst) {
    if (deleted >= most) break;
    done = !budget.isSpent;
    if (!done) break;
    await ctx.db.delete(row._id);
    budget.take(sizeOf(row));
    deleted++;
  }
  if (record.held !== undefined) {
    await noteHeld(ctx, record, record.held - deleted);
  }
  return { deleted, done };
}
