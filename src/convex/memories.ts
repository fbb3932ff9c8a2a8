/** Searchable memories: the functions of `memories:…`. */
import { v } from "convex/values";
import { accessArgs, withoutAccess } from "./lib/access.ts";
import { memoryName, metadata, type mutableRef } from "./lib/fields.ts";
import { storeFreeForm } from "./lib/freeForm/freeForm.ts";
import {
  deleteByIdsMutation,
  deleteManyMutation,
  deleteMemoryMutation,
  purgeAllMutation,
  updateManyMutation,
} from "./lib/memory/memoryBulk.ts";
import {
  archive as archiveMemory,
  requireMemory,
  restore,
  updateMemory,
} from "./lib/memory/memoryChange.ts";
import {
  getAtTimestampQuery,
  getHistoryQuery,
  getVersionQuery,
  historyPageQuery,
} from "./lib/memory/memoryHistory.ts";
import {
  countQuery,
  exportMemoriesQuery,
  listPageQuery,
  listQuery,
} from "./lib/memory/memoryList.ts";
import {
  finalizePartialMutation,
  storePartialMutation,
  updatePartialMutation,
} from "./lib/memory/memoryPartial.ts";
import {
  searchQuery,
  searchWithEmbeddingAction,
} from "./lib/memory/memorySearch.ts";
import {
  findMemory,
  insertMemories,
  readEntry,
} from "./lib/memory/memoryStore.ts";
import { makeId } from "./lib/ids.ts";
import { noteActivity } from "./lib/registry/agentStore.ts";
import { publicAction, publicMutation, publicQuery } from "./lib/functions.ts";
import { requireWritableSpace } from "./lib/registry/registry.ts";
import { memoryEntry } from "./lib/shapes.ts";
import { memoryInput } from "./lib/tables/shownFields.ts";

/**
 * Stores one memory. If the space has a memory with this id, returns that one, so a repeated call writes nothing.
 */
export const store = publicMutation("memories:store", {
  args: {
    ...accessArgs,
    ...memoryInput,
    ...metadata,
    memoryId: v.optional(v.string()),
    sourceTimestamp: v.optional(v.number()),
    embedding: v.optional(v.array(v.number())),
  },
  returns: memoryEntry,
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, memoryId = makeId("mem", scope.now) } = args;
    const found = await findMemory(ctx, scope, memorySpaceId, memoryId);
    if (found !== null) return await readEntry(ctx, found);
    await requireWritableSpace(ctx, scope, memorySpaceId);
    await noteActivity(ctx, scope, [args.agentId, args.participantId]);
    const {
      metadata,
      metadataJson,
      mutableRef,
      sourceTimestamp,
      ...memory
    } = withoutAccess(args);
    const [entry] = await insertMemories(ctx, scope, [{
      ...memory,
      memoryId,
      sourceTimestamp: sourceTimestamp ?? scope.now,
      ...(mutableRef !== undefined &&
        { mutableRef: storeMutableRef(mutableRef) }),
      ...storeFreeForm("metadata", metadata, metadataJson),
    }]);
    return entry!;
  },
});

/** Converts a reference to its stored form: the value natively, or as text. */
function storeMutableRef(ref: typeof mutableRef.type): typeof mutableRef.type {
  const { snapshotValue, snapshotValueJson, ...rest } = ref;
  return {
    ...rest,
    ...storeFreeForm("snapshotValue", snapshotValue, snapshotValueJson),
  };
}

/** One memory of a space with its embedding, even an archived or partial one; null if there is none. */
export const get = publicQuery({
  args: { ...accessArgs, ...memoryName },
  returns: v.union(memoryEntry, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await findMemory(ctx, scope, args.memorySpaceId, args.memoryId);
    return row === null ? null : await readEntry(ctx, row);
  },
});

/** Searches memories of a space by words or, for lengths without a vector index, by embedding. */
export const search = publicQuery(searchQuery);

/** Searches memories of a space by embedding, over the vector index. */
export const searchWithEmbedding = publicAction(searchWithEmbeddingAction);

/** Memories of a space, newest first. */
export const list = publicQuery(listQuery);

/** The same, a bounded part per call. */
export const listPage = publicQuery(listPageQuery);

/** Counts the memories that lists show; reads at most eight rows. */
export const count = publicQuery(countQuery);

/**
 * Makes a new version of a memory; omitted fields stay as they are.
 *
 * @throws {ConvexError} `MEMORY_NOT_FOUND`, `PERMISSION_DENIED`, `INVALID_IMPORTANCE`, `INVALID_EMBEDDING`,
 * `CONTENT_TOO_LARGE`.
 */
export const update = publicMutation("memories:update", {
  args: {
    ...accessArgs,
    ...memoryName,
    content: v.optional(v.string()),
    embedding: v.optional(v.array(v.number())),
    importance: v.optional(v.number()),
    tags: v.optional(v.array(v.string())),
  },
  returns: memoryEntry,
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, memoryId } = args;
    const memory = await requireMemory(ctx, scope, memorySpaceId, memoryId);
    return await readEntry(ctx, await updateMemory(ctx, scope, memory, args));
  },
});

/** One version of a memory, or null. */
export const getVersion = publicQuery(getVersionQuery);

/** The versions of a memory, ascending. */
export const getHistory = publicQuery(getHistoryQuery);

/** The same, a bounded part per call. */
export const historyPage = publicQuery(historyPageQuery);

/** The version of a memory that was current at a time, or null. */
export const getAtTimestamp = publicQuery(getAtTimestampQuery);

/** Deletes a memory with its versions, a bounded number of rows per call. */
export const deleteMemory = publicMutation(
  "memories:deleteMemory",
  deleteMemoryMutation,
);

/** Deletes the memories of a space that match, a bounded number of rows per call. */
export const deleteMany = publicMutation(
  "memories:deleteMany",
  deleteManyMutation,
);

/** Deletes memories by their ids, a bounded number of rows per call. */
export const deleteByIds = publicMutation(
  "memories:deleteByIds",
  deleteByIdsMutation,
);

/** Deletes every memory of the tenant, in deployments that allow it. */
export const purgeAll = publicMutation("memories:purgeAll", purgeAllMutation);

/** Sets importance or tags of the memories of a space that match, a bounded number of rows per call. */
export const updateMany = publicMutation(
  "memories:updateMany",
  updateManyMutation,
);

/** Memories as JSON or CSV, one part per call. */
export const exportMemories = publicQuery(exportMemoriesQuery);

/** Archives a memory: search and recall no longer find it. Throws `MEMORY_NOT_FOUND`, `PERMISSION_DENIED`. */
export const archive = publicMutation("memories:archive", {
  args: { ...accessArgs, ...memoryName },
  returns: v.object({
    archived: v.boolean(),
    memoryId: v.string(),
    restorable: v.boolean(),
  }),
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, memoryId } = args;
    const memory = await requireMemory(ctx, scope, memorySpaceId, memoryId);
    await archiveMemory(ctx, scope, memory);
    return { archived: true, memoryId, restorable: true };
  },
});

/**
 * Takes a memory out of the archive.
 *
 * @throws {ConvexError} `MEMORY_NOT_FOUND`, `PERMISSION_DENIED`, `MEMORY_NOT_ARCHIVED`.
 */
export const restoreFromArchive = publicMutation(
  "memories:restoreFromArchive",
  {
    args: { ...accessArgs, ...memoryName },
    returns: v.object({
      restored: v.boolean(),
      memoryId: v.string(),
      memory: memoryEntry,
    }),
    handler: async (ctx, args, scope) => {
      const { memorySpaceId, memoryId } = args;
      const memory = await requireMemory(ctx, scope, memorySpaceId, memoryId);
      const entry = await readEntry(ctx, await restore(ctx, scope, memory));
      return { restored: true, memoryId, memory: entry };
    },
  },
);

/** Stores the beginning of an answer that is still being written. */
export const storePartialMemory = publicMutation(
  "memories:storePartialMemory",
  storePartialMutation,
);

/** Replaces the text of an unfinished answer. */
export const updatePartialMemory = publicMutation(
  "memories:updatePartialMemory",
  updatePartialMutation,
);

/** Makes an unfinished answer a memory like any other. */
export const finalizePartialMemory = publicMutation(
  "memories:finalizePartialMemory",
  finalizePartialMutation,
);
