/** Which facts may answer a question: found by text or vector, current, valid now, passing the filters. */
import type { FactFilter } from "./factArgs.ts";
import { isValidAt, matchesFact } from "./factFilter.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { rowsWithWords } from "../recall/plainWords.ts";
import { answers, type ParsedQuery } from "../recall/query.ts";
import { type Candidate, rank, type Ranked } from "../recall/rank.ts";
import type { Scope } from "../scope.ts";
import { factsOfHits, type VectorHit } from "../recall/vectorSearch.ts";
import { Room, taken } from "../walk.ts";

/** Facts that a text search looks at; Convex ends one that reads its 1024th hit. */
const TEXT_WINDOW = 256;
const WHOLE_TEXT_WINDOW = 1000;
/** A text search stops at this many bytes of rows, a quarter of what a Convex query may read. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** A fact that may answer. */
export interface FactCandidate extends Candidate {
  readonly row: Doc<"facts">;
}

/**
 * Finds and ranks facts. Deleted, archived and superseded facts, and those that are not valid at the scope's time, are
 * left out.
 *
 * @returns The facts that share a word or a sense with the question, best first.
 */
export async function rankFacts(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  query: ParsedQuery,
  hits: readonly VectorHit<"facts">[],
  filter: FactFilter,
  explain: boolean = false,
): Promise<Ranked<FactCandidate>[]> {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const window = isFiltered ? WHOLE_TEXT_WINDOW : TEXT_WINDOW;
  const found = new Map<string, FactCandidate>();
  const add = (candidate: FactCandidate) => {
    const { row } = candidate;
    const isVisible = row.tenantId === scope.tenantId &&
      row.memorySpaceId === memorySpaceId && row.isCurrent &&
      isValidAt(row, scope.now);
    if (isVisible && matchesFact(row, filter)) found.set(row._id, candidate);
  };
  for (
    const candidate of await searchText(
      ctx,
      scope,
      memorySpaceId,
      query,
      filter,
      window,
    )
  ) add(candidate);
  for (const { row, similarity } of await factsOfHits(ctx, hits)) {
    add({ ...toCandidate(row), similarity });
  }
  return rank(query, [...found.values()], { now: scope.now, explain })
    .filter((ranked) => answers(query, ranked));
}

/**
 * Facts that share a word with a question and meet every condition, the most telling first. Looks at the first 1,000
 * hits of the text index.
 */
export async function searchFacts(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  query: ParsedQuery,
  filter: FactFilter,
): Promise<Doc<"facts">[]> {
  const hits = await searchText(
    ctx,
    scope,
    memorySpaceId,
    query,
    filter,
    WHOLE_TEXT_WINDOW,
  );
  const found = hits.filter(({ row }) => matchesFact(row, filter));
  return rank(query, found, { now: scope.now })
    .filter((ranked) => answers(query, ranked))
    .map(({ candidate }) => candidate.row);
}

async function searchText(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  query: ParsedQuery,
  filter: FactFilter,
  window: number,
): Promise<FactCandidate[]> {
  if (query.search === "") return [];
  const matches = ctx.db.query("facts").withSearchIndex("by_text", (q) => {
    let search = q.search("searchText", query.search)
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
  const room = new Room(window, MAX_TEXT_BYTES);
  const rows = await taken(matches, room, ({ bytes }) => bytes);
  const plain = await rowsWithWords(
    ctx,
    scope,
    "facts",
    memorySpaceId,
    query,
    ({ fact }) => fact,
  );
  const known = new Set(plain.map(({ row }) => row._id));
  return [
    ...rows.filter(({ _id }) => !known.has(_id)).map(toCandidate),
    ...plain.map(({ row, searchText }) => ({
      ...toCandidate(row),
      searchText,
    })),
  ];
}

function toCandidate(row: Doc<"facts">): FactCandidate {
  return {
    row,
    key: row.factId,
    searchText: row.searchText,
    timestamp: row.updatedAt,
    confidence: row.confidence,
  };
}
