import { SortedPart } from "../../store/sorted_part.ts";
import { GrowingNumbers } from "./growing_numbers.ts";
import { COUNT_BITS, MAX_COUNT, PostingList } from "./posting_list.ts";
import { TermTable } from "./term_table.ts";
import { TextBytes } from "./text_bytes.ts";
import type { TermNumbers, TextRowReader } from "./text_row_reader.ts";

/** Postings that are buffered at most. */
const MAX_BUFFERED = 1 << 18;

/** Number of a term that the search does not ask for. */
const UNWANTED = -1;

/** Quantised lengths of documents. */
export interface DocumentLengths {
  /** Index into `lengths`, by document number. */
  places: GrowingNumbers;
  /** The distinct lengths. */
  lengths: readonly number[];
}

/** The terms of a text index, by number, and their postings. */
export class TermPostings implements TermNumbers {
  readonly #table: TermTable;
  /** Undefined for a term with one posting, which is in `#only`: lists of these would take most of the time and room. */
  readonly #lists: (PostingList | undefined)[] = [];
  /** By term, its posting if it has only one and no list, otherwise 0. */
  readonly #only: GrowingNumbers = new GrowingNumbers();
  readonly #sorted: SortedPart = new SortedPart();
  readonly #text: TextBytes = new TextBytes();
  /** How many terms no document has. */
  #unused = 0;
  /** A new term is wanted only if it begins with this; undefined: all terms are wanted. */
  readonly #prefix: Uint8Array | undefined;
  /** The first bytes of the wanted terms, see `beginningsOf`; undefined when all terms are wanted. */
  readonly #beginnings: Uint8Array | undefined;
  readonly #documentLengths: DocumentLengths;
  /** Postings that are not in their lists yet, and the number of each one's term. */
  #buffered: GrowingNumbers = new GrowingNumbers();
  #bufferedTerms: GrowingNumbers = new GrowingNumbers();
  /** Used by `flush` only: per term, its count and then its place. All zero between calls. */
  #places: Uint32Array = new Uint32Array(0);

  /** Begins empty. Given `wanted` words, ignores all terms but these words and those that begin with the last one. */
  constructor(
    seed: number,
    kept: DocumentLengths,
    wanted: readonly string[] | undefined,
  ) {
    this.#table = new TermTable(seed);
    this.#documentLengths = kept;
    if (wanted === undefined) return;
    for (const word of wanted) this.numberOfText(word);
    this.#prefix = new TextEncoder().encode(wanted.at(-1));
    this.#beginnings = beginningsOf(wanted);
  }

  /** Number of a term, which a new term is assigned; negative if the term is not wanted. */
  numberOf(bytes: DataView, from: number, to: number): number {
    const beginnings = this.#beginnings;
    if (beginnings !== undefined) {
      const second = bytes.getUint8(from + 1);
      if (beginnings[beginningOf(bytes.getUint8(from), second)] === 0) {
        return UNWANTED;
      }
    }
    const number = this.#table.find(bytes, from, to);
    if (number >= 0) return number;
    const prefix = this.#prefix;
    if (prefix !== undefined) {
      if (to - from < prefix.length) return UNWANTED;
      for (let at = 0; at < prefix.length; at++) {
        if (bytes.getUint8(from + at) !== prefix[at]) return UNWANTED;
      }
    }
    this.#lists.push(undefined);
    this.#only.push(0);
    this.#unused++;
    this.#sorted.add(this.#text.textOf(bytes, from, to));
    return this.#table.add(bytes, from, to);
  }

  /** Like `numberOf`, for a term given as a string. */
  numberOfText(term: string): number {
    const size = this.#text.put(term);
    return this.numberOf(this.#text.view, 0, size);
  }

  /** Postings of a term. */
  find(term: string): PostingList | undefined {
    const size = this.#text.put(term);
    const number = this.#table.find(this.#text.view, 0, size);
    return number < 0 ? undefined : this.listOf(number);
  }

  /** Postings of the term with a number. */
  listOf(number: number): PostingList {
    const found = this.#lists[number];
    if (found !== undefined) return found;
    const list = this.#lists[number] = new PostingList();
    const only = this.#only.items[number]!;
    if (only !== 0) {
      this.#only.items[number] = 0;
      this.#append(list, Uint32Array.of(only), 0, 1);
    }
    return list;
  }

  /** Terms that begin with a prefix and are longer than it, in order. */
  *withPrefix(prefix: string): Generator<string> {
    const next = this.#sorted.ascending(prefix, undefined);
    for (let term = next(); term !== undefined; term = next()) {
      if (!term.startsWith(prefix)) return;
      if (term !== prefix && this.find(term)!.documents > 0) yield term;
    }
  }

  /** How many terms are kept, and how many of them documents have. */
  get sizes(): { kept: number; present: number } {
    const kept = this.#lists.length;
    return { kept, present: kept - this.#unused };
  }

  /** Buffers the terms of a document's row. They are found after `flush`. */
  buffer(number: number, { terms, counts, size }: TextRowReader): void {
    let to = this.#buffered.size;
    const buffered = this.#buffered.reach(to + size);
    const bufferedTerms = this.#bufferedTerms.reach(to + size);
    for (let at = 0; at < size; at++) {
      const term = terms[at]!;
      if (term === UNWANTED) continue;
      let count = counts[at]!;
      if (count >= MAX_COUNT) count = this.listOf(term).fitting(number, count);
      bufferedTerms[to] = term;
      buffered[to++] = number << COUNT_BITS | count;
    }
    this.#buffered.size = to;
    this.#bufferedTerms.size = to;
    if (this.#buffered.size > MAX_BUFFERED) this.flush();
  }

  /**
   * Moves the buffered postings into their lists, grouped by term (a counting sort): one by one, each would touch
   * another part of memory.
   */
  flush(): void {
    const { items: postings, size } = this.#buffered;
    const terms = this.#bufferedTerms.items;
    if (this.#places.length < this.#lists.length) {
      this.#places = new Uint32Array(2 * this.#lists.length);
    }
    const places = this.#places;
    const seen: number[] = [];
    for (let at = 0; at < size; at++) {
      if (places[terms[at]!]!++ === 0) seen.push(terms[at]!);
    }
    let from = 0;
    for (const term of seen) {
      const count = places[term]!;
      places[term] = from;
      from += count;
    }
    const sorted = new Uint32Array(size);
    for (let at = 0; at < size; at++) {
      sorted[places[terms[at]!]!++] = postings[at]!;
    }
    from = 0;
    for (const term of seen) {
      const to = places[term]!;
      places[term] = 0;
      this.#addAll(term, sorted, from, to);
      from = to;
    }
    this.#buffered.size = 0;
    this.#bufferedTerms.size = 0;
  }

  /** Flushes, and frees the buffers. */
  finish(): void {
    this.flush();
    this.#buffered = new GrowingNumbers();
    this.#bufferedTerms = new GrowingNumbers();
    this.#places = new Uint32Array(0);
  }

  /** Adds a document of this length whose number is greater than all before; it has the term `count` times. */
  add(term: number, number: number, count: number, length: number): void {
    if (
      count < MAX_COUNT && this.#keepOnly(term, number << COUNT_BITS | count)
    ) return;
    const list = this.listOf(term);
    list.add(number, count);
    this.count(list, count, length);
  }

  /** Records that one more document of this length has the term, `count` times. */
  count(list: PostingList, count: number, length: number): void {
    if (list.documents++ === 0) this.#unused--;
    list.noteLength(count, length);
  }

  /** Removes the term of a document that has others. */
  remove(term: number, number: number): void {
    this.#lists[term]?.change(number, 0);
    this.uncount(term);
  }

  /** Records that one document fewer has the term. */
  uncount(term: number): void {
    const list = this.#lists[term];
    if (list === undefined) this.#only.items[term] = 0;
    else if (--list.documents > 0) return;
    this.#unused++;
  }

  #addAll(
    term: number,
    postings: Uint32Array,
    from: number,
    to: number,
  ): void {
    if (to - from === 1 && this.#keepOnly(term, postings[from]!)) return;
    const list = this.listOf(term);
    if (list.documents === 0) this.#unused--;
    this.#append(list, postings, from, to);
  }

  /** Keeps the first posting of a term without a list; false for a further one. */
  #keepOnly(term: number, posting: number): boolean {
    const only = this.#only.items;
    if (only[term] !== 0 || this.#lists[term] !== undefined) return false;
    only[term] = posting;
    this.#unused--;
    return true;
  }

  #append(
    list: PostingList,
    postings: Uint32Array,
    from: number,
    to: number,
  ): void {
    list.documents += to - from;
    list.addAll(postings, from, to);
    const { lengths } = this.#documentLengths;
    const places = this.#documentLengths.places.items;
    for (let at = from; at < to; at++) {
      const posting = postings[at]!;
      const number = posting >>> COUNT_BITS;
      const length = lengths[places[number]!]!;
      list.noteLength(list.countOf(number, posting & MAX_COUNT), length);
    }
  }
}

/** Index of a term's first two bytes in a table of them; several pairs share an index. */
function beginningOf(first: number, second: number): number {
  return (first & 63) << 6 | second & 63;
}

/**
 * A filter: 1 at the index of each wanted term. It rules out nearly all other terms at a fraction of the cost of a
 * look-up.
 */
function beginningsOf(wanted: readonly string[]): Uint8Array {
  const beginnings = new Uint8Array(1 << 12);
  for (const word of wanted) {
    const [first, second] = new TextEncoder().encode(word);
    // After a term of one byte comes a byte that does not belong to it.
    const places = second === undefined ? 64 : 1;
    const place = beginningOf(first!, second ?? 0);
    beginnings.fill(1, place, place + places);
  }
  return beginnings;
}
