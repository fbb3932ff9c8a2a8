import { GrowingNumbers } from "./growing_numbers.ts";

/** A posting packs the document's number above the term's count in it. */
export const COUNT_BITS = 8;
/** Greatest count that a posting holds. */
export const MAX_COUNT = (1 << COUNT_BITS) - 1;

/** A term in fewer documents is not common. */
const LEAST_COMMON = 256;
/** Nor is one that fewer than one of so many documents have, or any more when it is fewer than one of so many. */
const COMMON_SHARE = 8;
const RARE_SHARE = 32;

/**
 * How often a term occurs in which documents, by their numbers: packed postings in their order and, of a common term, a
 * byte for each document as well, which takes about as much room and makes looking one up a single step.
 */
export class PostingList extends GrowingNumbers {
  #bytes: Uint8Array | undefined;
  /** Least length of a document that has the term once; negative: there was none. Most terms need no more than that. */
  #leastOfOnce = -1;
  /** By the term's count, of the others. */
  #leastLengths: (number | undefined)[] | undefined;
  /** Documents that have the term now: removed ones keep their postings. */
  documents = 0;

  /** Counts by the document's number: 0 for those without the term, absent after the last. Undefined: not common. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes;
  }

  /** Notes the length of a document that has the term, so often. */
  noteLength(count: number, length: number): void {
    if (count === 1) {
      const least = this.#leastOfOnce;
      if (least < 0 || length < least) this.#leastOfOnce = length;
      return;
    }
    const lengths = this.#leastLengths ??= [];
    const least = lengths[count];
    if (least === undefined || length < least) lengths[count] = length;
  }

  /** The greatest of what `rate` gives for a count and the least length of a document with it; 0 without documents. */
  greatest(rate: (count: number, length: number) => number): number {
    let most = this.#leastOfOnce < 0
      ? 0
      : Math.max(0, rate(1, this.#leastOfOnce));
    this.#leastLengths?.forEach((length, count) => {
      most = Math.max(most, rate(count, length!));
    });
    return most;
  }

  /** Adds the count of a document whose number is greater than all before. */
  add(number: number, count: number): void {
    this.push(number << COUNT_BITS | count);
    const bytes = this.#bytes;
    if (bytes !== undefined && number < bytes.length) bytes[number] = count;
    else this.#followTo(number);
  }

  /** Adds postings, one at least, from index `from` on and below `to`, of documents that follow all before, in order. */
  addAll(postings: Uint32Array, from: number, to: number): void {
    this.append(postings, from, to);
    const bytes = this.#bytes;
    const last = postings[to - 1]! >>> COUNT_BITS;
    if (bytes === undefined || last >= bytes.length) this.#followTo(last);
    else note(bytes, postings, from, to);
  }

  /** Changes, adds or removes (0) the count of a document that is among the last: it is sought from the end. */
  change(number: number, count: number): void {
    const { items, size } = this;
    let at = size;
    while (at > 0 && items[at - 1]! >>> COUNT_BITS > number) at--;
    const isThere = at > 0 && items[at - 1]! >>> COUNT_BITS === number;
    if (!isThere && at === size) {
      if (count > 0) this.add(number, count);
      return;
    }
    if (count === 0) {
      if (isThere) this.remove(at - 1);
    } else {
      const entry = number << COUNT_BITS | count;
      if (isThere) items[at - 1] = entry;
      else this.insert(at, entry);
    }
    const bytes = this.#bytes;
    if (bytes !== undefined && number < bytes.length) bytes[number] = count;
  }

  /** Makes the bytes anew when a posting came whose document they do not reach, or drops them. */
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

/** Puts counts into the bytes of their documents. */
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
