/** Which facts may answer a question: found by text or vector, current, valid now, passing the filters. */
import type { Doc, QueryCtx } from "./model.ts";
import type { ParsedQuery } from "./query.ts";
import { type Candidate, rank, type Ranked } from "./rank.ts";
import type { Scope } from "./scope.ts";
import { factsOfHits, type VectorHit } from "./vectorSearch.ts";

/** Facts that a text search looks at; Convex ends a text search at 1024. */
const TEXT_WINDOW = 256;
const FILTERED_TEXT_WINDOW = 1000;
/** A text search stops at this many bytes of rows, a quarter of what a Convex query may read. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** Conditions that a fact must meet; all of them, each only where given. */
export interface FactFilter {
  /** Its `userId`. */
  readonly userId?: string;
  /** It has one of these at least; an empty list is no condition. */
  readonly tags?: readonly string[];
  /** Least confidence, 0 to 100. */
  readonly minConfidence?: number;
  /** Earliest `createdAt`, in milliseconds since the Unix epoch, inclusive. */
  readonly createdAfter?: number;
  /** Latest `createdAt`, inclusive. */
  readonly createdBefore?: number;
}

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
): Promise<Ranked<FactCandidate>[]> {
  const found = new Map<string, FactCandidate>();
  const add = (row: Doc<"facts">, similarity?: number) => {
    const isVisible = row.tenantId === scope.tenantId &&
      row.memorySpaceId === memorySpaceId && row.isCurrent &&
      isValidAt(row, scope.now);
    if (isVisible && passes(row, filter)) {
      found.set(row._id, toCandidate(row, similarity));
    }
  };
  for (
    const row of await searchText(ctx, scope, memorySpaceId, query, filter)
  ) {
    add(row);
  }
  for (const { row, similarity } of await factsOfHits(ctx, hits)) {
    add(row, similarity);
  }
  return rank(query, [...found.values()], { now: scope.now })
    .filter(({ score }) => score > 0);
}

/** Whether a fact holds at a time: its start is inclusive, its end exclusive. */
export function isValidAt(
  fact: { readonly validFrom?: number; readonly validUntil?: number },
  time: number,
): boolean {
  return (fact.validFrom === undefined || fact.validFrom <= time) &&
    (fact.validUntil === undefined || fact.validUntil > time);
}

async function searchText(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  query: ParsedQuery,
  filter: FactFilter,
): Promise<Doc<"facts">[]> {
  if (query.search === "") return [];
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const window = isFiltered ? FILTERED_TEXT_WINDOW : TEXT_WINDOW;
  const rows: Doc<"facts">[] = [];
  let bytes = 0;
  const matches = ctx.db.query("facts").withSearchIndex(
    "by_text",
    (q) =>
      q.search("searchText", query.search)
        .eq("tenantId", scope.tenantId)
        .eq("memorySpaceId", memorySpaceId)
        .eq("isCurrent", true),
  );
  for await (const row of matches) {
    rows.push(row);
    bytes += row.bytes;
    if (rows.length >= window || bytes > MAX_TEXT_BYTES) break;
  }
  return rows;
}

function passes(row: Doc<"facts">, filter: FactFilter): boolean {
  const { userId, tags } = filter;
  return (userId === undefined || row.userId === userId) &&
    (tags === undefined || tags.length === 0 ||
      tags.some((tag) => row.tags.includes(tag))) &&
    row.confidence >= (filter.minConfidence ?? 0) &&
    row.createdAt >= (filter.createdAfter ?? -Infinity) &&
    row.createdAt <= (filter.createdBefore ?? Infinity);
}

function toCandidate(row: Doc<"facts">, similarity?: number): FactCandidate {
  return {
    row,
    key: row.factId,
    searchText: row.searchText,
    timestamp: row.updatedAt,
    confidence: row.confidence,
    ...(similarity !== undefined && { similarity }),
  };
}
