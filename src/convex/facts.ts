/** Structured knowledge: `facts:store`, `get`, `list`. */
import { mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { accessArgs, enter } from "./lib/access.ts";
import { fail } from "./lib/errors.ts";
import { checkFact, findFact, insertFact } from "./lib/factStore.ts";
import {
  factEntity,
  factRelation,
  factSourceRef,
  factSourceType,
  factType,
} from "./lib/fields.ts";
import { storeFreeForm } from "./lib/freeForm.ts";
import type { MutationCtx, QueryCtx } from "./lib/model.ts";
import { requireWritableSpace } from "./lib/registry.ts";
import { factRecord, toFactRecord } from "./lib/shapes.ts";

const MAX_LISTED = 1000;

/**
 * Stores one fact without looking for duplicates. An id that the space has already gives the stored row. At most
 * 2 index ranges, 2 documents read, 3 written.
 */
export const store = mutationGeneric({
  args: {
    ...accessArgs,
    memorySpaceId: v.string(),
    factId: v.string(),
    participantId: v.optional(v.string()),
    userId: v.optional(v.string()),
    fact: v.string(),
    factType,
    subject: v.optional(v.string()),
    predicate: v.optional(v.string()),
    object: v.optional(v.string()),
    confidence: v.number(),
    sourceType: factSourceType,
    sourceRef: v.optional(factSourceRef),
    metadata: v.optional(v.any()),
    metadataJson: v.optional(v.string()),
    tags: v.array(v.string()),
    category: v.optional(v.string()),
    searchAliases: v.optional(v.array(v.string())),
    semanticContext: v.optional(v.string()),
    entities: v.optional(v.array(factEntity)),
    relations: v.optional(v.array(factRelation)),
    validFrom: v.optional(v.number()),
    validUntil: v.optional(v.number()),
    embedding: v.optional(v.array(v.number())),
  },
  returns: factRecord,
  handler: async (ctx: MutationCtx, args) => {
    const scope = await enter(ctx, args);
    const found = await findFact(ctx, scope, args.memorySpaceId, args.factId);
    if (found !== null) return toFactRecord(found);
    await requireWritableSpace(ctx, scope, args.memorySpaceId);
    const {
      tenantId: _tenant,
      organizationId: _organization,
      now: _now,
      accessKey: _key,
      metadata,
      metadataJson,
      ...given
    } = args;
    const fact = {
      ...given,
      ...storeFreeForm("metadata", metadata, metadataJson),
    };
    checkFact(fact);
    return toFactRecord(await insertFact(ctx, scope, fact));
  },
});

/** One fact of a space in whatever state, superseded and deleted ones included; null when there is none. */
export const get = queryGeneric({
  args: { ...accessArgs, memorySpaceId: v.string(), factId: v.string() },
  returns: v.union(factRecord, v.null()),
  handler: async (ctx: QueryCtx, args) => {
    const scope = await enter(ctx, args);
    const row = await findFact(ctx, scope, args.memorySpaceId, args.factId);
    return row === null ? null : toFactRecord(row);
  },
});

/** Facts of a space, oldest first: the current ones unless `includeSuperseded`; `limit` 1 to 1,000, default 1,000. */
export const list = queryGeneric({
  args: {
    ...accessArgs,
    memorySpaceId: v.string(),
    includeSuperseded: v.optional(v.boolean()),
    limit: v.optional(v.number()),
  },
  returns: v.array(factRecord),
  handler: async (ctx: QueryCtx, args) => {
    const scope = await enter(ctx, args);
    const limit = args.limit ?? MAX_LISTED;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LISTED) {
      fail(
        "INVALID_RANGE",
        `limit must be an integer from 1 to ${MAX_LISTED}, got ${limit}`,
      );
    }
    const { memorySpaceId } = args;
    const rows = args.includeSuperseded === true
      ? ctx.db.query("facts").withIndex(
        "by_tenant_space_created",
        (q) =>
          q.eq("tenantId", scope.tenantId).eq("memorySpaceId", memorySpaceId),
      )
      : ctx.db.query("facts").withIndex(
        "by_tenant_space_current",
        (q) =>
          q.eq("tenantId", scope.tenantId).eq("memorySpaceId", memorySpaceId)
            .eq("isCurrent", true),
      );
    return (await rows.take(limit)).map(toFactRecord);
  },
});
