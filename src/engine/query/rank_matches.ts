import { compareValues } from "../../values/compare.ts";
import {
  idf,
  type LengthScale,
  lengthScale,
  norm,
  quantisedLength,
  score,
} from "../search/bm25.ts";
import type { SearchIndex } from "../schema/catalog.ts";
import {
  MAX_PREFIX_TERMS,
  type TextIndex,
  type WeightedTerm,
} from "../search/text_index.ts";
import { TextChanges } from "../search/text_changes.ts";
import { type TextRow, tokenize } from "../search/text_row.ts";
import { type Match, TopMatches } from "../search/top_matches.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { TextSearch } from "./text_search_arguments.ts";

/** Factor of the score of a term that only begins with the last searched word. */
const PREFIX_WEIGHT = 0.5;

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
  const statistics = changes.adjusted(text.statistics);
  const terms = expand(words, text, changes)
    .map(({ term, weight }): WeightedTerm => ({
      term,
      weight,
      idf: idf(statistics, text.documentsWith(term) + changes.countOf(term)),
    }))
    // A fixed order: sums of the same numbers in another order may differ by rounding.
    .sort((a, b) => b.weight * b.idf - a.weight * a.idf);
  const matches = new TopMatches(size);
  text.search(terms, filters, statistics, changes.ids, matches);
  const scale = lengthScale(statistics);
  for (const [id, row] of changes.having(terms.map(({ term }) => term))) {
    if (!passes(row, filters)) continue;
    matches.offer(id, Math.fround(scoreOf(row, terms, scale)));
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
      score(idf, count, norm(scale, quantisedLength(length)));
  }
  return sum;
}

/** The words, and up to sixteen terms that begin with the last one, with their weights. */
function expand(
  words: readonly string[],
  text: TextIndex,
  changes: TextChanges,
): Pick<WeightedTerm, "term" | "weight">[] {
  const weights = new Map(words.map((word) => [word, 1]));
  const last = words.at(-1)!;
  const longer: string[] = [];
  let hasPairs = false;
  const isThere = (term: string) =>
    text.documentsWith(term) + changes.countOf(term) > 0;
  for (const term of text.termsWithPrefix(last)) {
    // The transaction may have removed all documents that had it.
    if (changes.countOf(term) < 0 && !isThere(term)) continue;
    hasPairs ||= /[\ud800-\udbff]/.test(term);
    // Those with surrogate pairs come last in the order of code points, not in that of `termsWithPrefix`.
    if (longer.push(term) >= MAX_PREFIX_TERMS && !hasPairs) break;
  }
  for (const term of changes.terms()) {
    if (term === last || !term.startsWith(last)) continue;
    if (isThere(term)) longer.push(term);
  }
  const sorted = [...new Set(longer)].sort(compareValues)
    .slice(0, MAX_PREFIX_TERMS);
  for (const term of sorted) {
    if (!weights.has(term)) weights.set(term, PREFIX_WEIGHT);
  }
  return Array.from(weights, ([term, weight]) => ({ term, weight }));
}

/** What the transaction has changed in an index. */
function uncommitted(
  { rows, root }: Transaction,
  { prefix }: SearchIndex,
): TextChanges {
  if (rows.isEmpty()) return new TextChanges();
  const all = root.textChanges ??= new Map<string, TextChanges>();
  let changes = all.get(prefix);
  if (changes === undefined) all.set(prefix, changes = new TextChanges());
  changes.follow(rows.changes(prefix), (key) => rows.committed(key));
  return changes;
}
