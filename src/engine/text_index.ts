import { SortedPart } from "../store/sorted_part.ts";
import type { SyncStore } from "../store/types.ts";
import { prefixEnd } from "../values/key.ts";
import {
  keptLength,
  lengthScale,
  rarity,
  score,
  type TextStatistics,
} from "./bm25.ts";
import type { SearchIndex } from "./catalog.ts";
import { ROW_PREFIX_LENGTH } from "./keys.ts";
import { readTextRow } from "./text_row.ts";
import type { TopMatches } from "./top_matches.ts";

/** Terms that a prefix stands for, at most. */
export const MAX_PREFIX_TERMS = 16;
/** A posting packs the document's number above the term's count in it. */
const COUNT_BITS = 8;
const MAX_COUNT = (1 << COUNT_BITS) - 1;

/** Where a term occurs. */
interface Postings {
  /** Packed postings, more room than used. */
  entries: Uint32Array;
  /** Postings used, those of removed documents included. */
  size: number;
  /** Documents that have the term now. */
  documents: number;
}

/** How much one term counts. */
export interface WeightedTerm {
  /** The term. */
  term: string;
  /** Factor of its score: less for what only begins like the word searched. */
  weight: number;
}

/**
 * A text index in memory: for each term a packed array of document number and count, for each document its length and
 * filter values as small numbers. A search of sixteen terms walks sixteen arrays; it loads no document.
 *
 * It is built from one row a document. Rows a posting would make the first search after opening cheaper, but every
 * insert some fifty rows dearer, and would still be read into arrays like these before they could be ranked quickly.
 */
export class TextIndex {
  /** Numbers that scores depend on. */
  readonly statistics: TextStatistics = { documents: 0, words: 0 };
  /** Id by document number; undefined: removed. */
  readonly #ids: (string | undefined)[] = [];
  readonly #numbers: Map<string, number> = new Map();
  /** Length by document number, as it is kept. */
  readonly #lengths: number[] = [];
  /** Filter values by document number, one after another. */
  readonly #filters: number[] = [];
  readonly #filterCount: number;
  readonly #filterValues: Map<string, number> = new Map();
  readonly #terms: Map<string, Postings> = new Map();
  readonly #sortedTerms: SortedPart = new SortedPart();
  /** Score by document number, all zero between searches. */
  #scores: Float64Array = new Float64Array(0);

  /** Reads every row of the index. */
  constructor(store: SyncStore, index: SearchIndex) {
    this.#filterCount = index.filterPaths.length;
    const range = { start: index.prefix, end: prefixEnd(index.prefix) };
    for (const { key, value } of store.scan(range)) {
      this.#add(key.slice(ROW_PREFIX_LENGTH), value);
    }
  }

  /** Follows one committed change of a document's row. */
  apply(
    id: string,
    before: string | undefined,
    after: string | undefined,
  ): void {
    if (before !== undefined) this.#remove(id, before);
    if (after !== undefined) this.#add(id, after);
  }

  /** True when removed documents take more room than present ones, so that building anew pays. */
  isWasteful(): boolean {
    return this.#ids.length > 1024 && this.#ids.length > 2 * this.#numbers.size;
  }

  /** Documents that have a term. */
  documentsWith(term: string): number {
    return this.#terms.get(term)?.documents ?? 0;
  }

  /** Terms that begin with a prefix and are longer than it, in order. */
  *termsWithPrefix(prefix: string): Generator<string> {
    const next = this.#sortedTerms.ascending(prefix, undefined);
    for (let term = next(); term !== undefined; term = next()) {
      if (!term.startsWith(prefix)) return;
      if (term !== prefix && this.documentsWith(term) > 0) yield term;
    }
  }

  /**
   * Offers every document that has one of the terms and passes the filters to `matches`.
   *
   * @param filters Wanted encoded value by the filter field's position.
   * @param documentsWith Documents with a term, uncommitted changes included.
   * @param isExcluded Tells documents that the transaction sees in another form.
   */
  search(
    terms: readonly WeightedTerm[],
    filters: readonly { field: number; value: string }[],
    statistics: TextStatistics,
    documentsWith: (term: string) => number,
    isExcluded: (id: string) => boolean,
    matches: TopMatches,
  ): void {
    const wanted: number[] = [];
    for (const { field, value } of filters) {
      const number = this.#filterValues.get(value);
      // No document has ever had this value.
      if (number === undefined) return;
      wanted.push(field, number);
    }
    if (this.#scores.length < this.#ids.length) {
      this.#scores = new Float64Array(Math.ceil(this.#ids.length * 1.5));
    }
    const scores = this.#scores;
    const touched: number[] = [];
    const scale = lengthScale(statistics);
    for (const { term, weight } of terms) {
      const postings = this.#terms.get(term);
      if (!postings) continue;
      const telling = rarity(statistics, documentsWith(term));
      for (let at = 0; at < postings.size; at++) {
        const entry = postings.entries[at]!;
        const number = entry >>> COUNT_BITS;
        if (scores[number] === 0) {
          if (!this.#passes(number, wanted)) continue;
          touched.push(number);
        }
        scores[number]! += weight *
          score(scale, telling, entry & MAX_COUNT, this.#lengths[number]!);
      }
    }
    // The newest first: of equal scores they are kept, and those behind them are turned away at once.
    for (let at = touched.length - 1; at >= 0; at--) {
      const number = touched[at]!;
      const id = this.#ids[number];
      if (id !== undefined && !isExcluded(id)) {
        // Kept in 32 bits, as Convex's are: sums that differ only by rounding tie.
        matches.offer(id, Math.fround(scores[number]!));
      }
      scores[number] = 0;
    }
  }

  #passes(number: number, wanted: readonly number[]): boolean {
    if (this.#ids[number] === undefined) return false;
    const base = number * this.#filterCount;
    for (let at = 0; at < wanted.length; at += 2) {
      if (this.#filters[base + wanted[at]!] !== wanted[at + 1]) return false;
    }
    return true;
  }

  #add(id: string, row: string): void {
    const { filters, terms, counts } = readTextRow(id, row);
    const number = this.#ids.length;
    this.#ids.push(id);
    this.#numbers.set(id, number);
    for (const value of filters) {
      let known = this.#filterValues.get(value);
      if (known === undefined) {
        known = this.#filterValues.size;
        this.#filterValues.set(value, known);
      }
      this.#filters.push(known);
    }
    let length = 0;
    for (let at = 0; at < terms.length; at++) {
      const count = counts[at]!;
      this.#post(terms[at]!, number << COUNT_BITS | Math.min(count, MAX_COUNT));
      length += count;
    }
    this.#lengths.push(keptLength(length));
    this.statistics.documents++;
    this.statistics.words += length;
  }

  #remove(id: string, row: string): void {
    const number = this.#numbers.get(id);
    if (number === undefined) return;
    this.#ids[number] = undefined;
    this.#numbers.delete(id);
    const { terms, counts } = readTextRow(id, row);
    for (const term of terms) {
      const postings = this.#terms.get(term);
      if (postings) postings.documents--;
    }
    this.statistics.documents--;
    for (const count of counts) this.statistics.words -= count;
  }

  #post(term: string, entry: number): void {
    let postings = this.#terms.get(term);
    if (!postings) {
      postings = { entries: new Uint32Array(2), size: 0, documents: 0 };
      this.#terms.set(term, postings);
      this.#sortedTerms.add(term);
    }
    if (postings.size === postings.entries.length) {
      const longer = new Uint32Array(postings.size * 2);
      longer.set(postings.entries);
      postings.entries = longer;
    }
    postings.entries[postings.size++] = entry;
    postings.documents++;
  }
}
