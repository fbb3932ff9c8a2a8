/** Versions of a record: by number, by time, all of them. */
import {
  type ExpandedVersion,
  toExpanded,
  versionsOf,
} from "./immutableStore.ts";
import type { Doc, QueryCtx } from "./model.ts";

type Record = Doc<"immutable">;

/** Every version that is left, oldest first: the newest 1,000 and the present one. */
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

/** The version of a number; null where there is none, or none any more. */
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
 * The version that was current at a time: null before the record was created. Where that version was purged, the
 * earliest one that is left.
 */
export async function versionAt(
  ctx: QueryCtx,
  record: Record,
  timestamp: number,
): Promise<ExpandedVersion | null> {
  if (timestamp < record.createdAt) return null;
  if (timestamp >= record.updatedAt) return toExpanded(record);
  const before = await ctx.db.query("immutableVersions")
    .withIndex(
      "by_entry_time",
      (q) => q.eq("immutableDocId", record._id).lte("timestamp", timestamp),
    )
    .order("desc").first();
  const found = before ?? await ctx.db.query("immutableVersions")
    .withIndex("by_entry_version", (q) => q.eq("immutableDocId", record._id))
    .first();
  return found === null ? toExpanded(record) : toExpanded(record, found);
}
