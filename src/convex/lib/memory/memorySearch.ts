/**
 * Search in memories alone, for `vector.search`: by words, ordered by relevance; by embedding, with a similarity that
 * some traits of a memory raise or lower; or by both, ranked as recall ranks.
 *
 * @module
 */

import { makeFunctionReference } from "convex/server";
import { type ObjectType, v } from "convex/values";
import { INVALID_MIN_SCORE_RANGE } from "../moduleCodes.ts";
import { accessArgs } from "../access.ts";
import { fail } from "../errors.ts";
import { memorySourceType } from "../fields.ts";
import { defineAction, defineQuery } from "../functions.ts";
import {
  type MemoryCandidate,
  memoryCandidates,
  type MemoryFilter,
} from "./memoryCandidates.ts";
import { readEntries } from "./memoryStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { nearWords } from "../ranking/nearWords.ts";
import { isPrefixMatch, parseQuery } from "../ranking/query.ts";
import { OWN_DATES } from "../ranking/rankText.ts";
import { rank, type Ranked } from "../ranking/rank.ts";
import { checkLimit, MAX_LIMIT } from "../ranking/searchLimit.ts";
import type { Scope } from "../scope.ts";
import { forFinding, searchBudget } from "../paging/searchBudget.ts";
import { StepBudget } from "../paging/walk.ts";
import { parseSearchText } from "../text/searchText.ts";
import { memoryEntry } from "../shapes.ts";
import { checkEmbedding } from "../size.ts";
import {
  isIndexed,
  MAX_VECTOR_HITS,
  memoryHits,
  scanVectors,
  searchVectors,
  type VectorHit,
} from "../ranking/vectorSearch.ts";

const DEFAULT_LIMIT = 20;
/** Share of a search's budget for comparing embeddings one by one. */
const SCANNED_SHARE = 0.6;
/** Factors on the cosine similarity, as the specification of the search gives them. */
const USER_FACTOR = 1.25;
const ACKNOWLEDGEMENT_FACTOR = 0.5;
const CATEGORY_FACTOR = 1.3;
const ENRICHED_FACTOR = 1.1;
const MAX_ACKNOWLEDGEMENT_CHARACTERS = 60;
const ACKNOWLEDGEMENT =
  /\b(?:got it|i'll call|i'll remember|i'll set|i've noted|noted|understood)\b/i;

const searchArgs = {
  memorySpaceId: v.string(),
  query: v.string(),
  /** If given and not empty, searches by embedding. */
  embedding: v.optional(v.array(v.number())),
  /** A memory's `userId` or `sourceUserId`. */
  userId: v.optional(v.string()),
  /** At least one of these tags. */
  tags: v.optional(v.array(v.string())),
  sourceType: v.optional(memorySourceType),
  minImportance: v.optional(v.number()),
  /** 1 to 1000; default 20. */
  limit: v.optional(v.number()),
  /** With an embedding or `hybrid` only: least score, 0 to 1. */
  minScore: v.optional(v.number()),
  /** With an embedding only: memories of this `factCategory` score higher. */
  queryCategory: v.optional(v.string()),
  /** Searches by words and, if given, by embedding, and ranks the hits of both together. */
  hybrid: v.optional(v.boolean()),
};

const publicArgs = { ...accessArgs, ...searchArgs };

const embeddedArgs = {
  ...searchArgs,
  tenantId: v.optional(v.string()),
  now: v.number(),
  hits: memoryHits,
};

type SearchArgs = ObjectType<typeof searchArgs>;

/** Validator of a found memory. */
export const foundMemory = v.object({
  ...memoryEntry.fields,
  /** 0 to 1; only with an embedding or `hybrid`. */
  _score: v.optional(v.number()),
});

/** A found memory. */
export type FoundMemory = typeof foundMemory.type;

/**
 * `memories:search` (public query). Compares an embedding with a bounded number of the newest ones of its length;
 * {@link searchWithEmbeddingAction} uses the vector index.
 */
export const searchQuery = defineQuery({
  args: publicArgs,
  returns: v.array(foundMemory),
  handler: async (ctx, args, scope) => await searchWithin(ctx, scope, args),
});

/** The memories that {@link searchQuery} finds, within a budget, by default of 13 MiB. */
export async function searchWithin(
  ctx: QueryCtx,
  scope: Scope,
  args: SearchArgs,
  budget: StepBudget = searchBudget(),
): Promise<FoundMemory[]> {
  const embedding = checkEmbedding(args.embedding);
  if (embedding === undefined && !args.hybrid) {
    return await searchByWords(ctx, scope, args, budget);
  }
  const hits = embedding === undefined ? [] : await scanVectors(
    ctx,
    "memories",
    scope,
    { ...args, embedding, limit: MAX_VECTOR_HITS },
    new StepBudget(Infinity, SCANNED_SHARE * budget.bytes, budget),
  );
  return await searchByHits(ctx, scope, args, hits, budget);
}

/** `memories:searchWithEmbedding` (public action): the same arguments and results, over the vector index. */
export const searchWithEmbeddingAction = defineAction({
  args: publicArgs,
  returns: v.array(foundMemory),
  handler: async (ctx, args, scope) => {
    const embedding = checkEmbedding(args.embedding);
    if (embedding === undefined || !isIndexed(embedding.length)) {
      return await ctx.runQuery(SEARCH, args);
    }
    const question = { ...args, embedding, limit: MAX_VECTOR_HITS };
    const hits = await searchVectors(ctx, "memories", scope, question);
    const { accessKey: _key, organizationId: _label, embedding: _, ...rest } =
      args;
    return await ctx.runQuery(EMBEDDED, {
      ...rest,
      ...(scope.tenantId !== undefined && { tenantId: scope.tenantId }),
      now: scope.now,
      hits,
    });
  },
});

/** `recall:search` (internal query): the second half of {@link searchWithEmbeddingAction}. */
export const embeddedSearchQuery = {
  args: embeddedArgs,
  returns: v.array(foundMemory),
  handler: async (
    ctx: QueryCtx,
    args: ObjectType<typeof embeddedArgs>,
  ): Promise<FoundMemory[]> => {
    const { tenantId, now, hits } = args;
    const scope = { tenantId, organizationId: undefined, now };
    const budget = searchBudget();
    return await searchByHits(ctx, scope, args, hits, budget);
  },
};

const SEARCH = makeFunctionReference<
  "query",
  ObjectType<typeof publicArgs>,
  FoundMemory[]
>("memories:search");
const EMBEDDED = makeFunctionReference<
  "query",
  ObjectType<typeof embeddedArgs>,
  FoundMemory[]
>("recall:search");

async function searchByWords(
  ctx: QueryCtx,
  scope: Scope,
  args: SearchArgs,
  budget: StepBudget,
): Promise<FoundMemory[]> {
  const limit = checkLimit(args.limit ?? DEFAULT_LIMIT);
  const found = await rankByWords(ctx, scope, args, [], budget);
  const rows = found.slice(0, limit).map(({ candidate }) => candidate.row);
  return await readEntries(ctx, rows, budget, budget);
}

async function searchByBoth(
  ctx: QueryCtx,
  scope: Scope,
  args: SearchArgs,
  hits: readonly VectorHit<"memories">[],
  budget: StepBudget,
): Promise<FoundMemory[]> {
  const limit = checkLimit(args.limit ?? DEFAULT_LIMIT);
  const minScore = checkMinScore(args.minScore);
  const found = (await rankByWords(ctx, scope, args, hits, budget))
    .filter(({ score }) => score >= minScore)
    .slice(0, limit);
  return await scoredEntries(
    ctx,
    found.map(({ candidate: { row }, score }) => ({ row, score })),
    budget,
  );
}

/** The memories that have a word of the question themselves, and those of the vector hits, best first. */
async function rankByWords(
  ctx: QueryCtx,
  scope: Scope,
  args: SearchArgs,
  hits: readonly VectorHit<"memories">[],
  budget: StepBudget,
): Promise<Ranked<MemoryCandidate>[]> {
  const query = parseQuery(args.query, scope.now);
  const candidates = await memoryCandidates(ctx, scope, {
    memorySpaceId: args.memorySpaceId,
    query,
    hits,
    filter: filterOf(args),
    // Rows that match only by their neighbours' words are read and left out, so read as many as possible.
    wanted: MAX_LIMIT,
    looksNear: true,
    budget: forFinding(budget),
  });
  const near = nearWords(query, candidates.map((row) => row.searchText));
  const stems = new Set([...query.stems, ...[...near.values()].flat()]);
  const dates = new Set(query.dates);
  // The index also contains the neighbours' words, which affect the order here but must find nothing by themselves.
  const own = candidates.filter(({ searchText, similarity }) => {
    if (similarity !== undefined) return true;
    const { content, enriched, date } = parseSearchText(searchText);
    // "In March" alone finds what was said then, "the dentist in March" does not.
    const isOfDate = date.some((day) => dates.has(day));
    if (isOfDate && query.stems.every((stem) => date.includes(stem))) {
      return true;
    }
    const words = [...content, ...enriched];
    return words.some((stem) => stems.has(stem)) ||
      isPrefixMatch(query, words) ||
      date.slice(OWN_DATES).some((day) => dates.has(day));
  });
  return rank(query, own, { now: scope.now });
}

async function searchByHits(
  ctx: QueryCtx,
  scope: Scope,
  args: SearchArgs,
  hits: readonly VectorHit<"memories">[],
  budget: StepBudget,
): Promise<FoundMemory[]> {
  const near = hits.filter(({ similarity }) => similarity >= 0);
  if (args.hybrid) return await searchByBoth(ctx, scope, args, near, budget);
  const limit = checkLimit(args.limit ?? DEFAULT_LIMIT);
  const minScore = checkMinScore(args.minScore);
  const candidates = await memoryCandidates(ctx, scope, {
    memorySpaceId: args.memorySpaceId,
    hits: near,
    filter: filterOf(args),
    wanted: limit,
    budget: forFinding(budget),
  });
  const found = candidates
    .map(({ row, similarity = 0 }) => ({
      row,
      score: similarity * factorOf(row, args.queryCategory),
    }))
    .filter(({ score }) => Math.min(1, score) >= minScore)
    .sort((a, b) =>
      b.score - a.score || b.row._creationTime - a.row._creationTime
    )
    .slice(0, limit);
  return await scoredEntries(ctx, found, budget);
}

/** The memories as answers show them, with their scores, of which 1 is the highest shown. */
async function scoredEntries(
  ctx: QueryCtx,
  found: readonly { row: Doc<"memories">; score: number }[],
  budget: StepBudget,
): Promise<FoundMemory[]> {
  const rows = found.map(({ row }) => row);
  const entries = await readEntries(ctx, rows, budget, budget);
  return entries.map((entry, at) => ({
    ...entry,
    _score: Math.min(1, found[at]!.score),
  }));
}

function checkMinScore(minScore = 0): number {
  if (!(minScore >= 0 && minScore <= 1)) {
    fail(INVALID_MIN_SCORE_RANGE, `minScore must be between 0 and 1`);
  }
  return minScore;
}

function filterOf(args: SearchArgs): MemoryFilter {
  const { userId, tags, sourceType, minImportance } = args;
  return { userId, tags, sourceType, minImportance };
}

function factorOf(row: Doc<"memories">, category: string | undefined): number {
  let factor = 1;
  if (row.messageRole === "user") factor *= USER_FACTOR;
  if (row.messageRole === "agent" && isAcknowledgement(row.content)) {
    factor *= ACKNOWLEDGEMENT_FACTOR;
  }
  if (category !== undefined && row.factCategory === category) {
    factor *= CATEGORY_FACTOR;
  }
  if (row.enrichedContent !== undefined) factor *= ENRICHED_FACTOR;
  return factor;
}

function isAcknowledgement(content: string): boolean {
  return content.length < MAX_ACKNOWLEDGEMENT_CHARACTERS &&
    ACKNOWLEDGEMENT.test(content.replaceAll("\u2019", "'"));
}
