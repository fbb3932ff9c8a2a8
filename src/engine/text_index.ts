import { SortedPart } from "../store/sorted_part.ts";
import type { SyncStore } from "../store/types.ts";
import {
  keptLength,
  lengthScale,
  norm,
  rarity,
  score,
  type TextStatistics,
} from "./bm25.ts";
import type { SearchIndex } from "./catalog.ts";
import { GrowingNumbers } from "./growing_numbers.ts";
import { RowLoader } from "./row_loader.ts";
import { readTextRow } from "./text_row.ts";
import type { TopMatches } from "./top_matches.ts";

/** Terms that a prefix stands for, at most. */
export const MAX_PREFIX_TERMS = 16;
/** A posting packs the document's number above the term's count in it. */
const COUNT_BITS = 8;
const MAX_COUNT = (1 << COUNT_BITS) - 1;

/** What a search knows of a group of documents. */
const UNKNOWN = 0;
const PASSES = 1;
const FAILS = 2;

/** Where a term occurs. */
interface Postings {
  /** Packed postings in the order of the documents' numbers, those of removed documents included. */
  entries: GrowingNumbers;
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
  /** Place in `#keptLengths` by document number. */
  readonly #lengths: GrowingNumbers = new GrowingNumbers();
  /** The lengths that documents have, as they are kept; some 260 at most. */
  readonly #keptLengths: number[] = [];
  readonly #lengthPlaces: Map<number, number> = new Map();
  /** Place in `#groups` by document number. */
  readonly #groupOf: GrowingNumbers = new GrowingNumbers();
  /** Filter values that documents have in common: what a search passes or drops as a whole. */
  readonly #groups: (readonly string[])[] = [];
  readonly #groupPlaces: Map<string, number> = new Map();
  /** Every filter value that a document has had. */
  readonly #filterValues: Set<string> = new Set();
  readonly #terms: Map<string, Postings> = new Map();
  readonly #sortedTerms: SortedPart = new SortedPart();
  /** Score by document number, all zero between searches. */
  #scores: Float64Array = new Float64Array(0);
  /** Numbers of the documents that a search has given a score. */
  #touched: Uint32Array = new Uint32Array(0);

  readonly #loader: RowLoader;

  /** Begins empty: `load` reads the rows. */
  constructor(store: SyncStore, index: SearchIndex) {
    this.#loader = new RowLoader(
      store,
      index.prefix,
      (id, row) => this.#add(id, row),
    );
  }

  /** Reads so many rows more of the index. True when there are none left. */
  load(maxRows: number): boolean {
    return this.#loader.read(maxRows);
  }

  /** Follows one committed change of a document's row. */
  apply(
    id: string,
    before: string | undefined,
    after: string | undefined,
  ): void {
    if (!this.#loader.hasPassed(id)) return;
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
    if (filters.some(({ value }) => !this.#filterValues.has(value))) return;
    const passes = (group: number) => {
      const values = this.#groups[group]!;
      return filters.every(({ field, value }) => values[field] === value);
    };
    if (this.#scores.length < this.#ids.length) {
      const size = Math.ceil(this.#ids.length * 1.5);
      this.#scores = new Float64Array(size);
      this.#touched = new Uint32Array(size);
    }
    const scale = lengthScale(statistics);
    const norms = Float64Array.from(
      this.#keptLengths,
      (length) => norm(scale, length),
    );
    const verdicts = new Uint8Array(this.#groups.length);
    let size = 0;
    for (const { term, weight } of terms) {
      const postings = this.#terms.get(term);
      if (!postings) continue;
      const telling = rarity(statistics, documentsWith(term));
      size = this.#addScores(
        postings.entries,
        weight,
        telling,
        norms,
        verdicts,
        passes,
        size,
      );
    }
    this.#offer(size, isExcluded, matches);
  }

  /**
   * Adds what a term gives to the scores of the documents that pass. A loop over plain numbers, since it meets every
   * posting of a common word: it is what makes a search of a large index short.
   *
   * @param verdicts By group whether it passes, 0 where `passes` was not asked yet.
   * @returns Documents touched so far.
   */
  #addScores(
    { items, size: count }: GrowingNumbers,
    weight: number,
    telling: number,
    norms: Float64Array,
    verdicts: Uint8Array,
    passes: (group: number) => boolean,
    size: number,
  ): number {
    const scores = this.#scores;
    const touched = this.#touched;
    const groupOf = this.#groupOf.items;
    const lengths = this.#lengths.items;
    for (let at = 0; at < count; at++) {
      const entry = items[at]!;
      const number = entry >>> COUNT_BITS;
      if (scores[number] === 0) {
        const group = groupOf[number]!;
        let verdict = verdicts[group]!;
        if (verdict === UNKNOWN) {
          verdicts[group] = verdict = passes(group) ? PASSES : FAILS;
        }
        if (verdict === FAILS) continue;
        touched[size++] = number;
      }
      scores[number]! += weight *
        score(telling, entry & MAX_COUNT, norms[lengths[number]!]!);
    }
    return size;
  }

  /** Offers the documents touched and sets their scores back to zero. */
  #offer(
    size: number,
    isExcluded: (id: string) => boolean,
    matches: TopMatches,
  ): void {
    const scores = this.#scores;
    // The newest first: of equal scores they are kept, and those behind them are turned away at once.
    for (let at = size - 1; at >= 0; at--) {
      const number = this.#touched[at]!;
      // Kept in 32 bits, as Convex's are: sums that differ only by rounding tie.
      const score = Math.fround(scores[number]!);
      scores[number] = 0;
      if (score < matches.least) continue;
      const id = this.#ids[number];
      if (id !== undefined && !isExcluded(id)) matches.offer(id, score);
    }
  }

  #add(id: string, row: string): void {
    const { filters, terms, counts } = readTextRow(id, row);
    const number = this.#ids.length;
    this.#ids.push(id);
    this.#numbers.set(id, number);
    this.#groupOf.push(
      placeOf(this.#groupPlaces, JSON.stringify(filters), () => {
        this.#groups.push(filters);
        for (const value of filters) this.#filterValues.add(value);
      }),
    );
    let length = 0;
    for (let at = 0; at < terms.length; at++) {
      const count = counts[at]!;
      this.#post(terms[at]!, number << COUNT_BITS | Math.min(count, MAX_COUNT));
      length += count;
    }
    const kept = keptLength(length);
    this.#lengths.push(placeOf(this.#lengthPlaces, kept, () => {
      this.#keptLengths.push(kept);
    }));
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
      postings = { entries: new GrowingNumbers(), documents: 0 };
      this.#terms.set(term, postings);
      this.#sortedTerms.add(term);
    }
    postings.entries.push(entry);
    postings.documents++;
  }
}

/** The place of a key among those met before; a new one gets the next, and `onNew` is called. */
function placeOf<Key>(
  places: Map<Key, number>,
  key: Key,
  onNew: () => void,
): number {
  let place = places.get(key);
  if (place === undefined) {
    place = places.size;
    places.set(key, place);
    onNew();
  }
  return place;
}
