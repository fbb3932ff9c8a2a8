import { SortedPart } from "../../store/sorted_part.ts";
import { GrowingNumbers } from "./growing_numbers.ts";
import { COUNT_BITS, MAX_COUNT, PostingList } from "./posting_list.ts";
import { TermTable } from "./term_table.ts";
import { TextBytes } from "./text_bytes.ts";
import type { TermNumbers, TextRowReader } from "./text_row_reader.ts";

/** Postings that wait for their lists at most. */
const MAX_WAITING = 1 << 18;

/** Number of a term that is not searched for. */
const UNWANTED = -1;

/** Lengths of documents as they are kept: the place of each document's in a list of them. */
export interface KeptLengths {
  /** By the document's number. */
  places: GrowingNumbers;
  /** By place. */
  lengths: readonly number[];
}

/** The terms of a text index, by number, and their postings. */
export class TermPostings implements TermNumbers {
  readonly #table: TermTable;
  readonly #lists: PostingList[] = [];
  readonly #sorted: SortedPart = new SortedPart();
  readonly #text: TextBytes = new TextBytes();
  /** Terms that no document has. */
  #unused = 0;
  /** The word that all terms but the first ones begin with; undefined: all terms are wanted. */
  readonly #beginning: Uint8Array | undefined;
  readonly #kept: KeptLengths;
  /** Postings that are not in their lists yet, and the term of each. */
  #waiting: GrowingNumbers = new GrowingNumbers();
  #waitingTerms: GrowingNumbers = new GrowingNumbers();
  /** By term, zero between two calls. */
  #places: Uint32Array = new Uint32Array(0);

  /**
   * Begins empty. With wanted words, it passes over all terms but these words and those that begin with the last one.
   */
  constructor(
    seed: number,
    kept: KeptLengths,
    wanted: readonly string[] | undefined,
  ) {
    this.#table = new TermTable(seed);
    this.#kept = kept;
    if (wanted === undefined) return;
    for (const word of wanted) this.numberOfText(word);
    this.#beginning = new TextEncoder().encode(wanted.at(-1));
  }

  /** Number of a term; a new one gets the next. Negative: it is not wanted. */
  numberOf(bytes: DataView, from: number, to: number): number {
    const number = this.#table.find(bytes, from, to);
    if (number >= 0) return number;
    const beginning = this.#beginning;
    if (beginning !== undefined) {
      if (to - from < beginning.length) return UNWANTED;
      for (let at = 0; at < beginning.length; at++) {
        if (bytes.getUint8(from + at) !== beginning[at]) return UNWANTED;
      }
    }
    this.#lists.push(new PostingList());
    this.#unused++;
    this.#sorted.add(this.#text.textOf(bytes, from, to));
    return this.#table.add(bytes, from, to);
  }

  /** The same for a term that lies nowhere in bytes. */
  numberOfText(term: string): number {
    const size = this.#text.put(term);
    return this.numberOf(this.#text.view, 0, size);
  }

  /** Where a term occurs. */
  find(term: string): PostingList | undefined {
    const size = this.#text.put(term);
    return this.#lists[this.#table.find(this.#text.view, 0, size)];
  }

  /** Where the term of a number occurs. */
  listOf(number: number): PostingList {
    return this.#lists[number]!;
  }

  /** Terms that begin with a prefix and are longer than it, in order. */
  *withPrefix(prefix: string): Generator<string> {
    const next = this.#sorted.ascending(prefix, undefined);
    for (let term = next(); term !== undefined; term = next()) {
      if (!term.startsWith(prefix)) return;
      if (term !== prefix && this.find(term)!.documents > 0) yield term;
    }
  }

  /** Terms that are kept, and those of them that documents have. */
  get sizes(): { kept: number; present: number } {
    const kept = this.#lists.length;
    return { kept, present: kept - this.#unused };
  }

  /** Notes the terms of a row for the document of a number, to be found after `settle`. */
  wait(number: number, { terms, counts, size }: TextRowReader): void {
    let to = this.#waiting.size;
    const waiting = this.#waiting.reach(to + size);
    const waitingTerms = this.#waitingTerms.reach(to + size);
    for (let at = 0; at < size; at++) {
      const term = terms[at]!;
      if (term === UNWANTED) continue;
      const count = Math.min(counts[at]!, MAX_COUNT);
      waitingTerms[to] = term;
      waiting[to++] = number << COUNT_BITS | count;
    }
    this.#waiting.size = to;
    this.#waitingTerms.size = to;
    if (this.#waiting.size > MAX_WAITING) this.settle();
  }

  /**
   * Puts what waits into the lists, those of a term together: one by one, each would be looked for in another corner of
   * the memory.
   */
  settle(): void {
    const { items: postings, size } = this.#waiting;
    const terms = this.#waitingTerms.items;
    if (this.#places.length < this.#lists.length) {
      this.#places = new Uint32Array(2 * this.#lists.length);
    }
    const places = this.#places;
    const met: number[] = [];
    for (let at = 0; at < size; at++) {
      if (places[terms[at]!]!++ === 0) met.push(terms[at]!);
    }
    let from = 0;
    for (const term of met) {
      const count = places[term]!;
      places[term] = from;
      from += count;
    }
    const sorted = new Uint32Array(size);
    for (let at = 0; at < size; at++) {
      sorted[places[terms[at]!]!++] = postings[at]!;
    }
    from = 0;
    for (const term of met) {
      const to = places[term]!;
      places[term] = 0;
      this.#addAll(this.#lists[term]!, sorted, from, to);
      from = to;
    }
    this.#waiting.size = 0;
    this.#waitingTerms.size = 0;
  }

  /** Settles, and frees what only many postings need. */
  rest(): void {
    this.settle();
    this.#waiting = new GrowingNumbers();
    this.#waitingTerms = new GrowingNumbers();
    this.#places = new Uint32Array(0);
  }

  /** Of a term, that one more document of this length has it, so often. */
  count(list: PostingList, count: number, length: number): void {
    if (list.documents++ === 0) this.#unused--;
    list.noteLength(count, length);
  }

  /** Of one of the documents with a term, that it has it no longer. */
  uncount(list: PostingList): void {
    if (--list.documents === 0) this.#unused++;
  }

  #addAll(
    list: PostingList,
    postings: Uint32Array,
    from: number,
    to: number,
  ): void {
    if (list.documents === 0) this.#unused--;
    list.documents += to - from;
    list.addAll(postings, from, to);
    const { lengths } = this.#kept;
    const places = this.#kept.places.items;
    for (let at = from; at < to; at++) {
      const posting = postings[at]!;
      const length = lengths[places[posting >>> COUNT_BITS]!]!;
      list.noteLength(posting & MAX_COUNT, length);
    }
  }
}
