import { SortedPart } from "../../store/sorted_part.ts";
import type { SyncStore } from "../../store/types.ts";
import {
  keptLength,
  lengthScale,
  norm,
  score,
  type TextStatistics,
} from "./bm25.ts";
import type { SearchIndex } from "../schema/catalog.ts";
import { GrowingNumbers } from "./growing_numbers.ts";
import { RowLoader } from "./row_loader.ts";
import { MAX_COUNT, PostingList } from "./posting_list.ts";
import {
  type DocumentFacts,
  FAILS,
  PASSES,
  ScoreBoard,
  type ScoredTerm,
} from "./score_board.ts";
import { readTextParts, readTextRow } from "./text_row.ts";
import type { TopMatches } from "./top_matches.ts";
import type { WantedTerms } from "./wanted_terms.ts";

/** Terms that a prefix stands for, at most. */
export const MAX_PREFIX_TERMS = 16;

/** A search begins with the documents that pass its filters when fewer than one of so many do. */
const MEMBERS_SHARE = 8;

/** Documents as new as so many keep their number when their text changes; the postings after theirs are moved. */
const RECENT = 4096;

/** Group of the documents that were removed. */
const REMOVED = 0;

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
  /** Numbers of the documents that a group has had, by its place. */
  readonly #members: GrowingNumbers[] = [new GrowingNumbers()];
  /** Places of the groups that have a filter value. */
  readonly #groupsWith: Map<string, number[]> = new Map();
  readonly #terms: Map<string, PostingList> = new Map();
  /** Terms that no document has any more. */
  #unusedTerms = 0;
  readonly #sortedTerms: SortedPart = new SortedPart();
  readonly #board: ScoreBoard = new ScoreBoard();
  readonly #loader: RowLoader;
  readonly #wanted: WantedTerms | undefined;

  /**
   * Begins empty: `load` reads the rows. With wanted terms it is good for searching those only, and does not follow
   * commits; it is there in a fraction of the time.
   */
  constructor(store: SyncStore, index: SearchIndex, wanted?: WantedTerms) {
    this.#wanted = wanted;
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
    if (
      before !== undefined && after !== undefined &&
      this.#change(id, before, after)
    ) return;
    if (before !== undefined) this.#remove(id, before);
    if (after !== undefined) this.#add(id, after);
  }

  /** True when what is removed takes more room than what is present, so that building anew pays. */
  isWasteful(): boolean {
    return isMostlyOver(this.#ids.length, this.#numbers.size) ||
      isMostlyOver(this.#terms.size, this.#terms.size - this.#unusedTerms);
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
    if (filters.some(({ value }) => !this.#groupsWith.has(value))) return;
    const scale = lengthScale(statistics);
    const norms = Float64Array.from(
      this.#keptLengths,
      (length) => norm(scale, length),
    );
    const scored: ScoredTerm[] = [];
    for (const { term, weight, rarity } of terms) {
      const postings = this.#terms.get(term);
      if (!postings) continue;
      let most = 0;
      postings.leastLengths.forEach((length, count) => {
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
  ): Omit<DocumentFacts, "lengths" | "norms"> {
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
    const members = this.#membersThat(filters, judge);
    return { groups: this.#groupOf.items, verdicts, judge, members };
  }

  /** Numbers of the documents that pass, in order, when they are few enough to begin with them. */
  #membersThat(
    filters: readonly { value: string }[],
    judge: (group: number) => boolean,
  ): Uint32Array | undefined {
    let groups: readonly number[] | undefined;
    for (const { value } of filters) {
      const some = this.#groupsWith.get(value)!;
      if (groups === undefined || some.length < groups.length) groups = some;
    }
    if (groups === undefined) return undefined;
    const lists: GrowingNumbers[] = [];
    let left = this.#ids.length / MEMBERS_SHARE;
    for (const group of groups) {
      if (!judge(group)) continue;
      const list = this.#members[group]!;
      left -= list.size;
      if (left < 0) return undefined;
      lists.push(list);
    }
    const parts = lists.map(({ items, size }) => items.subarray(0, size));
    if (parts.length === 1) return parts[0];
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const members = new Uint32Array(size);
    let at = 0;
    for (const part of parts) {
      members.set(part, at);
      at += part.length;
    }
    return members.sort();
  }

  #add(id: string, row: string): void {
    const [filters, terms, counts] = readTextParts(id, row);
    const number = this.#ids.length;
    this.#ids.push(id);
    if (this.#wanted === undefined) this.#numbers.set(id, number);
    const group = placeOf(this.#groupPlaces, JSON.stringify(filters), () => {
      const place = this.#groups.push(filters) - 1;
      this.#members.push(new GrowingNumbers());
      for (const value of new Set(filters)) {
        const groups = this.#groupsWith.get(value);
        if (groups) groups.push(place);
        else this.#groupsWith.set(value, [place]);
      }
    });
    this.#groupOf.push(group);
    this.#members[group]!.push(number);
    const length = sumOf(counts);
    const kept = keptLength(length);
    const add = (term: string, place: number) => {
      const count = Math.min(counts[place]!, MAX_COUNT);
      this.#postings(term, count, kept).add(number, count);
    };
    if (this.#wanted !== undefined) this.#wanted.findIn(terms, add);
    else if (counts.length > 0) terms.split(" ").forEach(add);
    this.#lengths.push(this.#placeOfLength(kept));
    this.statistics.documents++;
    this.statistics.words += length;
  }

  /**
   * Changes the postings of a document that is among the newest, as those are that programs write twice: with a new
   * number its old postings would stay, for every search to pass over. False, having done nothing, for another one.
   */
  #change(id: string, before: string, after: string): boolean {
    const number = this.#numbers.get(id);
    if (number === undefined || this.#ids.length - number > RECENT) {
      return false;
    }
    const old = readTextRow(id, before);
    const { filters, terms, counts } = readTextRow(id, after);
    if (filters.some((value, field) => value !== old.filters[field])) {
      return false;
    }
    const left = new Set(old.terms);
    const length = sumOf(counts);
    const kept = keptLength(length);
    for (let at = 0; at < terms.length; at++) {
      const count = Math.min(counts[at]!, MAX_COUNT);
      const found = this.#postings(terms[at]!, count, kept);
      found.change(number, count);
      if (left.delete(terms[at]!)) found.documents--;
    }
    for (const term of left) {
      const found = this.#terms.get(term)!;
      found.change(number, 0);
      this.#uncount(found);
    }
    this.#lengths.items[number] = this.#placeOfLength(kept);
    this.statistics.words += length - sumOf(old.counts);
    return true;
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
      if (found) this.#uncount(found);
    }
    this.statistics.documents--;
    this.statistics.words -= sumOf(counts);
  }

  /** Postings of a term, for one more document of this length, in which it occurs so often. */
  #postings(term: string, count: number, length: number): PostingList {
    let found = this.#terms.get(term);
    if (!found) {
      found = new PostingList();
      this.#terms.set(term, found);
      this.#sortedTerms.add(term);
    } else if (found.documents === 0) this.#unusedTerms--;
    const least = found.leastLengths[count];
    if (least === undefined || length < least) {
      found.leastLengths[count] = length;
    }
    found.documents++;
    return found;
  }

  /** Of one of the documents with a term, that it has it no longer. */
  #uncount(found: PostingList): void {
    if (--found.documents === 0) this.#unusedTerms++;
  }

  #placeOfLength(kept: number): number {
    return placeOf(this.#lengthPlaces, kept, () => {
      this.#keptLengths.push(kept);
    });
  }
}

/** Whether more than half of what was kept is there no longer, and that is enough to be worth a thought. */
function isMostlyOver(kept: number, present: number): boolean {
  return kept > 1024 && kept > 2 * present;
}

function sumOf(counts: readonly number[]): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
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
