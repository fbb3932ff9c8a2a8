/** Purges records: versions first, so that a repeated call finds what is left. */
import {
  isSelectedRecord,
  type RecordFilter,
  recordRange,
} from "./immutableList.ts";
import { deleteVersions, heldVersions } from "./heldVersions.ts";
import { deleteRecord, findRecord, requireRecord } from "./immutableStore.ts";
import { forgetRow } from "../idempotency/keptResults.ts";
import type { Doc, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { isGone } from "../paging/cursor.ts";
import { inStep, StepBudget } from "../paging/walk.ts";

/** Names a record, and carries the cursor of the step before. */
interface Named {
  type: string;
  id: string;
  cursor?: string;
}

/** The record that a step continues with; null if it is gone. Throws `IMMUTABLE_ENTRY_NOT_FOUND` in the first step. */
async function recordOf(
  ctx: MutationCtx,
  scope: Scope,
  { type, id, cursor }: Named,
): Promise<Doc<"immutable"> | null> {
  const found = await findRecord(ctx, scope, type, id);
  if (isGone(ctx, "immutable", found, cursor)) return null;
  return found ?? await requireRecord(ctx, scope, type, id);
}

/** `immutable:purge` */
export async function purgeRecord(
  ctx: MutationCtx,
  scope: Scope,
  args: Named,
): Promise<{
  deleted: boolean;
  type: string;
  id: string;
  versionsDeleted: number;
  done: boolean;
  cursor?: string;
}> {
  const { type, id } = args;
  const record = await recordOf(ctx, scope, args);
  const { deleted: versionsDeleted, done } = record === null
    ? { deleted: 0, done: true }
    : await deleteRecord(ctx, scope, record, new StepBudget());
  return {
    deleted: done,
    type,
    id,
    versionsDeleted,
    done,
    ...(!done && { cursor: record!._id }),
  };
}

/** `immutable:purgeMany`. Deletes profiles of users only if the filter names their type or a user. */
export async function purgeRecords(
  ctx: MutationCtx,
  scope: Scope,
  filter: Pick<RecordFilter, "type" | "userId">,
): Promise<{
  deleted: number;
  totalVersionsDeleted: number;
  entries: { type: string; id: string }[];
  done: boolean;
}> {
  const budget = new StepBudget();
  const entries: { type: string; id: string }[] = [];
  let totalVersionsDeleted = 0;
  const range = {
    ...recordRange(scope, filter, { sortOrder: "asc" }),
    selects: (row: Doc<"immutable">) => isSelectedRecord(row, filter),
  };
  const { done } = await inStep(
    ctx,
    [range],
    undefined,
    budget,
    async (row) => {
      const { deleted, done } = await deleteRecord(ctx, scope, row, budget);
      totalVersionsDeleted += deleted;
      if (!done) return false;
      budget.take(row.bytes);
      entries.push({ type: row.type, id: row.id });
    },
  );
  return { deleted: entries.length, totalVersionsDeleted, entries, done };
}

/** `immutable:purgeVersions` */
export async function pruneRecord(
  ctx: MutationCtx,
  scope: Scope,
  args: Named & { keepLatest: number },
): Promise<{
  versionsPurged: number;
  versionsRemaining: number;
  done: boolean;
  cursor?: string;
}> {
  const record = await recordOf(ctx, scope, args);
  if (record === null) {
    return { versionsPurged: 0, versionsRemaining: 0, done: true };
  }
  const held = await heldVersions(ctx, record);
  const { deleted, done } = await deleteVersions(
    ctx,
    record,
    new StepBudget(),
    held - Math.max(1, args.keepLatest) + 1,
  );
  if (deleted > 0) {
    await forgetRow(ctx, scope, "immutable", args.type, args.id);
  }
  return {
    versionsPurged: deleted,
    versionsRemaining: 1 + held - deleted,
    done,
    ...(!done && { cursor: record._id }),
  };
}
