/** Searchable memories: `memories:store`, `get`, `search`. */
import { actionGeneric, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { accessArgs, enter } from "./lib/access.ts";
import {
  contentType,
  conversationRef,
  factsRef,
  immutableRef,
  memorySourceType,
  messageRole,
  mutableRef,
} from "./lib/fields.ts";
import { storeFreeForm } from "./lib/freeForm.ts";
import { searchQuery, searchWithEmbeddingAction } from "./lib/memorySearch.ts";
import { findMemory, insertMemories, readEntry } from "./lib/memoryStore.ts";
import type { MutationCtx, QueryCtx } from "./lib/model.ts";
import { requireWritableSpace } from "./lib/registry.ts";
import { memoryEntry } from "./lib/shapes.ts";

/**
 * Stores one memory. An id that the space has already gives the stored row, so that a call repeated writes nothing.
 * At most 5 index ranges, 9 documents read, 5 written.
 */
export const store = mutationGeneric({
  args: {
    ...accessArgs,
    memorySpaceId: v.string(),
    memoryId: v.string(),
    participantId: v.optional(v.string()),
    content: v.string(),
    contentType,
    embedding: v.optional(v.array(v.number())),
    sourceType: memorySourceType,
    sourceUserId: v.optional(v.string()),
    sourceUserName: v.optional(v.string()),
    sourceTimestamp: v.optional(v.number()),
    userId: v.optional(v.string()),
    agentId: v.optional(v.string()),
    messageRole: v.optional(messageRole),
    enrichedContent: v.optional(v.string()),
    factCategory: v.optional(v.string()),
    conversationRef: v.optional(conversationRef),
    immutableRef: v.optional(immutableRef),
    mutableRef: v.optional(mutableRef),
    factsRef: v.optional(factsRef),
    importance: v.number(),
    tags: v.array(v.string()),
    metadata: v.optional(v.any()),
    metadataJson: v.optional(v.string()),
  },
  returns: memoryEntry,
  handler: async (ctx: MutationCtx, args) => {
    const scope = await enter(ctx, args);
    const found = await findMemory(
      ctx,
      scope,
      args.memorySpaceId,
      args.memoryId,
    );
    if (found !== null) return await readEntry(ctx, found);
    await requireWritableSpace(ctx, scope, args.memorySpaceId);
    const {
      tenantId: _tenant,
      organizationId: _organization,
      now: _now,
      accessKey: _key,
      metadata,
      metadataJson,
      sourceTimestamp,
      ...memory
    } = args;
    const [entry] = await insertMemories(ctx, scope, [{
      ...memory,
      sourceTimestamp: sourceTimestamp ?? scope.now,
      ...storeFreeForm("metadata", metadata, metadataJson),
    }]);
    return entry!;
  },
});

/** One memory of a space with its embedding, archived or partial ones included; null when there is none. */
export const get = queryGeneric({
  args: { ...accessArgs, memorySpaceId: v.string(), memoryId: v.string() },
  returns: v.union(memoryEntry, v.null()),
  handler: async (ctx: QueryCtx, args) => {
    const scope = await enter(ctx, args);
    const row = await findMemory(ctx, scope, args.memorySpaceId, args.memoryId);
    return row === null ? null : await readEntry(ctx, row);
  },
});

/** Memories of a space by their words or, for lengths without a vector index, by their embeddings. */
export const search = queryGeneric(searchQuery);

/** Likewise by embeddings that have a vector index. */
export const searchWithEmbedding = actionGeneric(searchWithEmbeddingAction);
