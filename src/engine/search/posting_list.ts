import { GrowingNumbers } from "./growing_numbers.ts";

/** A posting is the document's number, shifted left by so many bits, and the term's count in the document. */
export const COUNT_BITS = 8;
/** Greatest count that fits into a posting: stands for itself and for all greater ones, which are kept apart. */
export const MAX_COUNT = (1 << COUNT_BITS) - 1;

/** A term in fewer documents is never common. */
const LEAST_COMMON = 256;
/**
 * A term becomes common when more than one in `COMMON_SHARE` documents has it, and rare again below one in
 * `RARE_SHARE`.
 */
const COMMON_SHARE = 8;
const RARE_SHARE = 32;

/**
 * The documents that have a term, and its count in each: packed postings in the order of the documents' numbers. A
 * common term has a byte per document as well, which takes about as much room and makes a lookup a single step.
 */
export class PostingList extends GrowingNumbers {
  #bytes: Uint8Array | undefined;
  /**
   * Length of the shortest document that has the term once; negative if none has. Most terms need no more than that.
   */
  #leastOfOnce = -1;
  /** Length of the shortest document, by the term's count in postings, for counts other than 1. */
  #leastLengths: (number | undefined)[] | undefined;
  #greatestCount = 0;
  /** The counts that do not fit into their postings, by document number: hardly any term has some. */
  #large: Map<number, number> | undefined;
  /** Documents that have the term. May be fewer than postings, as removed documents keep theirs. */
  documents = 0;

  /**
   * Counts by document number, 0 for documents without the term; it may end before the last document. Undefined unless
   * the term is common.
   */
  get bytes(): Uint8Array | undefined {
    return this.#bytes;
  }

  /** The count of a document whose posting has this one. */
  countOf(number: number, inPosting: number): number {
    return inPosting < MAX_COUNT
      ? inPosting
      : this.#large?.get(number) ?? inPosting;
  }

  /** What a posting has for the count of a document. Keeps a count that does not fit. */
  fitting(number: number, count: number): number {
    if (count >= MAX_COUNT) (this.#large ??= new Map()).set(number, count);
    return Math.min(count, MAX_COUNT);
  }

  /** Records the length of a document that has the term `count` times. */
  noteLength(count: number, length: number): void {
    if (count === 1) {
      const least = this.#leastOfOnce;
      if (least < 0 || length < least) this.#leastOfOnce = length;
      return;
    }
    const lengths = this.#leastLengths ??= [];
    const fitting = Math.min(count, MAX_COUNT);
    const least = lengths[fitting];
    if (least === undefined || length < least) lengths[fitting] = length;
    if (count > this.#greatestCount) this.#greatestCount = count;
  }

  /**
   * An upper bound of `rate(count, length)` over the documents, if `rate` grows with the count and falls with the length;
   * 0 without documents.
   */
  greatest(rate: (count: number, length: number) => number): number {
    let most = this.#leastOfOnce < 0
      ? 0
      : Math.max(0, rate(1, this.#leastOfOnce));
    this.#leastLengths?.forEach((length, count) => {
      const atMost = count < MAX_COUNT ? count : this.#greatestCount;
      most = Math.max(most, rate(atMost, length!));
    });
    return most;
  }

  /** Adds a document whose number is greater than all before. */
  add(number: number, count: number): void {
    const fitting = this.fitting(number, count);
    this.push(number << COUNT_BITS | fitting);
    const bytes = this.#bytes;
    if (bytes !== undefined && number < bytes.length) bytes[number] = fitting;
    else this.#followTo(number);
  }

  /** Adds the postings at indexes `from` to `to` (exclusive), at least one, in order and all after the present ones. */
  addAll(postings: Uint32Array, from: number, to: number): void {
    this.append(postings, from, to);
    const bytes = this.#bytes;
    const last = postings[to - 1]! >>> COUNT_BITS;
    if (bytes === undefined || last >= bytes.length) this.#followTo(last);
    else note(bytes, postings, from, to);
  }

  /**
   * Changes, adds or (with 0) removes the count of a document. Searches from the end, so it should be among the last.
   */
  change(number: number, count: number): void {
    const { items, size } = this;
    let at = size;
    while (at > 0 && items[at - 1]! >>> COUNT_BITS > number) at--;
    const isThere = at > 0 && items[at - 1]! >>> COUNT_BITS === number;
    if (!isThere && at === size) {
      if (count > 0) this.add(number, count);
      return;
    }
    const fitting = this.fitting(number, count);
    if (count === 0) {
      if (isThere) this.remove(at - 1);
    } else {
      const entry = number << COUNT_BITS | fitting;
      if (isThere) items[at - 1] = entry;
      else this.insert(at, entry);
    }
    const bytes = this.#bytes;
    if (bytes !== undefined && number < bytes.length) bytes[number] = fitting;
  }

  /** Rebuilds or drops `bytes` when a posting was added that they do not cover. */
  #followTo(last: number): void {
    const { items, size } = this;
    if (this.#bytes !== undefined && size * RARE_SHARE < last) {
      this.#bytes = undefined;
    } else if (
      this.#bytes !== undefined ||
      size >= LEAST_COMMON && size * COMMON_SHARE > last
    ) {
      this.#bytes = new Uint8Array(last + 1 + (last >> 1));
      note(this.#bytes, items, 0, size);
    }
  }
}

/** Writes counts to the bytes of their documents. */
function note(
  bytes: Uint8Array,
  postings: Uint32Array,
  from: number,
  to: number,
): void {
  for (let at = from; at < to; at++) {
    const entry = postings[at]!;
    bytes[entry >>> COUNT_BITS] = entry & MAX_COUNT;
  }
}
