import {
  idf,
  type LengthScale,
  lengthScale,
  norm,
  quantisedLength,
  score,
  type TextStatistics,
} from "../search/bm25.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";
import type { SearchIndex } from "../schema/catalog.ts";
import {
  MAX_PREFIX_TERMS,
  type TextIndex,
  type WeightedTerm,
} from "../search/text_index.ts";
import { parseTextRow, type TextRow, tokenize } from "../search/text_row.ts";
import { type Match, TopMatches } from "../search/top_matches.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { TextSearch } from "./text_search_arguments.ts";

/** Factor of the score of a term that only begins with the last searched word. */
const PREFIX_WEIGHT = 0.5;

/** A document whose row in the index this transaction has changed. */
interface Change {
  id: string;
  before: TextRow | undefined;
  after: TextRow | undefined;
}

/** The best matches of a search, best first, as the transaction sees the documents. */
export function rankMatches(
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
  text.search(terms, filters, statistics, changed, matches);
  const scale = lengthScale(statistics);
  for (const { id, after } of changes) {
    if (!after || !passes(after, filters)) continue;
    const sum = scoreOf(after, terms, scale);
    if (sum > 0) matches.offer(id, Math.fround(sum));
  }
  return matches.sorted();
}

function passes({ filters }: TextRow, wanted: TextSearch["filters"]): boolean {
  return wanted.every(({ field, value }) => filters[field] === value);
}

function scoreOf(
  { counts, length }: TextRow,
  terms: readonly WeightedTerm[],
  scale: LengthScale,
): number {
  let sum = 0;
  for (const { term, weight, idf } of terms) {
    const count = counts.get(term);
    if (count === undefined) continue;
    sum += weight *
      score(idf, Math.min(count, 255), norm(scale, quantisedLength(length)));
  }
  return sum;
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
  const changed = changedCounts(changes, last);
  const isThere = (term: string) =>
    text.documentsWith(term) + (changed.get(term) ?? 0) > 0;
  for (const term of text.termsWithPrefix(last)) {
    // The transaction may have removed all documents that had it.
    if (changed.size > 0 && !isThere(term)) continue;
    if (longer.push(term) === MAX_PREFIX_TERMS) break;
  }
  for (const term of changed.keys()) if (isThere(term)) longer.push(term);
  const sorted = [...new Set(longer)].sort().slice(0, MAX_PREFIX_TERMS);
  for (const term of sorted) {
    if (!weights.has(term)) weights.set(term, PREFIX_WEIGHT);
  }
  return Array.from(weights, ([term, weight]) => ({ term, weight }));
}

/** By how many documents more have each term that begins with a prefix and is longer, for terms that were changed. */
function changedCounts(
  changes: readonly Change[],
  prefix: string,
): Map<string, number> {
  const changed = new Map<string, number>();
  const add = (row: TextRow | undefined, change: number) => {
    for (const term of row?.counts.keys() ?? []) {
      if (term === prefix || !term.startsWith(prefix)) continue;
      changed.set(term, (changed.get(term) ?? 0) + change);
    }
  };
  for (const { before, after } of changes) {
    add(before, -1);
    add(after, 1);
  }
  return changed;
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
