/** Values that change in place: `api.mutable.*`. */
import { v } from "convex/values";
import { MUTABLE_CONFLICT } from "./lib/moduleCodes.ts";
import { accessArgs, requirePurgeable } from "./lib/access.ts";
import { fail, shown } from "./lib/errors.ts";
import { metadata, stepFields } from "./lib/fields.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import {
  countNamespace,
  pageOfValues,
  purgeAllValues,
  purgeValues,
  valueFilterArgs,
  valueListArgs,
} from "./lib/mutable/mutableList.ts";
import {
  addToValue,
  appended,
  findValue,
  mutableView,
  replaceValue,
  requireValue,
  setValue,
  toMutable,
  valueArgs,
} from "./lib/mutable/mutableStore.ts";
import {
  deleteValue,
  operation,
  operationResult,
  runOperations,
} from "./lib/mutable/mutableTransaction.ts";
import { pageFields } from "./lib/paging/page.ts";

const DEFAULT_LIMIT = 100;
const named = { ...accessArgs, namespace: v.string(), key: v.string() };
const purged = {
  deleted: v.number(),
  namespace: v.string(),
  ...stepFields,
};

/** Creates or replaces a value. Throws `VALUE_TOO_LARGE`, `MISSING_VALUE`. */
export const set = publicMutation("mutable:set", {
  args: {
    ...named,
    ...valueArgs,
    userId: v.optional(v.string()),
    ...metadata,
  },
  returns: mutableView,
  handler: async (ctx, args, scope) =>
    toMutable(await setValue(ctx, scope, args)),
});

/**
 * Changes a value: adds to a number, appends to an array, or replaces it (`custom`).
 *
 * @throws {ConvexError} `MUTABLE_KEY_NOT_FOUND`, `MUTABLE_VALUE_NOT_NUMBER`, `MUTABLE_VALUE_NOT_ARRAY`,
 * `MUTABLE_CONFLICT` when the row is no longer at `expectedRevision` or is not the one of `expectedId`, because it was
 * deleted and the key set anew since, `VALUE_TOO_LARGE`.
 */
export const update = publicMutation("mutable:update", {
  args: {
    ...named,
    operation: v.union(
      v.literal("increment"),
      v.literal("decrement"),
      v.literal("append"),
      v.literal("custom"),
    ),
    operand: v.optional(v.any()),
    ...valueArgs,
    expectedRevision: v.optional(v.number()),
    expectedId: v.optional(v.id("mutable")),
  },
  returns: mutableView,
  handler: async (ctx, args, scope) => {
    const row = await requireValue(ctx, scope, args);
    const { operation, operand } = args;
    const { expectedRevision = row.revision, expectedId = row._id } = args;
    if (row.revision !== expectedRevision || row._id !== expectedId) {
      fail(MUTABLE_CONFLICT, `${shown(args.key)} has changed`);
    }
    if (operation === "custom") {
      const given = args.valueJson === undefined
        ? { value: operand === undefined ? args.value : operand }
        : { valueJson: args.valueJson };
      return toMutable(await replaceValue(ctx, scope, row, given));
    }
    if (operation === "append") {
      const added = appended(row, operand);
      return toMutable(await replaceValue(ctx, scope, row, added));
    }
    const sign = operation === "increment" ? 1 : -1;
    return toMutable(await addToValue(ctx, scope, row, operand ?? 1, sign));
  },
});

/** One row of the tenant, or null; with its revision if asked for. */
export const get = publicQuery({
  args: { ...named, withRevision: v.optional(v.boolean()) },
  returns: v.union(mutableView, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findValue(ctx, scope, args);
    if (row === null) return null;
    return {
      ...toMutable(row),
      ...(args.withRevision === true && { revision: row.revision }),
    };
  },
});

/** Whether a value exists. */
export const exists = publicQuery({
  args: named,
  returns: v.boolean(),
  handler: async (ctx, args, scope) =>
    await findValue(ctx, scope, args) !== null,
});

/** Values of a namespace that meet every condition, 100 unless `limit` says otherwise. */
export const list = publicQuery({
  args: valueListArgs,
  returns: v.array(mutableView),
  handler: async (ctx, args, scope) => {
    const page = { ...args, limit: args.limit ?? DEFAULT_LIMIT };
    return (await pageOfValues(ctx, scope, page)).rows.map(toMutable);
  },
});

/** One step of a page of values. */
export const page = publicQuery({
  args: valueListArgs,
  returns: v.object({
    rows: v.array(mutableView),
    places: v.optional(v.array(v.array(v.number()))),
    ...pageFields,
  }),
  handler: async (ctx, args, scope) => {
    const found = await pageOfValues(ctx, scope, args);
    return { ...found, rows: found.rows.map(toMutable) };
  },
});

/** Counts the values that meet every condition, among 8,000 rows. */
export const count = publicQuery({
  args: valueFilterArgs,
  returns: v.number(),
  handler: async (ctx, args, scope) => {
    return (await pageOfValues(ctx, scope, { ...args, limit: 0 })).matched;
  },
});

/** Deletes a value. Throws `MUTABLE_KEY_NOT_FOUND`. */
export const deleteKey = publicMutation("mutable:deleteKey", {
  args: named,
  returns: v.object({
    deleted: v.boolean(),
    namespace: v.string(),
    key: v.string(),
  }),
  handler: async (ctx, args, scope) => await deleteValue(ctx, scope, args),
});

/** Deletes a namespace, or counts it; to be called until `done`. */
export const purgeNamespace = publicMutation("mutable:purgeNamespace", {
  args: {
    ...accessArgs,
    namespace: v.string(),
    dryRun: v.optional(v.boolean()),
    cursor: v.optional(v.string()),
  },
  returns: v.object({
    ...purged,
    keys: v.optional(v.array(v.string())),
    dryRun: v.boolean(),
  }),
  handler: async (ctx, args, scope) => {
    if (args.dryRun === true) {
      return { ...await countNamespace(ctx, scope, args), dryRun: true };
    }
    const { keys: _, ...step } = await purgeValues(ctx, scope, args);
    return { ...step, dryRun: false };
  },
});

/** Deletes values that meet every condition; to be called until `done`. */
export const purgeMany = publicMutation("mutable:purgeMany", {
  args: { ...valueFilterArgs, cursor: v.optional(v.string()) },
  returns: v.object({ ...purged, keys: v.array(v.string()) }),
  handler: async (ctx, args, scope) => await purgeValues(ctx, scope, args),
});

/** Runs at most 500 operations in order, all or none. */
export const transaction = publicMutation("mutable:transaction", {
  args: { ...accessArgs, operations: v.array(operation) },
  returns: v.object({
    success: v.boolean(),
    operationsExecuted: v.number(),
    results: v.array(operationResult),
  }),
  handler: async (ctx, args, scope) => {
    const results = await runOperations(ctx, scope, args.operations);
    return { success: true, operationsExecuted: results.length, results };
  },
});

/**
 * Deletes every value of the tenant, or those without a tenant; to be called until `done`.
 *
 * @throws {ConvexError} `PURGE_DISABLED_IN_PRODUCTION`.
 */
export const purgeAll = publicMutation("mutable:purgeAll", {
  args: accessArgs,
  returns: v.object({ deleted: v.number(), done: v.boolean() }),
  handler: async (ctx, _args, scope) => {
    requirePurgeable();
    return await purgeAllValues(ctx, scope);
  },
});
