/**
 * Recall: one question, answered from the memories and facts of a memory space.
 *
 * Candidates come from the text index and, if an embedding is given, from the vector index. Facts are items of their
 * own, and raise the memories that they were drawn from. Without an embedding everything happens in one query; with
 * one, an action searches the vectors (Convex offers that to actions only) and passes the hits to an internal query.
 *
 * @module
 */

import { makeFunctionReference } from "convex/server";
import { defineAction, defineQuery } from "../functions.ts";
import type { ActionCtx, QueryCtx } from "../model.ts";
import {
  type RankedRecallArgs,
  rankedRecallArgs,
  recallArgs,
  type RecallQuestion,
  type RecallResult,
  recallResult,
  recallWithEmbeddingArgs,
} from "./recallArgs.ts";
import { checkLimit } from "../ranking/searchLimit.ts";
import { NO_HITS, recallRanked, type VectorHits } from "./recallRanked.ts";
import type { Scope } from "../scope.ts";
import { checkEmbedding } from "../size.ts";
import {
  isIndexed,
  MAX_SCANNED_BYTES,
  MAX_VECTOR_HITS,
  otherDimensions,
  scanVectors,
  searchVectors,
  type VectorHit,
} from "../ranking/vectorSearch.ts";
import { searchBudget } from "../paging/searchBudget.ts";
import { StepBudget } from "../paging/walk.ts";

/** Least number of memories that a vector search of a recall reads: enough for its limit. */
const MIN_MEMORY_HITS = 128;
const FACT_HITS = 64;
/** Most bytes of facts' embeddings that are compared one by one, beside those of memories. */
const MAX_FACTS_SCANNED_BYTES = 3 * 1024 * 1024;

/** `memory:recall` (public query): recall without an embedding. */
export const recallQuery = defineQuery({
  args: recallArgs,
  returns: recallResult,
  handler: async (ctx, args, scope) =>
    await recallRanked(ctx, scope, args, NO_HITS),
});

/** `memory:recallWithEmbedding` (public action): recall with the question's embedding, of any length. */
export const recallWithEmbeddingAction = defineAction({
  args: recallWithEmbeddingArgs,
  returns: recallResult,
  handler: async (ctx, args, scope) => {
    const { accessKey: _, embedding: given, ...rest } = args;
    const embedding = checkEmbedding(given);
    const ranked = { ...rest, ...definedScope(scope) };
    const isSearchable = embedding !== undefined && isIndexed(embedding.length);
    const hits = isSearchable
      ? await searchHits(ctx, scope, args, embedding)
      : undefined;
    return await ctx.runQuery(RANKED, {
      ...ranked,
      dimensions: embedding?.length ?? 0,
      ...(hits ?? { ...(embedding !== undefined && { embedding }) }),
    });
  },
});

/** `recall:ranked` (internal query): the second half of {@link recallWithEmbeddingAction}. */
export const rankedRecallQuery = {
  args: rankedRecallArgs,
  returns: recallResult,
  handler: async (
    ctx: QueryCtx,
    args: RankedRecallArgs,
  ): Promise<RecallResult> => {
    const scope: Scope = {
      tenantId: args.tenantId,
      organizationId: args.organizationId,
      now: args.now,
    };
    const { embedding, memoryHits: memories, factHits: facts } = args;
    const budget = searchBudget();
    const hits = embedding === undefined
      ? { memories: memories ?? [], facts: facts ?? [] }
      : await scanHits(ctx, scope, vectorQuestions(args, embedding), budget);
    const recalled = await recallRanked(ctx, scope, args, hits, budget);
    const other = args.sources.vector && hits.memories.length === 0
      ? await otherDimensions(
        ctx,
        scope,
        args.memorySpaceId,
        args.dimensions,
      )
      : undefined;
    return other === undefined
      ? recalled
      : { ...recalled, otherDimensions: other };
  },
};

const RANKED = makeFunctionReference<"query", RankedRecallArgs, RecallResult>(
  "recall:ranked",
);

function definedScope(scope: Scope) {
  return {
    now: scope.now,
    ...(scope.tenantId !== undefined && { tenantId: scope.tenantId }),
    ...(scope.organizationId !== undefined &&
      { organizationId: scope.organizationId }),
  };
}

async function searchHits(
  ctx: ActionCtx,
  scope: Scope,
  args: RecallQuestion,
  embedding: number[],
): Promise<{
  memoryHits: VectorHit<"memories">[];
  factHits: VectorHit<"facts">[];
}> {
  const { memories, facts } = vectorQuestions(args, embedding);
  const [memoryHits, factHits] = await Promise.all([
    memories ? searchVectors(ctx, "memories", scope, memories) : [],
    facts ? searchVectors(ctx, "facts", scope, facts) : [],
  ]);
  return { memoryHits, factHits };
}

/** Scans the facts, which may take a part of the budget, and then the memories. */
async function scanHits(
  ctx: QueryCtx,
  scope: Scope,
  { memories, facts }: ReturnType<typeof vectorQuestions>,
  whole: StepBudget,
): Promise<VectorHits> {
  const both = new StepBudget(Infinity, MAX_SCANNED_BYTES, whole);
  const ofFacts = memories
    ? new StepBudget(Infinity, MAX_FACTS_SCANNED_BYTES, both)
    : both;
  return {
    facts: facts ? await scanVectors(ctx, "facts", scope, facts, ofFacts) : [],
    memories: memories
      ? await scanVectors(ctx, "memories", scope, memories, both)
      : [],
  };
}

/** The vector searches to make, one for each kind of row that is wanted. */
function vectorQuestions(args: RecallQuestion, embedding: number[]) {
  const question = { ...args, embedding };
  const { sources } = args;
  return {
    memories: sources.vector &&
      { ...question, limit: memoryHitLimit(args) },
    facts: sources.facts && { ...question, limit: factHitLimit(args) },
  };
}

function memoryHitLimit(args: RecallQuestion): number {
  if (isFiltered(args, args.minImportance)) return MAX_VECTOR_HITS;
  return Math.min(
    MAX_VECTOR_HITS,
    Math.max(MIN_MEMORY_HITS, checkLimit(args.limit) * 2),
  );
}

function factHitLimit(args: RecallQuestion): number {
  return isFiltered(args, args.minConfidence) ? MAX_VECTOR_HITS : FACT_HITS;
}

/** Whether hits of a vector search may be left out afterwards; `least` is a condition of their kind. */
function isFiltered(
  { tags, createdAfter, createdBefore }: RecallQuestion,
  least: number | undefined,
): boolean {
  return [tags, createdAfter, createdBefore, least]
    .some((condition) => condition !== undefined);
}
