/**
 * Versioned records: one row for the current version, and one for each superseded version.
 *
 * @module
 */
import { IMMUTABLE_ENTRY_NOT_FOUND, MISSING_REQUIRED_FIELD } from "../codes.ts";
import { v } from "convex/values";
import { immutableCounters, Tally } from "../counters.ts";
import { mergeFreeForm, PROTOTYPE_NAMES } from "../freeForm/deepMerge.ts";
import { fail, shown } from "../errors.ts";
import { metadata } from "../fields.ts";
import {
  type FreeForm,
  readFreeForm,
  replaceFreeForm,
  storeFreeForm,
} from "../freeForm/freeForm.ts";
import {
  checkRow,
  jsonOf,
  searchable,
  valueBytes,
} from "../freeForm/jsonSize.ts";
import { forgetRow } from "../idempotency/keptResults.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { owner, type Scope, timeOfChange } from "../scope.ts";
import { pick } from "../shapes.ts";
import { StepBudget, taken } from "../paging/walk.ts";
import { deleteVersions } from "./heldVersions.ts";

/** Most superseded versions of a record in one answer. */
const MAX_VERSIONS_SHOWN = 1000;

const freeFields = {
  data: v.optional(v.any()),
  dataJson: v.optional(v.string()),
  ...metadata,
};

/** Validator of a superseded version as returned. */
const versionView = v.object({
  version: v.number(),
  ...freeFields,
  timestamp: v.number(),
});

/** Validator of a record as returned. */
export const recordView = v.object({
  _id: v.id("immutable"),
  type: v.string(),
  id: v.string(),
  ...freeFields,
  userId: v.optional(v.string()),
  tenantId: v.optional(v.string()),
  version: v.number(),
  previousVersions: v.array(versionView),
  createdAt: v.number(),
  updatedAt: v.number(),
});

/** A record as returned. */
export type RecordView = typeof recordView.type;

/** Validator of a version with the type and id of its record. */
export const expandedVersion = v.object({
  type: v.string(),
  id: v.string(),
  version: v.number(),
  ...freeFields,
  userId: v.optional(v.string()),
  timestamp: v.number(),
  createdAt: v.number(),
});

/** A version with the type and id of its record. */
export type ExpandedVersion = typeof expandedVersion.type;

/** What `storeRecord` stores. */
export type NewRecord = FreeForm<"data"> & FreeForm<"metadata"> & {
  type: string;
  id: string;
  userId?: string;
  /** Whether to merge `data` into the current data instead of replacing it. */
  merge?: boolean;
  /** Whether to change the current version in place. */
  skipVersioning?: boolean;
};

/** Key of the count of all records of a type, in the group that `immutableCounters` names. */
export const RECORDS = "records";

/** Reads one record of the scope. */
export function findRecord(
  ctx: QueryCtx,
  scope: Scope,
  type: string,
  id: string,
): Promise<Doc<"immutable"> | null> {
  return ctx.db.query("immutable")
    .withIndex(
      "by_tenant_type_id",
      (q) => q.eq("tenantId", scope.tenantId).eq("type", type).eq("id", id),
    )
    .unique();
}

/** The same, for callers that need one. Throws `IMMUTABLE_ENTRY_NOT_FOUND`. */
export async function requireRecord(
  ctx: QueryCtx,
  scope: Scope,
  type: string,
  id: string,
): Promise<Doc<"immutable">> {
  return await findRecord(ctx, scope, type, id) ??
    fail(IMMUTABLE_ENTRY_NOT_FOUND, `${shown(type)} ${shown(id)}`);
}

/**
 * Stores a record: version 1, or the next version of an existing one. Reads 1 row, writes at most 2 and a count.
 *
 * @throws {ConvexError} `MISSING_REQUIRED_FIELD`, `VALUE_TOO_LARGE`, `INVALID_JSON`.
 */
export async function storeRecord(
  ctx: MutationCtx,
  scope: Scope,
  given: NewRecord,
): Promise<Doc<"immutable">> {
  const found = await findRecord(ctx, scope, given.type, given.id);
  return found === null
    ? await insertRecord(ctx, scope, given)
    : await storeVersion(ctx, scope, found, given);
}

/** Stores version 1 of a record whose id is free. */
export async function insertRecord(
  ctx: MutationCtx,
  scope: Scope,
  given: NewRecord,
): Promise<Doc<"immutable">> {
  const row = {
    ...owner(scope),
    type: given.type,
    id: given.id,
    ...(given.userId !== undefined && { userId: given.userId }),
    ...contents(
      given.merge === true
        ? mergeFreeForm("data", { data: {} }, given, PROTOTYPE_NAMES)
        : given,
    ),
    ...storeFreeForm("metadata", given.metadata, given.metadataJson),
    version: 1,
    createdAt: scope.now,
    updatedAt: scope.now,
  };
  checkRow("record", row);
  const _id = await ctx.db.insert("immutable", row);
  await countRecord(ctx, scope, row, 1);
  return { ...row, _id, _creationTime: scope.now };
}

/** Stores the next version of a record. */
export async function storeVersion(
  ctx: MutationCtx,
  scope: Scope,
  found: Doc<"immutable">,
  given: NewRecord,
): Promise<Doc<"immutable">> {
  const data = given.merge === true
    ? mergeFreeForm("data", found, given, PROTOTYPE_NAMES)
    : given;
  const updatedAt = timeOfChange(scope, found);
  if (given.skipVersioning !== true) {
    await ctx.db.insert("immutableVersions", {
      immutableDocId: found._id,
      ...pick(found, ["tenantId", "userId", "version"]),
      ...storeFreeForm("data", found.data, found.dataJson),
      ...storeFreeForm("metadata", found.metadata, found.metadataJson),
      timestamp: startOf(found),
      bytes: found.bytes,
    });
  }
  const changes = {
    data: undefined,
    dataJson: undefined,
    ...contents(data),
    ...replaceFreeForm("metadata", given),
    ...(given.userId !== undefined && { userId: given.userId }),
    ...(given.skipVersioning === true ? { versionStartedAt: startOf(found) } : {
      versionStartedAt: undefined,
      version: found.version + 1,
      ...(found.held !== undefined && { held: found.held + 1 }),
    }),
    updatedAt,
  };
  checkRow("record", { ...found, ...changes });
  await ctx.db.patch(found._id, changes);
  return { ...found, ...changes };
}

function contents(given: FreeForm<"data">) {
  if (given.data === undefined && given.dataJson === undefined) {
    fail(MISSING_REQUIRED_FIELD, "data is required");
  }
  const data = storeFreeForm("data", given.data, given.dataJson);
  const bytes = valueBytes("data", data);
  const searchText = searchable(jsonOf("data", data), bytes);
  return { ...data, bytes, searchText };
}

/** Superseded versions of a record, oldest first: the newest that the budget allows, by default 1,000 and 4 MiB. */
export async function versionsOf(
  ctx: QueryCtx,
  record: Doc<"immutable">,
  budget: StepBudget = new StepBudget(MAX_VERSIONS_SHOWN),
): Promise<Doc<"immutableVersions">[]> {
  if (record.version === 1 || budget.isSpent) return [];
  const newestFirst = ctx.db.query("immutableVersions")
    .withIndex("by_entry_version", (q) => q.eq("immutableDocId", record._id))
    .order("desc");
  return (await taken(newestFirst, budget, ({ bytes }) => bytes)).reverse();
}

/**
 * Deletes a record after its superseded versions, as far as the budget allows.
 *
 * @returns How many versions were deleted, the current one included.
 */
export async function deleteRecord(
  ctx: MutationCtx,
  scope: Scope,
  record: Doc<"immutable">,
  budget: StepBudget,
): Promise<{ deleted: number; done: boolean }> {
  const { deleted, done } = await deleteVersions(ctx, record, budget);
  if (!done) return { deleted, done };
  await ctx.db.delete(record._id);
  await forgetRow(ctx, scope, "immutable", record.type, record.id);
  await countRecord(ctx, scope, record, -1);
  return { deleted: deleted + 1, done };
}

/** Adds a record to its counter, or removes it. */
export async function countRecord(
  ctx: MutationCtx,
  scope: Scope,
  { type, id }: { type: string; id: string },
  by: number,
): Promise<void> {
  const tally = new Tally();
  tally.add(immutableCounters(scope, type), RECORDS, by);
  await tally.write(ctx, id);
}

/** When the current version of a record began. */
export function startOf(record: Doc<"immutable">): number {
  return record.versionStartedAt ?? record.updatedAt;
}

/** Converts a row to a record as returned, with the given superseded versions. */
export function toRecord(
  row: Doc<"immutable">,
  versions: readonly Doc<"immutableVersions">[] = [],
): RecordView {
  return {
    ...pick(row, ["_id", "type", "id", "userId", "tenantId", "version"]),
    ...freeForms(row),
    previousVersions: versions.map((version) => ({
      version: version.version,
      ...freeForms(version),
      timestamp: version.timestamp,
    })),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

/** Converts a version of a record, superseded or current, to one with type and id. */
export function toExpanded(
  record: Doc<"immutable">,
  version: Doc<"immutableVersions"> | Doc<"immutable"> = record,
): ExpandedVersion {
  return {
    ...pick(record, ["type", "id", "createdAt"]),
    ...pick(version, ["userId"]),
    version: version.version,
    ...freeForms(version),
    timestamp: "timestamp" in version ? version.timestamp : startOf(version),
  };
}

function freeForms(row: FreeForm<"data"> & FreeForm<"metadata">) {
  return { ...readFreeForm("data", row), ...readFreeForm("metadata", row) };
}
