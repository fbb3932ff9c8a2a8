/** Search in memories with the surroundings of each hit: `memories:search` and `memory:enrich` in one call. */
import { makeFunctionReference } from "convex/server";
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { checkCount } from "../bounds.ts";
import { enrichMemories, type Surroundings, surroundings } from "./enrich.ts";
import { defineAction, defineQuery } from "../functions.ts";
import {
  type FoundMemory,
  foundMemory,
  searchQuery,
  searchWithEmbeddingAction,
  searchWithin,
} from "../memory/memorySearch.ts";
import { findMemory } from "../memory/memoryStore.ts";
import type { Doc } from "../model.ts";
import { searchBudget } from "../paging/searchBudget.ts";
import { StepBudget } from "../paging/walk.ts";
import { bytesRead } from "../size.ts";

/** Most memories that one call enriches. */
const MAX_ENRICHED = 200;
/** Most bytes of a call's budget that finding memories may read. */
const MAX_FOUND_BYTES = 10 * 1024 * 1024;

const around = v.object({ memoryId: v.string(), ...surroundings });
const enrichArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  memoryIds: v.array(v.string()),
};

/**
 * `memory:enrich`: the surroundings of the given memories, in their order and while the budget lasts; unknown ids are
 * skipped.
 */
export const enrichQuery = defineQuery({
  args: enrichArgs,
  returns: v.array(around),
  handler: async (ctx, { memorySpaceId, memoryIds }, scope) => {
    checkCount("memoryIds", memoryIds.length, MAX_ENRICHED);
    const rows: Doc<"memories">[] = [];
    const budget = searchBudget();
    const named = new StepBudget(Infinity, MAX_FOUND_BYTES, budget);
    for (const memoryId of memoryIds) {
      if (named.isSpent) break;
      const row = await findMemory(ctx, scope, memorySpaceId, memoryId);
      if (row === null) continue;
      named.take(bytesRead(row));
      rows.push(row);
    }
    const found = await enrichMemories(ctx, scope, rows, {
      facts: true,
      budget,
    });
    return rows.map(({ memoryId }, at) => ({ memoryId, ...found[at] }));
  },
});

const enrichedHit = v.object({
  memory: foundMemory,
  ...surroundings,
  score: v.optional(v.number()),
});

type SearchArgs = ObjectType<typeof searchQuery.args>;

/**
 * `memory:search` (public query): the first 200 hits with their surroundings, while 13 MiB last, the others without.
 */
export const enrichedSearchQuery = defineQuery({
  args: searchQuery.args,
  returns: v.array(enrichedHit),
  handler: async (ctx, args, scope) => {
    const budget = searchBudget();
    const hits = await searchWithin(
      ctx,
      scope,
      args,
      new StepBudget(Infinity, MAX_FOUND_BYTES, budget),
    );
    const best = hits.slice(0, MAX_ENRICHED);
    const found = await enrichMemories(ctx, scope, best, {
      facts: true,
      budget,
    });
    return hits.map((memory, at) => enriched(memory, found[at]));
  },
});

/** `memory:searchWithEmbedding` (public action): the same over the vector index. */
export const enrichedSearchAction = defineAction({
  args: searchQuery.args,
  returns: v.array(enrichedHit),
  handler: async (ctx, args, scope) => {
    const hits = await searchWithEmbeddingAction.handler(ctx, args, scope);
    const found = await ctx.runQuery(ENRICH, idsOf(args, hits));
    const byId = new Map(
      found.map(({ memoryId, ...parts }) => [memoryId, parts]),
    );
    return hits.map((memory) => enriched(memory, byId.get(memory.memoryId)));
  },
});

const ENRICH = makeFunctionReference<
  "query",
  ObjectType<typeof enrichArgs>,
  (typeof around.type)[]
>("memory:enrich");

/** Arguments of `memory:enrich` for the memories that were found. */
function idsOf(
  args: SearchArgs,
  hits: readonly FoundMemory[],
): ObjectType<typeof enrichArgs> {
  const access = Object.entries(args).filter(([name]) => name in accessArgs);
  return {
    ...Object.fromEntries(access),
    memorySpaceId: args.memorySpaceId,
    memoryIds: hits.slice(0, MAX_ENRICHED).map(({ memoryId }) => memoryId),
  };
}

function enriched(
  memory: FoundMemory,
  parts: Surroundings = {},
): typeof enrichedHit.type {
  const { _score: score } = memory;
  return { memory, ...parts, ...(score !== undefined && { score }) };
}
