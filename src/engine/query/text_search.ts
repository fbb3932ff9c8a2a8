import { EngineError } from "../../errors.ts";
import { encodeKey } from "../../values/key.ts";
import {
  idf,
  lengthScale,
  norm,
  quantisedLength,
  score,
  type TextStatistics,
} from "../search/bm25.ts";
import type { SearchIndex, Table } from "../schema/catalog.ts";
import { committedDocument, readDocument } from "../documents/documents.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";
import { noIndex } from "../plan/no_index.ts";
import type { QueryPlan } from "../plan/query_plan.ts";
import type { Row, RowBounds } from "../plan/query_rows.ts";
import {
  MAX_PREFIX_TERMS,
  type TextIndex,
  type WeightedTerm,
} from "../search/text_index.ts";
import { parseTextRow, type TextRow, tokenize } from "../search/text_row.ts";
import { type Match, TopMatches } from "../search/top_matches.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Factor of the score of a term that only begins with the last searched word. */
const PREFIX_WEIGHT = 0.5;

/** Documents that are ranked at first when it is not known how many are wanted: few readers want more. */
const FIRST_MATCHES = 256;

/** Documents that are prefetched together: few at first, since many readers take no more. */
const FIRST_AHEAD = 4;
const MOST_AHEAD = 64;

/** A document whose row in the index this transaction has changed. */
interface Change {
  id: string;
  before: TextRow | undefined;
  after: TextRow | undefined;
}

/** A search in an index, checked. */
interface TextSearch {
  table: Table;
  index: SearchIndex;
  query: string;
  filters: readonly { field: number; value: string }[];
}

/**
 * Documents of a text search, best first, lazily. At most 1024 are ranked; reading on after these throws
 * `LIMIT_EXCEEDED`, as on Convex.
 */
export function* searchRows(
  transaction: Transaction,
  table: Table | undefined,
  plan: QueryPlan,
  bounds: RowBounds | undefined,
  wanted: number | undefined,
): IterableIterator<Row> {
  const search = openSearch(transaction, table, plan);
  if (!search) return;
  const { searchCandidates } = transaction.database.catalog.limits;
  const size = Math.min(
    searchCandidates,
    bounds?.after === undefined && wanted !== undefined ? wanted : Infinity,
  );
  const ranked = (count: number) => rankedMatches(transaction, search, count);
  // A mutation is ranked at once: what it writes between two steps must not change the order it iterates in.
  const isInSteps = wanted === undefined && !transaction.writable;
  let matches = ranked(isInSteps ? Math.min(size, FIRST_MATCHES) : size);
  const prefetcher = new Prefetcher(transaction, search.table);
  let rank = 0;
  while (true) {
    // As on Convex, reading on after so many is an error, even if nothing follows.
    if (rank === searchCandidates) throw scannedTooMany(searchCandidates);
    if (isInSteps && rank === FIRST_MATCHES && rank < size) {
      matches = ranked(size);
    }
    const match = matches[rank++];
    if (match === undefined) return;
    const position = bounds ? positionOf(match) : "";
    if (bounds?.after !== undefined && position <= bounds.after) continue;
    if (bounds?.upTo !== undefined && position > bounds.upTo) return;
    prefetcher.reach(matches, rank);
    const document = readDocument(transaction, search.table, match.id);
    if (document) yield { position, document };
  }
}

/** Checks a search, and counts it as a read of its index. Undefined for a plan that is not a search. */
function openSearch(
  transaction: Transaction,
  table: Table | undefined,
  { source, tableName }: QueryPlan,
): TextSearch | undefined {
  if (source.type !== "search") return undefined;
  const index = table?.searchIndexes.get(source.indexName);
  if (!table || !index) throw noIndex(table, tableName, source.indexName);
  transaction.meter.countRange();
  // The rank of a document depends on every other document of the index.
  transaction.rows.noteWhole(index.prefix);
  const { searchFilters: maxFilters } = transaction.database.catalog.limits;
  return {
    table,
    index,
    query: searchText(index, source.searches),
    filters: searchFilters(index, source.equalities, maxFilters),
  };
}

/** The error for a search that reads too many documents. */
export function scannedTooMany(count: number): EngineError {
  return new EngineError(
    "LIMIT_EXCEEDED",
    `Search query scanned too many documents (fetched ${count}). Consider using a smaller limit, paginating the query, or using a filter field to limit the number of documents pulled from the search index.`,
  );
}

/**
 * Prefetches the documents of matches. In a large set each of them is a cache miss; touched one right after the other,
 * their misses overlap.
 */
class Prefetcher {
  readonly #transaction: Transaction;
  readonly #table: Table;
  /** Rank of the last match whose document was prefetched. */
  #reached = 0;
  #step = FIRST_AHEAD;

  constructor(transaction: Transaction, table: Table) {
    this.#transaction = transaction;
    this.#table = table;
  }

  /** Prefetches the document of the match with a rank, counted from 1, and some after it, unless that is done. */
  reach(matches: readonly Match[], rank: number): void {
    if (rank <= this.#reached) return;
    this.#reached = rank - 1 + this.#step;
    this.#step = Math.min(MOST_AHEAD, this.#step * 4);
    this.#prefetch(matches.slice(rank - 1, this.#reached));
  }

  #prefetch(matches: readonly Match[]): void {
    try {
      const found = matches.map(({ id }) =>
        committedDocument(this.#transaction, this.#table, id)
      );
      for (const document of found) {
        // Touches the document. It is empty if another has driven it out of the cache.
        if (document?.isKept && !document.isThere) return;
      }
    } catch {
      // The error is left to the reader that reaches the row, if any does.
    }
  }
}

function rankedMatches(
  transaction: Transaction,
  { index, query, filters }: TextSearch,
  size: number,
): Match[] {
  const { searchTerms } = transaction.database.catalog.limits;
  const words = tokenize(query).slice(0, searchTerms);
  if (words.length === 0) return [];
  const text = transaction.database.caches.text(index, words);
  const changes = uncommitted(transaction, index);
  const statistics = adjustedStatistics(text.statistics, changes);
  const terms = expand(words, text, changes)
    .map(({ term, weight }): WeightedTerm => ({
      term,
      weight,
      idf: idf(statistics, adjustedCount(text, changes, term)),
    }))
    // A fixed order: sums of the same numbers in another order may differ by rounding.
    .sort((a, b) => b.weight * b.idf - a.weight * a.idf);
  const matches = new TopMatches(size);
  const changed = new Set(changes.map(({ id }) => id));
  text.search(
    terms,
    filters,
    statistics,
    changed,
    matches,
  );
  const scale = lengthScale(statistics);
  for (const { id, after } of changes) {
    if (!after) continue;
    if (filters.some(({ field, value }) => after.filters[field] !== value)) {
      continue;
    }
    let sum = 0;
    for (const { term, weight, idf } of terms) {
      const count = after.counts.get(term);
      if (count === undefined) continue;
      sum += weight *
        score(
          idf,
          Math.min(count, 255),
          norm(scale, quantisedLength(after.length)),
        );
    }
    if (sum > 0) matches.offer(id, Math.fround(sum));
  }
  return matches.sorted();
}

function searchText(
  index: SearchIndex,
  searches: readonly { fieldPath: string; query: string }[],
): string {
  const against = `Search query against ${index.label}`;
  if (searches.length === 0) {
    throw searchError(
      `${against} does not contain any search filters. You must include a search filter like \`q.search("${index.field}", searchText)\`.`,
    );
  }
  const { fieldPath, query } = searches[0]!;
  if (searches.length > 1) {
    throw searchError(
      `${against} contains multiple search filters against ${
        quoted(fieldPath)
      }. Only one is allowed.`,
    );
  }
  if (fieldPath !== index.field) {
    throw searchError(
      `${against} contains a search filter against ${
        quoted(fieldPath)
      }, which doesn't match the indexed \`searchField\` "${index.field}".`,
    );
  }
  if (typeof query !== "string") {
    throw searchError(`the search text must be a string, got ${typeof query}`);
  }
  return query;
}

function searchFilters(
  index: SearchIndex,
  equalities: Extract<QueryPlan["source"], { type: "search" }>["equalities"],
  maxFilters: number,
): { field: number; value: string }[] {
  if (equalities.length > maxFilters) {
    throw new EngineError(
      "LIMIT_EXCEEDED",
      `Search query against ${index.label} has too many filter conditions. Max: ${maxFilters} Actual: ${equalities.length}`,
    );
  }
  return equalities.map(({ fieldPath, value }) => {
    const field = index.filterFields.indexOf(fieldPath);
    if (field < 0) {
      throw searchError(
        `Search query against ${index.label} contains an equality filter on ${
          quoted(fieldPath)
        } but that field isn't indexed for filtering in \`filterFields\`.`,
      );
    }
    return { field, value: encodeKey([value]) };
  });
}

/** The words, and up to sixteen terms that begin with the last one, with their weights. */
function expand(
  words: readonly string[],
  text: TextIndex,
  changes: readonly Change[],
): Pick<WeightedTerm, "term" | "weight">[] {
  const weights = new Map(words.map((word) => [word, 1]));
  const last = words.at(-1)!;
  const longer: string[] = [];
  for (const term of text.termsWithPrefix(last)) {
    if (longer.push(term) === MAX_PREFIX_TERMS) break;
  }
  for (const { after } of changes) {
    for (const term of after?.counts.keys() ?? []) {
      if (term !== last && term.startsWith(last)) longer.push(term);
    }
  }
  const sorted = [...new Set(longer)].sort().slice(0, MAX_PREFIX_TERMS);
  for (const term of sorted) {
    if (!weights.has(term)) weights.set(term, PREFIX_WEIGHT);
  }
  return Array.from(weights, ([term, weight]) => ({ term, weight }));
}

function uncommitted(transaction: Transaction, index: SearchIndex): Change[] {
  const { rows } = transaction;
  if (rows.isEmpty()) return [];
  return Array.from(rows.changes(index.prefix), ([key, row]) => {
    const id = key.slice(ROW_PREFIX_LENGTH);
    const parse = (text: string | undefined) =>
      text === undefined ? undefined : parseTextRow(id, text);
    return { id, before: parse(rows.committed(key)), after: parse(row) };
  });
}

function adjustedStatistics(
  committed: TextStatistics,
  changes: readonly Change[],
): TextStatistics {
  let { documents, words } = committed;
  for (const { before, after } of changes) {
    documents += (after ? 1 : 0) - (before ? 1 : 0);
    words += (after?.length ?? 0) - (before?.length ?? 0);
  }
  return { documents, words };
}

function adjustedCount(
  text: TextIndex,
  changes: readonly Change[],
  term: string,
): number {
  let count = text.documentsWith(term);
  for (const { before, after } of changes) {
    count += (after?.counts.has(term) ? 1 : 0) -
      (before?.counts.has(term) ? 1 : 0);
  }
  return count;
}

/**
 * The position of a match: a string that sorts by score descending, then id descending. The bits of positive floats
 * sort as the floats do.
 */
function positionOf({ id, score }: Match): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, score);
  let position = "";
  for (let at = 0; at < 8; at++) {
    position += String.fromCharCode(255 - view.getUint8(at));
  }
  for (let at = 0; at < id.length; at++) {
    position += String.fromCharCode(255 - id.charCodeAt(at));
  }
  return position;
}

function quoted(fieldPath: string): string {
  return JSON.stringify(String(fieldPath).slice(0, 80));
}

function searchError(message: string): EngineError {
  return new EngineError("INVALID_SEARCH", message);
}
