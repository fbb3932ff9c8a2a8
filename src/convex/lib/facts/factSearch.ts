/** Finds the facts that may answer a question by text or vector: current, valid now, and matching the filters. */
import type { FactFilter } from "./factArgs.ts";
import { isValidNow, matchesFact } from "./factFilter.ts";
import { scanFacts } from "./factPage.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { rowsWithWords } from "../ranking/plainWords.ts";
import { newestRowsOfUser } from "../ranking/rowsOfUser.ts";
import { furtherRows } from "../ranking/furtherRows.ts";
import { isMatch, type ParsedQuery } from "../ranking/query.ts";
import { type Candidate, rank, type Ranked } from "../ranking/rank.ts";
import type { Scope } from "../scope.ts";
import { factsOfHits, type VectorHit } from "../ranking/vectorSearch.ts";
import { StepBudget, taken } from "../paging/walk.ts";

/** Most hits of a text search that are read; Convex ends a search that reads its 1024th hit. */
const TEXT_WINDOW = 256;
const WHOLE_TEXT_WINDOW = 1000;
/** Most bytes of rows that a text search reads, a quarter of what a Convex query may read. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** Most of the newest facts that are read in addition to the hits of the text index, and most bytes of them. */
const MAX_NEWEST = 4000;
const MAX_NEWEST_BYTES = 4 * 1024 * 1024;
/** Most bytes of them in a recall, which also reads memories. */
const MAX_NEWEST_RECALLED_BYTES = 2 * 1024 * 1024;

/** A fact that may answer. */
export interface FactCandidate extends Candidate {
  readonly row: Doc<"facts">;
}

/** What to search for. */
export interface FactSearch {
  /** Space that is searched. */
  readonly memorySpaceId: string;
  /** The question. */
  readonly query: ParsedQuery;
  /** Conditions that every fact meets. */
  readonly filter: FactFilter;
  /** What the search may read in all. Default: the sum of what each part may read. */
  readonly budget?: StepBudget | undefined;
}

/** Arguments of {@link rankFacts}. */
interface RankedSearch extends FactSearch {
  /** Hits of the vector search. */
  readonly hits: readonly VectorHit<"facts">[];
  /** Whether scores are explained. */
  readonly explain?: boolean | undefined;
}

/**
 * Finds and ranks facts, those of {@link searchFacts} and of the vector hits. Leaves out facts that are deleted,
 * archived or superseded, or not valid at the scope's time.
 *
 * @returns The facts that match the question by word or by meaning, best first.
 */
export async function rankFacts(
  ctx: QueryCtx,
  scope: Scope,
  search: RankedSearch,
): Promise<Ranked<FactCandidate>[]> {
  const { memorySpaceId, query, filter, hits, budget, explain = false } =
    search;
  const near = await factsOfHits(ctx, hits, budget);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const window = isFiltered ? WHOLE_TEXT_WINDOW : TEXT_WINDOW;
  const found = new Map<string, FactCandidate>();
  const add = (candidate: FactCandidate) => {
    const { row } = candidate;
    const isVisible = row.tenantId === scope.tenantId &&
      row.memorySpaceId === memorySpaceId && row.isCurrent &&
      isValidNow(row, scope.now);
    if (isVisible && matchesFact(row, filter)) found.set(row._id, candidate);
  };
  const { candidates, isCut } = await searchText(ctx, scope, search, window);
  candidates.forEach(add);
  // The index also has facts that have ended, which may be all that was found.
  const isCovered = isIndexed(filter) &&
    candidates.every(({ row }) => isValidNow(row, scope.now));
  if (isCut && !isCovered) {
    const most = new StepBudget(MAX_NEWEST, MAX_NEWEST_RECALLED_BYTES, budget);
    const newest = await newestFacts(ctx, scope, search, most);
    for (const row of newest) if (!found.has(row._id)) add(toCandidate(row));
  }
  for (const { row, similarity } of near) {
    add({ ...found.get(row._id) ?? toCandidate(row), similarity });
  }
  return rank(query, [...found.values()], { now: scope.now, explain })
    .filter((ranked) => isMatch(query, ranked));
}

/** The newest facts of the filter's user that {@link rankFacts} would accept. */
export async function newestFactsOfUser(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  filter: FactFilter,
  budget: StepBudget,
): Promise<FactCandidate[]> {
  const rows = await newestRowsOfUser(ctx, scope, {
    table: "facts",
    memorySpaceId,
    userId: filter.userId,
    isWanted: (row) =>
      row.isCurrent && isValidNow(row, scope.now) && matchesFact(row, filter),
  }, budget);
  return rows.map(toCandidate);
}

/**
 * Facts that share a word with a question and meet every condition, best first. Reads the first 1,000 hits of the text
 * index. If there are more, and the index does not cover every condition, the newest facts that meet the conditions
 * follow: for a subject, a user or a period, these may be all there are.
 */
export async function searchFacts(
  ctx: QueryCtx,
  scope: Scope,
  search: FactSearch,
): Promise<Doc<"facts">[]> {
  const { query, filter } = search;
  const { candidates, isCut } = await searchText(
    ctx,
    scope,
    search,
    WHOLE_TEXT_WINDOW,
  );
  const found = candidates.filter(({ row }) => matchesFact(row, filter));
  if (isCut && !isIndexed(filter)) {
    const known = new Set(found.map(({ row }) => row._id));
    const budget = new StepBudget(MAX_NEWEST, MAX_NEWEST_BYTES);
    const newest = await newestFacts(ctx, scope, search, budget);
    found.push(...newest.filter(({ _id }) => !known.has(_id)).map(toCandidate));
  }
  return rank(query, found, { now: scope.now })
    .filter((ranked) => isMatch(query, ranked))
    .map(({ candidate }) => candidate.row);
}

/** The newest facts that meet every condition. */
async function newestFacts(
  ctx: QueryCtx,
  scope: Scope,
  { memorySpaceId, filter }: FactSearch,
  budget: StepBudget,
): Promise<Doc<"facts">[]> {
  const found: Doc<"facts">[] = [];
  if (budget.isSpent) return found;
  const stretch = { memorySpaceId, filter, order: "desc" as const, budget };
  await scanFacts(ctx, scope, stretch, (row) => {
    found.push(row);
    return true;
  });
  return found;
}

/** Whether the text index covers every given condition. */
function isIndexed({ tags, ...filter }: FactFilter): boolean {
  return !tags?.length &&
    Object.entries(filter).every(([name, value]) =>
      value === undefined || KNOWN.has(name)
    );
}

/** Conditions that the text index covers, and options that only qualify other conditions. */
const KNOWN: ReadonlySet<string> = new Set(
  "userId factType includeSuperseded tagMatch".split(" "),
);

/**
 * Candidates from the text index: its first `window` hits, or for a question of nothing but stop words the newest
 * facts.
 */
async function searchText(
  ctx: QueryCtx,
  scope: Scope,
  search: FactSearch,
  window: number,
): Promise<{ candidates: FactCandidate[]; isCut: boolean }> {
  const { memorySpaceId, query } = search;
  if (query.search === "") return { candidates: [], isCut: false };
  const { rows, isCut } = await textHits(
    ctx,
    scope,
    search,
    query.search,
    window,
  );
  rows.push(
    ...await furtherRows(
      query,
      rows,
      search.budget,
      (terms, window, budget) =>
        textHits(ctx, scope, { ...search, budget }, terms, window),
    ),
  );
  const plain = await rowsWithWords(
    ctx,
    scope,
    "facts",
    memorySpaceId,
    query,
    ({ fact }) => fact,
  );
  const found = new Map(rows.map((row) => [row._id, toCandidate(row)]));
  for (const { row, searchText } of plain) {
    found.set(row._id, { ...toCandidate(row), searchText });
  }
  return { candidates: [...found.values()], isCut };
}

/** The first hits of the text index for some terms, and whether there may be more. */
async function textHits(
  ctx: QueryCtx,
  scope: Scope,
  { memorySpaceId, filter, budget: whole }: FactSearch,
  terms: string,
  window: number,
): Promise<{ rows: Doc<"facts">[]; isCut: boolean }> {
  const matches = ctx.db.query("facts").withSearchIndex("by_text", (q) => {
    let search = q.search("searchText", terms)
      .eq("tenantId", scope.tenantId)
      .eq("memorySpaceId", memorySpaceId);
    if (filter.includeSuperseded !== true) {
      search = search.eq("isCurrent", true);
    }
    if (filter.factType !== undefined) {
      search = search.eq("factType", filter.factType);
    }
    if (filter.userId !== undefined) {
      search = search.eq("userId", filter.userId);
    }
    return search;
  });
  const budget = new StepBudget(window, MAX_TEXT_BYTES, whole);
  const rows = await taken(matches, budget, ({ bytes }) => bytes);
  return { rows, isCut: budget.isSpent };
}

function toCandidate(row: Doc<"facts">): FactCandidate {
  return {
    row,
    key: row.factId,
    searchText: row.searchText,
    timestamp: row.updatedAt,
    confidence: row.confidence,
    isUnembedded: row.embeddingDims === undefined,
  };
}
