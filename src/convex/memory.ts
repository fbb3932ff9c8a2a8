/** Orchestration over all layers: the functions of `memory:…`. */
import { internalMutationGeneric } from "convex/server";
import { v } from "convex/values";
import { accessArgs } from "./lib/access.ts";
import { enrichMemories, surroundings } from "./lib/recall/enrich.ts";
import {
  enrichedSearchAction,
  enrichedSearchQuery,
  enrichQuery,
} from "./lib/recall/enrichedSearch.ts";
import { memoryName } from "./lib/fields.ts";
import { factsJobKind, resumeFacts as goOn } from "./lib/memory/factsJob.ts";
import { forget as forgetMemory, forgetResult } from "./lib/memory/forget.ts";
import { publicAction, publicMutation, publicQuery } from "./lib/functions.ts";
import { findMemory, readEntry } from "./lib/memory/memoryStore.ts";
import {
  archiveWithFactsMutation,
  deleteManyWithFactsMutation,
  deleteWithFactsMutation,
  restoreWithFactsMutation,
  updateManyWithFactsMutation,
  updateWithFactsMutation,
} from "./lib/memory/memoryWithFacts.ts";
import { recallQuery, recallWithEmbeddingAction } from "./lib/recall/recall.ts";
import { remember as rememberExchange } from "./lib/memory/remember.ts";
import { rememberArgs, rememberResult } from "./lib/memory/rememberArgs.ts";
import { memoryEntry } from "./lib/shapes.ts";

/**
 * Remembers an exchange in every layer, in one transaction: all of it or nothing. Repeated with the same message ids,
 * it writes nothing and returns what is stored. A fact that cannot be stored is reported, and the rest is stored.
 */
export const remember = publicMutation("memory:remember", {
  args: rememberArgs,
  returns: rememberResult,
  handler: async (ctx, args, scope) => await rememberExchange(ctx, scope, args),
});

/** Finds and ranks what a space knows about a question. */
export const recall = publicQuery(recallQuery);

/** `recall` with the question's embedding; an action, because only actions can search vectors. */
export const recallWithEmbedding = publicAction(recallWithEmbeddingAction);

/**
 * Forgets a memory with its facts and, if asked, its messages or its conversation; to be called with the cursor of the
 * call before until `done`.
 */
export const forget = publicMutation("memory:forget", {
  args: {
    ...accessArgs,
    ...memoryName,
    deleteConversation: v.optional(v.boolean()),
    deleteEntireConversation: v.optional(v.boolean()),
    cursor: v.optional(v.string()),
  },
  returns: forgetResult,
  handler: async (ctx, args, scope) => await forgetMemory(ctx, scope, args),
});

/** One memory with its conversation, source messages and facts; null if there is none. */
export const getEnriched = publicQuery({
  args: { ...accessArgs, ...memoryName },
  returns: v.union(
    v.object({ memory: memoryEntry, ...surroundings }),
    v.null(),
  ),
  handler: async (ctx, args, scope) => {
    const row = await findMemory(ctx, scope, args.memorySpaceId, args.memoryId);
    if (row === null) return null;
    const [around] = await enrichMemories(ctx, scope, [row], { facts: true });
    return { memory: await readEntry(ctx, row), ...around };
  },
});

/** Conversation, source messages and facts of the given memories, in their order; unknown ids are skipped. */
export const enrich = publicQuery(enrichQuery);

/** `memories:search`, with conversation, source messages and facts of each hit. */
export const search = publicQuery(enrichedSearchQuery);

/** `search` with an embedding over the vector index; an action, because only actions can search it. */
export const searchWithEmbedding = publicAction(enrichedSearchAction);

/** Makes a new version of a memory, and with a new content replaces the facts drawn from it. */
export const update = publicMutation("memory:update", updateWithFactsMutation);

/** Deletes a memory and its facts, a bounded number of rows per call; its conversation stays. */
export const deleteMemory = publicMutation(
  "memory:deleteMemory",
  deleteWithFactsMutation,
);

/** Deletes the memories of a space that match with their facts, a bounded number of rows per call. */
export const deleteMany = publicMutation(
  "memory:deleteMany",
  deleteManyWithFactsMutation,
);

/** Sets importance or tags of the memories of a space that match, a bounded number of rows per call. */
export const updateMany = publicMutation(
  "memory:updateMany",
  updateManyWithFactsMutation,
);

/** Archives a memory and its facts. */
export const archive = publicMutation(
  "memory:archive",
  archiveWithFactsMutation,
);

/** Takes a memory and its facts out of the archive. */
export const restoreFromArchive = publicMutation(
  "memory:restoreFromArchive",
  restoreWithFactsMutation,
);

/** One step of a job on the facts of a memory whose caller may be gone; schedules itself until nothing is left. */
export const resumeFacts = internalMutationGeneric({
  args: {
    memory: v.id("memories"),
    kind: factsJobKind,
    cursor: v.string(),
    now: v.optional(v.number()),
  },
  returns: v.null(),
  handler: async (ctx, { now = Date.now(), ...args }) => {
    await goOn(ctx, args, now);
    return null;
  },
});
