/** Search in memories with what surrounds each hit: the same as `memories:search`, and in one call. */
import { makeFunctionReference } from "convex/server";
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "./access.ts";
import { LIMIT_EXCEEDED } from "./codes.ts";
import { enrichMemories, surroundings } from "./enrich.ts";
import { fail } from "./errors.ts";
import {
  type FoundMemory,
  foundMemory,
  searchQuery,
  searchWithEmbeddingAction,
} from "./memorySearch.ts";
import { findMemory } from "./memoryStore.ts";
import type { ActionCtx, Doc, QueryCtx } from "./model.ts";
import type { Scope } from "./scope.ts";

/** Most memories that one call enriches. */
const MAX_ENRICHED = 200;

const around = v.object({ memoryId: v.string(), ...surroundings });
const enrichArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  memoryIds: v.array(v.string()),
};

/** `memory:enrich`: what surrounds each of the given memories, in their order; unknown ids are skipped. */
export const enrichQuery = {
  args: enrichArgs,
  returns: v.array(around),
  handler: async (
    ctx: QueryCtx,
    { memorySpaceId, memoryIds }: ObjectType<typeof enrichArgs>,
    scope: Scope,
  ): Promise<(typeof around.type)[]> => {
    if (memoryIds.length > MAX_ENRICHED) {
      fail(
        LIMIT_EXCEEDED,
        `memoryIds has ${memoryIds.length} ids, at most ${MAX_ENRICHED} are allowed`,
      );
    }
    const rows: Doc<"memories">[] = [];
    for (const memoryId of memoryIds) {
      const row = await findMemory(ctx, scope, memorySpaceId, memoryId);
      if (row !== null) rows.push(row);
    }
    const found = await enrichMemories(ctx, scope, rows, { facts: true });
    return rows.map(({ memoryId }, at) => ({ memoryId, ...found[at] }));
  },
};

const enrichedHit = v.object({
  memory: foundMemory,
  ...surroundings,
  score: v.optional(v.number()),
});

type SearchArgs = ObjectType<typeof searchQuery.args>;

/** `memory:search` (public query). */
export const enrichedSearchQuery = {
  args: searchQuery.args,
  returns: v.array(enrichedHit),
  handler: async (ctx: QueryCtx, args: SearchArgs, scope: Scope) => {
    const hits = await searchQuery.handler(ctx, args, scope);
    return joined(
      hits,
      await enrichQuery.handler(ctx, idsOf(args, hits), scope),
    );
  },
};

/** `memory:searchWithEmbedding` (public action): the same over the vector index. */
export const enrichedSearchAction = {
  args: searchQuery.args,
  returns: v.array(enrichedHit),
  handler: async (ctx: ActionCtx, args: SearchArgs, scope: Scope) => {
    const hits = await searchWithEmbeddingAction.handler(ctx, args, scope);
    return joined(hits, await ctx.runQuery(ENRICH, idsOf(args, hits)));
  },
};

const ENRICH = makeFunctionReference<
  "query",
  ObjectType<typeof enrichArgs>,
  (typeof around.type)[]
>("memory:enrich");

/** Who asks, and which memories were found. */
function idsOf(
  args: SearchArgs,
  hits: readonly FoundMemory[],
): ObjectType<typeof enrichArgs> {
  const access = Object.entries(args).filter(([name]) => name in accessArgs);
  return {
    ...Object.fromEntries(access),
    memorySpaceId: args.memorySpaceId,
    memoryIds: hits.map(({ memoryId }) => memoryId),
  };
}

function joined(
  hits: readonly FoundMemory[],
  found: readonly (typeof around.type)[],
): (typeof enrichedHit.type)[] {
  const byId = new Map(
    found.map(({ memoryId, ...parts }) => [memoryId, parts]),
  );
  return hits.map((memory) => ({
    memory,
    ...byId.get(memory.memoryId),
    ...(memory._score !== undefined && { score: memory._score }),
  }));
}
