/** Versions of a record: by number, by time, all of them. */
import { v } from "convex/values";
import { stepFields } from "../fields.ts";
import {
  type ExpandedVersion,
  expandedVersion,
  startOf,
  toExpanded,
  versionsOf,
} from "./immutableStore.ts";
import { oldestVersion } from "./heldVersions.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { inStepOf, StepBudget } from "../paging/walk.ts";

/** Most versions of one part. */
const MAX_PART = 500;

type Record = Doc<"immutable">;

/** The newest versions that fit into one answer, oldest first: up to 1,000 and the current one. */
export async function historyOf(
  ctx: QueryCtx,
  record: Record,
): Promise<ExpandedVersion[]> {
  const versions = await versionsOf(ctx, record);
  return [
    ...versions.map((version) => toExpanded(record, version)),
    toExpanded(record),
  ];
}

/** Validator of a part of a history. */
export const historyPart = v.object({
  versions: v.array(expandedVersion),
  ...stepFields,
});

/** A part of all remaining versions, oldest first, the current one last: at most 500 and 4 MiB. */
export async function historyPage(
  ctx: QueryCtx,
  record: Record,
  cursor: string | undefined,
): Promise<typeof historyPart.type> {
  const versions: ExpandedVersion[] = [];
  const budget = new StepBudget(MAX_PART);
  const { isAnother, ...end } = await inStepOf(
    ctx,
    record._id,
    [{
      table: "immutableVersions",
      index: "by_entry_version",
      equals: [["immutableDocId", record._id]],
      by: "version",
    }],
    cursor,
    budget,
    (old) => {
      budget.take(old.bytes);
      versions.push(toExpanded(record, old));
    },
  );
  if (end.done && !isAnother) versions.push(toExpanded(record));
  return { versions, ...end };
}

/** The version with a given number; null if there is none, or if it was purged. */
export async function versionNumbered(
  ctx: QueryCtx,
  record: Record,
  version: number,
): Promise<ExpandedVersion | null> {
  if (version === record.version) return toExpanded(record);
  const found = await ctx.db.query("immutableVersions")
    .withIndex(
      "by_entry_version",
      (q) => q.eq("immutableDocId", record._id).eq("version", version),
    )
    .first();
  return found === null ? null : toExpanded(record, found);
}

/**
 * The version that was current at a time; null before the record was created. If that version is gone, the newest one
 * before it that remains, or else the earliest.
 */
export async function versionAt(
  ctx: QueryCtx,
  record: Record,
  timestamp: number,
): Promise<ExpandedVersion | null> {
  if (timestamp < record.createdAt) return null;
  if (timestamp >= startOf(record)) return toExpanded(record);
  const before = await ctx.db.query("immutableVersions")
    .withIndex(
      "by_entry_time",
      (q) => q.eq("immutableDocId", record._id).lte("timestamp", timestamp),
    )
    .order("desc").first();
  const found = before ?? await oldestVersion(ctx, record);
  return found === null ? toExpanded(record) : toExpanded(record, found);
}
