/** Finds the memories that may answer a question by text or vector: visible to the caller, and matching the filters. */
import { findMemory } from "./memoryStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { furtherRows } from "../ranking/furtherRows.ts";
import { rowsWithWords } from "../ranking/plainWords.ts";
import { newestRowsOfUser } from "../ranking/rowsOfUser.ts";
import type { ParsedQuery } from "../ranking/query.ts";
import type { Candidate } from "../ranking/rank.ts";
import type { Scope } from "../scope.ts";
import { isQuestion } from "../text/searchText.ts";
import { memoriesOfHits, type VectorHit } from "../ranking/vectorSearch.ts";
import { bytesRead } from "../size.ts";
import { StepBudget, taken } from "../paging/walk.ts";

/**
 * Memories that a text search reads if nothing is filtered afterwards and few are wanted. Reading twice as many finds
 * no more (recall@10 over 550 memories per space differs by 0.1 points) and takes half as long again.
 */
const TEXT_WINDOW = 256;
/**
 * Memories that it reads if something is filtered afterwards, so that few are lost; Convex ends a text search at 1024.
 */
const MAX_TEXT_WINDOW = 1000;
/** Memories read for each that is wanted. */
const WINDOW_PER_WANTED = 8;
/** Most bytes of rows that text searches read, half of what a Convex query may read. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;
/** Most bytes of the newest rows that are read in addition. */
const MAX_NEWEST_BYTES = 2 * 1024 * 1024;

/** Conditions on a memory; all given ones must hold. */
export interface MemoryFilter {
  /** Its `userId` or `sourceUserId`. */
  readonly userId?: string;
  /** At least one of these tags; an empty list is no condition. */
  readonly tags?: readonly string[];
  /** Its `sourceType`. */
  readonly sourceType?: Doc<"memories">["sourceType"];
  /** Least importance, 0 to 100. */
  readonly minImportance?: number;
  /** Earliest `createdAt`, in milliseconds since the Unix epoch, inclusive. */
  readonly createdAfter?: number;
  /** Latest `createdAt`, inclusive. */
  readonly createdBefore?: number;
}

/** A memory that may answer. */
export interface MemoryCandidate extends Candidate {
  readonly row: Doc<"memories">;
}

/** Arguments of {@link memoryCandidates}. */
export interface MemorySearch {
  /** Space that is searched. */
  readonly memorySpaceId: string;
  /** The question whose words to search for; absent for none. */
  readonly query?: ParsedQuery;
  /** Hits of the vector search. */
  readonly hits: readonly VectorHit<"memories">[];
  /** Conditions that every candidate meets. */
  readonly filter: MemoryFilter;
  /** Whether to search also for words similar to those of the question that occur nowhere. */
  readonly looksNear?: boolean;
  /** How many memories will be kept; the text search reads more, at least 256 and at most 1000. */
  readonly wanted: number;
  /** What the search may read in all. Default: the sum of what each part may read. */
  readonly budget?: StepBudget | undefined;
}

/** Reads the memories that a text search and vector hits name, each once. */
export async function memoryCandidates(
  ctx: QueryCtx,
  scope: Scope,
  search: MemorySearch,
): Promise<MemoryCandidate[]> {
  const { memorySpaceId, query, hits, filter, budget } = search;
  const near = await memoriesOfHits(ctx, hits, budget);
  const found = new Map<string, MemoryCandidate>();
  const add = (row: Doc<"memories">, more?: Partial<MemoryCandidate>) => {
    const isVisible = row.tenantId === scope.tenantId &&
      row.memorySpaceId === memorySpaceId && row.isActive;
    if (isVisible && passes(row, filter)) {
      const candidate = toCandidate(row);
      found.set(row._id, more ? { ...candidate, ...more } : candidate);
    }
  };
  if (query !== undefined) {
    for (const row of await searchText(ctx, scope, search, query)) add(row);
    for (
      const { row, searchText } of await rowsWithWords(
        ctx,
        scope,
        "memories",
        memorySpaceId,
        query,
        ({ content }) => content,
      )
    ) add(row, { searchText });
  }
  for (const { row, similarity } of near) {
    const { searchText } = found.get(row._id) ?? row;
    add(row, { searchText, similarity });
  }
  return [...found.values()];
}

/** Reads one memory by its id as a candidate, if it is visible and meets the conditions. */
export async function memoryCandidate(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  memoryId: string,
  filter: MemoryFilter,
): Promise<MemoryCandidate | undefined> {
  const row = await findMemory(ctx, scope, memorySpaceId, memoryId);
  return row !== null && row.isActive && passes(row, filter)
    ? toCandidate(row)
    : undefined;
}

/** The newest memories of the filter's user that are visible and meet the conditions. */
export async function newestOfUser(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  filter: MemoryFilter,
  budget: StepBudget,
): Promise<MemoryCandidate[]> {
  const rows = await newestRowsOfUser(ctx, scope, {
    table: "memories",
    memorySpaceId,
    userId: filter.userId,
    isWanted: (row) => row.isActive && passes(row, filter),
  }, budget);
  return rows.map(toCandidate);
}

/**
 * The best hits of the text index. If there were more hits than it reads, and the index does not cover every condition,
 * the newest rows follow; with dates, those of the requested period, which may be all there are.
 */
async function searchText(
  ctx: QueryCtx,
  scope: Scope,
  search: MemorySearch,
  query: ParsedQuery,
): Promise<Doc<"memories">[]> {
  if (query.search === "") return [];
  const { memorySpaceId, filter, wanted, budget } = search;
  const { userId: _user, sourceType: _type, ...others } = filter;
  const isIndexed = isEmpty(others);
  const window = isIndexed
    ? Math.max(
      TEXT_WINDOW,
      Math.min(MAX_TEXT_WINDOW, WINDOW_PER_WANTED * wanted),
    )
    : MAX_TEXT_WINDOW;
  const { rows, isCut } = await textHits(
    ctx,
    scope,
    search,
    query.search,
    window,
  );
  if (search.looksNear) {
    rows.push(
      ...await furtherRows(
        query,
        rows,
        budget,
        (terms, window, budget) =>
          textHits(ctx, scope, { ...search, budget }, terms, window),
      ),
    );
  }
  return isCut && !isIndexed
    ? [...rows, ...await newestRows(ctx, scope, memorySpaceId, filter, budget)]
    : rows;
}

/** The first hits of the text index for some terms, and whether there may be more. */
async function textHits(
  ctx: QueryCtx,
  { tenantId }: Scope,
  { memorySpaceId, filter: { userId, sourceType }, budget: whole }:
    MemorySearch,
  terms: string,
  window: number,
): Promise<{ rows: Doc<"memories">[]; isCut: boolean }> {
  // The index has no "or", so the user that a memory is about and the user who said it are searched one after the
  // other.
  const owners = userId === undefined
    ? [undefined]
    : ["userId", "sourceUserId"] as const;
  const rows: Doc<"memories">[] = [];
  let isCut = false;
  for (const owner of owners) {
    const matches = ctx.db.query("memories").withSearchIndex("by_text", (q) => {
      let hits = q.search("searchText", terms)
        .eq("tenantId", tenantId)
        .eq("memorySpaceId", memorySpaceId)
        .eq("isActive", true);
      if (owner !== undefined) hits = hits.eq(owner, userId);
      if (sourceType !== undefined) hits = hits.eq("sourceType", sourceType);
      return hits;
    });
    const budget = new StepBudget(
      window,
      MAX_TEXT_BYTES / owners.length,
      whole,
    );
    rows.push(...await taken(matches, budget, bytesRead));
    isCut ||= budget.isSpent;
  }
  return { rows, isCut };
}

/** The newest memories of a space, in the filter's period. */
async function newestRows(
  ctx: QueryCtx,
  { tenantId }: Scope,
  memorySpaceId: string,
  { createdAfter = -Infinity, createdBefore = Infinity }: MemoryFilter,
  whole: StepBudget | undefined,
): Promise<Doc<"memories">[]> {
  const newest = ctx.db.query("memories").withIndex(
    "by_tenant_space_created",
    (q) =>
      q.eq("tenantId", tenantId).eq("memorySpaceId", memorySpaceId)
        .gte("createdAt", createdAfter).lte("createdAt", createdBefore),
  ).order("desc");
  const budget = new StepBudget(MAX_TEXT_WINDOW, MAX_NEWEST_BYTES, whole);
  return await taken(newest, budget, bytesRead);
}

function passes(row: Doc<"memories">, filter: MemoryFilter): boolean {
  const { userId, tags, sourceType, minImportance } = filter;
  return (userId === undefined || row.userId === userId ||
    row.sourceUserId === userId) &&
    (tags === undefined || tags.length === 0 ||
      tags.some((tag) => row.tags.includes(tag))) &&
    (sourceType === undefined || row.sourceType === sourceType) &&
    row.importance >= (minImportance ?? 0) &&
    row.createdAt >= (filter.createdAfter ?? -Infinity) &&
    row.createdAt <= (filter.createdBefore ?? Infinity);
}

function isEmpty(filter: MemoryFilter): boolean {
  return Object.values(filter).every((value) =>
    value === undefined || (Array.isArray(value) && value.length === 0)
  );
}

function toCandidate(row: Doc<"memories">): MemoryCandidate {
  return {
    row,
    key: row.memoryId,
    searchText: row.searchText,
    timestamp: row.sourceTimestamp,
    isQuestion: isQuestion(row.content),
    isReply: row.messageRole === "agent",
    importance: row.importance,
    isUnembedded: row.embeddingDims === undefined,
    ...(row.conversationRef && { group: row.conversationRef.conversationId }),
  };
}
