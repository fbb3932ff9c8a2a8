import { SortedPart } from "../store/sorted_part.ts";
import type { SyncStore } from "../store/types.ts";
import {
  keptLength,
  lengthScale,
  norm,
  score,
  type TextStatistics,
} from "./bm25.ts";
import type { SearchIndex } from "./catalog.ts";
import { GrowingNumbers } from "./growing_numbers.ts";
import { RowLoader } from "./row_loader.ts";
import {
  COUNT_BITS,
  type DocumentFacts,
  FAILS,
  MAX_COUNT,
  PASSES,
  ScoreBoard,
  type ScoredTerm,
} from "./score_board.ts";
import { readTextRow } from "./text_row.ts";
import type { TopMatches } from "./top_matches.ts";

/** Terms that a prefix stands for, at most. */
export const MAX_PREFIX_TERMS = 16;

/** Group of the documents that were removed. */
const REMOVED = 0;

/** Where a term occurs. */
interface Occurrences {
  /** Packed postings in the order of the documents' numbers, those of removed documents included. */
  postings: GrowingNumbers;
  /** Least length of a document by the term's count in it; undefined where there was none. */
  leastLengths: (number | undefined)[];
  /** Documents that have the term now. */
  documents: number;
}

/** How much one term counts. */
export interface WeightedTerm {
  /** The term. */
  term: string;
  /** Factor of its score: less for what only begins like the word searched. */
  weight: number;
  /** How much it tells, uncommitted changes included. */
  rarity: number;
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
  readonly #groups: (readonly string[])[] = [[]];
  readonly #groupPlaces: Map<string, number> = new Map([["removed", REMOVED]]);
  /** Every filter value that a document has had. */
  readonly #filterValues: Set<string> = new Set();
  readonly #terms: Map<string, Occurrences> = new Map();
  readonly #sortedTerms: SortedPart = new SortedPart();
  readonly #board: ScoreBoard = new ScoreBoard();
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
   * Offers the documents that have one of the terms and pass the filters to `matches`: all that may be among the best.
   *
   * @param terms Those that tell most first.
   * @param filters Wanted encoded value by the filter field's position.
   * @param excluded Documents that the transaction sees in another form.
   */
  search(
    terms: readonly WeightedTerm[],
    filters: readonly { field: number; value: string }[],
    statistics: TextStatistics,
    excluded: ReadonlySet<string>,
    matches: TopMatches,
  ): void {
    if (filters.some(({ value }) => !this.#filterValues.has(value))) return;
    const scale = lengthScale(statistics);
    const norms = Float64Array.from(
      this.#keptLengths,
      (length) => norm(scale, length),
    );
    const scored: ScoredTerm[] = [];
    for (const { term, weight, rarity } of terms) {
      const found = this.#terms.get(term);
      if (!found) continue;
      const { postings, leastLengths } = found;
      let most = 0;
      leastLengths.forEach((length, count) => {
        const sum = weight * score(rarity, count, norm(scale, length!));
        if (sum > most) most = sum;
      });
      scored.push({ postings, weight, rarity, most });
    }
    this.#board.search(
      scored,
      this.#ids.length,
      { lengths: this.#lengths.items, norms, ...this.#judgement(filters) },
      matches.size + excluded.size,
      (number, sum) => {
        // Kept in 32 bits, as Convex's are: sums that differ only by rounding tie.
        const score = Math.fround(sum);
        if (score < matches.least) return;
        const id = this.#ids[number]!;
        if (!excluded.has(id)) matches.offer(id, score);
      },
    );
  }

  /** Tells which groups of documents pass. */
  #judgement(
    filters: readonly { field: number; value: string }[],
  ): Pick<DocumentFacts, "groups" | "verdicts" | "judge"> {
    const verdicts = new Uint8Array(this.#groups.length);
    verdicts[REMOVED] = FAILS;
    const judge = (group: number) => {
      const values = this.#groups[group]!;
      const isWanted = filters.every(({ field, value }) =>
        values[field] === value
      );
      verdicts[group] = isWanted ? PASSES : FAILS;
      return isWanted;
    };
    return { groups: this.#groupOf.items, verdicts, judge };
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
    for (const count of counts) length += count;
    const kept = keptLength(length);
    for (let at = 0; at < terms.length; at++) {
      this.#post(terms[at]!, number, Math.min(counts[at]!, MAX_COUNT), kept);
    }
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
    this.#groupOf.items[number] = REMOVED;
    this.#numbers.delete(id);
    const { terms, counts } = readTextRow(id, row);
    for (const term of terms) {
      const found = this.#terms.get(term);
      if (found) found.documents--;
    }
    this.statistics.documents--;
    for (const count of counts) this.statistics.words -= count;
  }

  #post(term: string, number: number, count: number, length: number): void {
    let found = this.#terms.get(term);
    if (!found) {
      found = {
        postings: new GrowingNumbers(),
        leastLengths: [],
        documents: 0,
      };
      this.#terms.set(term, found);
      this.#sortedTerms.add(term);
    }
    found.postings.push(number << COUNT_BITS | count);
    const least = found.leastLengths[count];
    if (least === undefined || length < least) {
      found.leastLengths[count] = length;
    }
    found.documents++;
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
