/** Versioned records: `api.immutable.*`. */
import { v } from "convex/values";
import { accessArgs, requirePurgeable } from "./lib/access.ts";
import { MISSING_REQUIRED_FIELD } from "./lib/codes.ts";
import { fail } from "./lib/errors.ts";
import { metadata, stepFields } from "./lib/fields.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import {
  countRecords,
  listRecords,
  listRecordsArgs,
  pageOfRecords,
  recordPage,
  recordPageArgs,
} from "./lib/immutable/immutableList.ts";
import {
  pruneRecord,
  purgeRecord,
  purgeRecords,
} from "./lib/immutable/immutablePurge.ts";
import { searchRecords } from "./lib/immutable/immutableSearch.ts";
import {
  expandedVersion,
  findRecord,
  recordView,
  storeRecord,
  toRecord,
  versionsOf,
} from "./lib/immutable/immutableStore.ts";
import {
  historyOf,
  historyPage as pageOfHistory,
  historyPart,
  versionAt,
  versionNumbered,
} from "./lib/immutable/immutableVersions.ts";

const named = { ...accessArgs, type: v.string(), id: v.string() };
const purged = {
  deleted: v.boolean(),
  type: v.string(),
  id: v.string(),
  versionsDeleted: v.number(),
  ...stepFields,
};

/** Stores a record as version 1, or as the next version; with `merge`, merges `data` into the current data. */
export const store = publicMutation("immutable:store", {
  args: {
    ...named,
    data: v.optional(v.any()),
    dataJson: v.optional(v.string()),
    userId: v.optional(v.string()),
    ...metadata,
    merge: v.optional(v.boolean()),
  },
  returns: recordView,
  handler: async (ctx, args, scope) => {
    const row = await storeRecord(ctx, scope, args);
    return toRecord(row, await versionsOf(ctx, row));
  },
});

/** One record with its superseded versions, the newest 1,000 and 4 MiB of them; or null. */
export const get = publicQuery({
  args: named,
  returns: v.union(recordView, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findRecord(ctx, scope, args.type, args.id);
    return row === null ? null : toRecord(row, await versionsOf(ctx, row));
  },
});

/** One version, or null. */
export const getVersion = publicQuery({
  args: { ...named, version: v.number() },
  returns: v.union(expandedVersion, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findRecord(ctx, scope, args.type, args.id);
    return row === null ? null : await versionNumbered(ctx, row, args.version);
  },
});

/** The newest versions that fit into one answer, oldest first; `[]` for an unknown record. */
export const getHistory = publicQuery({
  args: named,
  returns: v.array(expandedVersion),
  handler: async (ctx, args, scope) => {
    const row = await findRecord(ctx, scope, args.type, args.id);
    return row === null ? [] : await historyOf(ctx, row);
  },
});

/** Every version, oldest first, a bounded part per call; to be called with the previous call's cursor until `done`. */
export const historyPage = publicQuery({
  args: { ...named, cursor: v.optional(v.string()) },
  returns: historyPart,
  handler: async (ctx, args, scope) => {
    const row = await findRecord(ctx, scope, args.type, args.id);
    return row === null
      ? { versions: [], done: true }
      : await pageOfHistory(ctx, row, args.cursor);
  },
});

/** The version that was current at a time, or null. */
export const getAtTimestamp = publicQuery({
  args: { ...named, timestamp: v.number() },
  returns: v.union(expandedVersion, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findRecord(ctx, scope, args.type, args.id);
    return row === null ? null : await versionAt(ctx, row, args.timestamp);
  },
});

/** A page of the records that meet every condition, each with its newest 20 superseded versions. */
export const list = publicQuery({
  args: listRecordsArgs,
  returns: v.object({
    entries: v.array(recordView),
    total: v.number(),
    limit: v.number(),
    offset: v.number(),
    hasMore: v.boolean(),
  }),
  handler: async (ctx, args, scope) => await listRecords(ctx, scope, args),
});

/** One step of a page of records of a type or a user. */
export const page = publicQuery({
  args: recordPageArgs,
  returns: recordPage,
  handler: async (ctx, args, scope) => await pageOfRecords(ctx, scope, args),
});

const { limit: _l, offset: _o, sortBy: _s, sortOrder: _r, ...conditions } =
  listRecordsArgs;

/** Counts the records that meet every condition. */
export const count = publicQuery({
  args: conditions,
  returns: v.number(),
  handler: async (ctx, args, scope) => await countRecords(ctx, scope, args),
});

/** Finds records whose current data contains a text. */
export const search = publicQuery({
  args: {
    ...accessArgs,
    query: v.string(),
    type: v.optional(v.string()),
    userId: v.optional(v.string()),
    limit: v.optional(v.number()),
  },
  returns: v.array(v.object({
    entry: recordView,
    score: v.number(),
    highlights: v.array(v.string()),
  })),
  handler: async (ctx, args, scope) => await searchRecords(ctx, scope, args),
});

/**
 * Deletes a record with every version; to be called with the cursor of the call before until `done`, adding
 * `versionsDeleted`.
 *
 * @throws {ConvexError} `IMMUTABLE_ENTRY_NOT_FOUND`, `INVALID_CURSOR`.
 */
export const purge = publicMutation("immutable:purge", {
  args: { ...named, cursor: v.optional(v.string()) },
  returns: v.object(purged),
  handler: async (ctx, args, scope) => await purgeRecord(ctx, scope, args),
});

/**
 * Deletes the records that meet both conditions; to be called until `done`.
 *
 * @throws {ConvexError} `MISSING_REQUIRED_FIELD` (no condition: `purgeAll` asks for leave first).
 */
export const purgeMany = publicMutation("immutable:purgeMany", {
  args: {
    ...accessArgs,
    type: v.optional(v.string()),
    userId: v.optional(v.string()),
    cursor: v.optional(v.string()),
  },
  returns: v.object({
    deleted: v.number(),
    totalVersionsDeleted: v.number(),
    entries: v.array(v.object({ type: v.string(), id: v.string() })),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    if (args.type === undefined && args.userId === undefined) {
      fail(MISSING_REQUIRED_FIELD, "purgeMany needs type or userId");
    }
    return await purgeRecords(ctx, scope, args);
  },
});

/**
 * Deletes all but the newest versions; to be called with the cursor of the call before until `done`, adding
 * `versionsPurged`.
 *
 * @throws {ConvexError} `IMMUTABLE_ENTRY_NOT_FOUND`, `INVALID_CURSOR`.
 */
export const purgeVersions = publicMutation("immutable:purgeVersions", {
  args: {
    ...named,
    keepLatest: v.number(),
    cursor: v.optional(v.string()),
  },
  returns: v.object({
    versionsPurged: v.number(),
    versionsRemaining: v.number(),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => await pruneRecord(ctx, scope, args),
});

/**
 * Deletes every record of the tenant, or those without a tenant; to be called until `done`. Only in test deployments.
 *
 * @throws {ConvexError} `PURGE_DISABLED_IN_PRODUCTION`.
 */
export const purgeAll = publicMutation("immutable:purgeAll", {
  args: accessArgs,
  returns: v.object({ deleted: v.number(), done: v.boolean() }),
  handler: async (ctx, _args, scope) => {
    requirePurgeable();
    const { deleted, done } = await purgeRecords(ctx, scope, {});
    return { deleted, done };
  },
});
