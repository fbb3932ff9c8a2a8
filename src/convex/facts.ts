/** Structured knowledge with versions: `facts:store`, `get`, `list`, … */
import { type ObjectType, v } from "convex/values";
import { accessArgs, requirePurgeable } from "./lib/access.ts";
import {
  chainEnds,
  changesOf,
  factChangeArgs,
  type FactFilter,
  factFilterArgs,
  factPagingArgs,
  filterOf,
  newFactArgs,
  toward,
} from "./lib/facts/factArgs.ts";
import * as belief from "./lib/facts/factBelief.ts";
import { exportPart } from "./lib/facts/factExport.ts";
import { compareFacts } from "./lib/facts/factFilter.ts";
import * as merge from "./lib/facts/factMerge.ts";
import { findByStructure as ofStructure } from "./lib/facts/factMatch.ts";
import {
  countFacts,
  type FactStretch,
  pageOfFacts,
} from "./lib/facts/factPage.ts";
import { searchFacts } from "./lib/facts/factSearch.ts";
import { findFact, insertFact, requireFact } from "./lib/facts/factStore.ts";
import {
  chainAt,
  changeInPlace,
  softDeleteFact,
  storeVersion,
} from "./lib/facts/factVersions.ts";
import { factType, stepFields } from "./lib/fields.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import { makeId } from "./lib/ids.ts";
import type { QueryCtx } from "./lib/model.ts";
import { parseQuery } from "./lib/ranking/query.ts";
import type { Scope } from "./lib/scope.ts";
import { factRecord, toFactRecord } from "./lib/shapes.ts";

const inSpace = { ...accessArgs, memorySpaceId: v.string() };
const named = { ...inSpace, factId: v.string() };
const filtered = { ...inSpace, ...factFilterArgs };
const listed = { ...filtered, ...factPagingArgs };
const records = v.array(factRecord);
const cursor = { cursor: v.optional(v.string()) };

/**
 * Stores one fact without looking for duplicates. If the space has a fact with this id, returns that one.
 */
export const store = publicMutation("facts:store", {
  args: { ...accessArgs, ...newFactArgs },
  returns: factRecord,
  handler: async (ctx, args, scope) => {
    const { fact, known } = await belief.prepared(ctx, scope, args);
    return toFactRecord(known ?? await insertFact(ctx, scope, fact));
  },
});

/** Stores one fact unless it is known. */
export const storeWithDedup = publicMutation(
  "facts:storeWithDedup",
  belief.storeWithDedup,
);
/** Stores one fact by belief revision. */
export const revise = publicMutation("facts:revise", belief.revise);
/** Reports what belief revision would do with a fact. */
export const checkConflicts = publicQuery(belief.checkConflicts);
/** Finds known facts that new ones may repeat or contradict. */
export const candidates = publicQuery(belief.candidates);
/** Finds the fact that a new one repeats, or null. */
export const findDuplicate = publicQuery(belief.findDuplicate);
/** Facts that have no embedding yet. */
export const withoutEmbedding = publicQuery(belief.withoutEmbedding);

const changed = {
  ...named,
  ...factChangeArgs,
  embedding: v.optional(v.array(v.number())),
};

/**
 * Stores the next version of a fact under a new id, made here if none is given. If a fact with that id exists, returns
 * it unchanged.
 *
 * @throws {ConvexError} `FACT_NOT_FOUND`, `PERMISSION_DENIED` and those of `store`.
 */
export const update = publicMutation("facts:update", {
  args: { ...changed, newFactId: v.optional(v.string()) },
  returns: factRecord,
  handler: async (ctx, args, scope) => {
    const newFactId = args.newFactId ?? makeId("fact", scope.now);
    const known = await findFact(ctx, scope, args.memorySpaceId, newFactId);
    if (known !== null) return toFactRecord(known);
    const row = await requireFact(ctx, scope, args.memorySpaceId, args.factId);
    const stored = await storeVersion(ctx, scope, row, {
      factId: newFactId,
      changes: changesOf(args),
      embedding: args.embedding,
    });
    return toFactRecord(stored);
  },
});

/** Changes a fact in place: same id, same version. Errors as `update`. */
export const updateInPlace = publicMutation("facts:updateInPlace", {
  args: changed,
  returns: factRecord,
  handler: async (ctx, args, scope) => {
    const row = await requireFact(ctx, scope, args.memorySpaceId, args.factId);
    const stored = await changeInPlace(ctx, scope, row, {
      changes: changesOf(args),
      embedding: args.embedding,
    });
    return toFactRecord(stored);
  },
});

/** Deletes a fact softly. Errors: `FACT_NOT_FOUND`, `PERMISSION_DENIED`. */
export const deleteFact = publicMutation("facts:deleteFact", {
  args: named,
  returns: v.object({ deleted: v.boolean(), factId: v.string() }),
  handler: async (ctx, args, scope) => {
    const row = await requireFact(ctx, scope, args.memorySpaceId, args.factId);
    await softDeleteFact(ctx, scope, row);
    return { deleted: true, factId: args.factId };
  },
});

/** Deletes facts of the tenant softly, at most 200; unknown ids are skipped. */
export const deleteByIds = publicMutation("facts:deleteByIds", {
  args: { ...accessArgs, factIds: v.array(v.string()) },
  returns: v.object({ deleted: v.number(), factIds: v.array(v.string()) }),
  handler: async (ctx, args, scope) => {
    const factIds = await merge.deleteByIds(ctx, scope, args.factIds);
    return { deleted: factIds.length, factIds };
  },
});

/** Removes facts with all their versions and events; to be called until `done`. */
export const deleteMany = publicMutation("facts:deleteMany", {
  args: {
    ...inSpace,
    userId: v.optional(v.string()),
    factType: v.optional(factType),
    ...cursor,
  },
  returns: v.object({
    deleted: v.number(),
    memorySpaceId: v.string(),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    const removed = await merge.removeFacts(ctx, scope, stretchOf(args));
    return { ...removed, memorySpaceId: args.memorySpaceId };
  },
});

/**
 * Removes every fact of the tenant, or those without a tenant; to be called until `done`.
 *
 * @throws {ConvexError} `PURGE_DISABLED_IN_PRODUCTION`.
 */
export const purgeAll = publicMutation("facts:purgeAll", {
  args: accessArgs,
  returns: v.object({ deleted: v.number(), ...stepFields }),
  handler: async (ctx, _args, scope) => {
    requirePurgeable();
    return await merge.purgeFacts(ctx, scope);
  },
});

/** Marks one fact as superseded by another; errors as `supersede` of `lib/facts/factMerge.ts`. */
export const supersede = publicMutation("facts:supersede", {
  args: {
    ...inSpace,
    oldFactId: v.string(),
    newFactId: v.string(),
    reason: v.optional(v.string()),
  },
  returns: v.object({
    superseded: v.boolean(),
    oldFactId: v.string(),
    newFactId: v.string(),
    reason: v.string(),
  }),
  handler: async (ctx, args, scope) => {
    const { oldFactId, newFactId, reason = "Manual supersession" } = args;
    await merge.supersede(ctx, scope, { ...args, reason });
    return { superseded: true, oldFactId, newFactId, reason };
  },
});

/** Keeps one of several facts that say the same; errors as `consolidate` of `lib/facts/factMerge.ts`. */
export const consolidate = publicMutation("facts:consolidate", {
  args: { ...inSpace, factIds: v.array(v.string()), keepFactId: v.string() },
  returns: v.object({
    consolidated: v.boolean(),
    keptFactId: v.string(),
    mergedCount: v.number(),
  }),
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, factIds, keepFactId } = args;
    await merge.consolidate(ctx, scope, memorySpaceId, factIds, keepFactId);
    return {
      consolidated: true,
      keptFactId: keepFactId,
      mergedCount: factIds.length - 1,
    };
  },
});

/** One fact of a space in any state, even superseded or deleted; null if there is none. */
export const get = publicQuery({
  args: named,
  returns: v.union(factRecord, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findFact(ctx, scope, args.memorySpaceId, args.factId);
    return row === null ? null : toFactRecord(row);
  },
});

/** Facts that meet the filter, among the 8,000 rows or 8 MiB that one call reads; `page` has all. */
export const list = publicQuery({
  args: listed,
  returns: records,
  handler: async (ctx, args, scope) => (await pageOf(ctx, scope, args)).rows,
});

/** The same with a cursor from which the next call continues. */
export const page = publicQuery({
  args: { ...listed, ...cursor },
  returns: v.object({ rows: records, matched: v.number(), ...stepFields }),
  handler: async (ctx, args, scope) => await pageOf(ctx, scope, args),
});

/** The facts of a subject, as `list`. */
export const queryBySubject = publicQuery({
  args: { ...listed, subject: v.string() },
  returns: records,
  handler: async (ctx, args, scope) => (await pageOf(ctx, scope, args)).rows,
});

/** The facts of a subject and predicate, as `list`. */
export const queryByRelationship = publicQuery({
  args: { ...listed, subject: v.string(), predicate: v.string() },
  returns: records,
  handler: async (ctx, args, scope) => (await pageOf(ctx, scope, args)).rows,
});

/** Counts the facts that meet the filter, among those that one call reads; `countPage` has all. */
export const count = publicQuery({
  args: filtered,
  returns: v.number(),
  handler: async (ctx, args, scope) =>
    (await countFacts(ctx, scope, stretchOf(args))).matched,
});

/** The same with a cursor from which the next call continues. */
export const countPage = publicQuery({
  args: { ...filtered, ...cursor },
  returns: v.object({ matched: v.number(), ...stepFields }),
  handler: async (ctx, args, scope) =>
    await countFacts(ctx, scope, stretchOf(args)),
});

/** Facts that share a word with a question, best first, among the first 1,024 hits of the index. */
export const search = publicQuery({
  args: { ...listed, query: v.string() },
  returns: records,
  handler: async (ctx, args, scope) => {
    const question = parseQuery(args.query, scope.now);
    const { memorySpaceId, offset = 0, limit = Infinity } = args;
    const rows = await searchFacts(ctx, scope, {
      memorySpaceId,
      query: question,
      filter: filterOf(args),
    });
    if (args.sortBy !== undefined) rows.sort(compareFacts(args));
    return rows.slice(offset, offset + limit).map(toFactRecord);
  },
});

/**
 * All versions, predecessors and successors of a fact, oldest first; empty for an unknown one. At most 1,000 in either
 * direction.
 */
export const getHistory = publicQuery({
  args: named,
  returns: records,
  handler: async (ctx, args, scope) =>
    (await chainAt(ctx, scope, args)).rows.map(toFactRecord),
});

/** Like `getHistory`, but also returns the ends of a part of a longer chain, from which other calls continue. */
export const historyPage = publicQuery({
  args: { ...named, toward },
  returns: v.object({ rows: records, ...chainEnds }),
  handler: async (ctx, args, scope) => {
    const { rows, ...ends } = await chainAt(ctx, scope, args);
    return { rows: rows.map(toFactRecord), ...ends };
  },
});

/** A part of the current facts as text; the parts are concatenated. */
export const exportFacts = publicQuery({
  args: {
    ...inSpace,
    format: v.union(v.literal("json"), v.literal("jsonld"), v.literal("csv")),
    factType: v.optional(factType),
    ...cursor,
  },
  returns: v.object({
    format: v.string(),
    data: v.string(),
    count: v.number(),
    exportedAt: v.number(),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => ({
    format: args.format,
    exportedAt: scope.now,
    ...await exportPart(ctx, scope, args.format, stretchOf(args)),
  }),
});

/**
 * Current facts that match the given subject, predicate and object, ignoring case and blanks; `limit` defaults to 10,
 * at most 64.
 */
export const findByStructure = publicQuery({
  args: {
    ...inSpace,
    subject: v.optional(v.string()),
    predicate: v.optional(v.string()),
    object: v.optional(v.string()),
    userId: v.optional(v.string()),
    factType: v.optional(factType),
    limit: v.optional(v.number()),
  },
  returns: records,
  handler: async (ctx, args, scope) => {
    const rows = await ofStructure(ctx, scope, args);
    return rows.slice(0, args.limit ?? 10).map(toFactRecord);
  },
});

function stretchOf(
  args: FactFilter & Omit<FactStretch, "filter">,
): FactStretch {
  const { memorySpaceId, cursor } = args;
  return { memorySpaceId, filter: filterOf(args), cursor };
}

async function pageOf(
  ctx: QueryCtx,
  scope: Scope,
  args: ObjectType<typeof listed> & { cursor?: string },
) {
  const { rows, ...rest } = await pageOfFacts(
    ctx,
    scope,
    stretchOf(args),
    args,
  );
  return { rows: rows.map(toFactRecord), ...rest };
}
