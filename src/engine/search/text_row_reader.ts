import { hashWith } from "./term_table.ts";

const QUOTE = 0x22;
const SPACE = 0x20;
const COMMA = 0x2c;
const ZERO = 0x30;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;

/** What a count that is read here is below. */
const TOO_MANY = 1e8;

/** What gives terms their numbers. */
export interface TermNumbers {
  /** What the hash of a term begins with. */
  readonly seed: number;
  /** Number of the term that lies from `from` on and below `to`, negative for one that does not matter. */
  numberOf(bytes: Uint8Array, from: number, to: number, hash: number): number;
}

/**
 * Reads the rows that `textRow` writes byte by byte, without making strings and lists: terms become numbers. Says what
 * it read until it reads the next row.
 */
export class TextRowReader {
  /** Where the encoded filter values end; they are a list in JSON and begin after the row's first byte. */
  filtersEnd = 0;
  /** Terms in the row. */
  size = 0;
  /** Number of each term. */
  terms: Int32Array = new Int32Array(64);
  /** How often each of them occurs. */
  counts: Int32Array = new Int32Array(64);
  /** Words in the text. */
  length = 0;

  /**
   * Reads the row that lies from `from` on and below `to`. False for one that is not exactly as it is written: JSON has
   * other forms for the same.
   */
  read(
    bytes: Uint8Array,
    from: number,
    to: number,
    numbers: TermNumbers,
  ): boolean {
    this.size = 0;
    this.length = 0;
    if (bytes[from] !== OPEN) return false;
    this.filtersEnd = endOfList(bytes, from + 1, to);
    let at = this.filtersEnd;
    if (bytes[at] !== COMMA || bytes[at + 1] !== QUOTE) return false;
    at = this.#readTerms(bytes, at + 2, to, numbers);
    if (bytes[at] !== COMMA || bytes[at + 1] !== OPEN) return false;
    at = this.#readCounts(bytes, at + 2, to);
    return at === to - 1 && bytes[at] === CLOSE;
  }

  /** Takes what another reader found in a row. */
  take(terms: readonly number[], counts: readonly number[]): void {
    this.size = 0;
    this.length = 0;
    for (const count of counts) this.length += count;
    for (const term of terms) {
      if (this.size === this.terms.length) this.#widen();
      this.counts[this.size] = counts[this.size]!;
      this.terms[this.size++] = term;
    }
  }

  /** Gives the place after the terms, 0 for something else. */
  #readTerms(
    bytes: Uint8Array,
    from: number,
    to: number,
    numbers: TermNumbers,
  ): number {
    const { seed } = numbers;
    if (bytes[from] === QUOTE) return from + 1;
    let start = from;
    let hash = seed;
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (byte > QUOTE && byte !== BACKSLASH) {
        hash = hashWith(hash, byte);
        continue;
      }
      if (byte !== SPACE && byte !== QUOTE || at === start) return 0;
      if (this.size === this.terms.length) this.#widen();
      this.terms[this.size++] = numbers.numberOf(bytes, start, at, hash);
      if (byte === QUOTE) return at + 1;
      start = at + 1;
      hash = seed;
    }
    return 0;
  }

  /** Gives the place after the counts, 0 for something else than one for each term. */
  #readCounts(bytes: Uint8Array, from: number, to: number): number {
    const { counts, size } = this;
    if (size === 0) return bytes[from] === CLOSE ? from + 1 : 0;
    let place = 0;
    let count = 0;
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      const digit = byte - ZERO;
      if (digit >= 0 && digit <= 9) {
        count = 10 * count + digit;
        if (count === 0 || count >= TOO_MANY) return 0;
        continue;
      }
      if (count === 0 || place === size) return 0;
      counts[place++] = count;
      this.length += count;
      count = 0;
      if (byte === CLOSE) return place === size ? at + 1 : 0;
      if (byte !== COMMA) return 0;
    }
    return 0;
  }

  #widen(): void {
    const terms = new Int32Array(2 * this.size);
    terms.set(this.terms);
    this.terms = terms;
    const counts = new Int32Array(2 * this.size);
    counts.set(this.counts);
    this.counts = counts;
  }
}

/** The place after a list of strings in JSON, 0 for something else. */
function endOfList(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[from] !== OPEN) return 0;
  if (bytes[from + 1] === CLOSE) return from + 2;
  for (let at = from + 1; at < to; at++) {
    if (bytes[at] !== QUOTE) return 0;
    for (at++; at < to && bytes[at] !== QUOTE; at++) {
      if (bytes[at] === BACKSLASH) at++;
    }
    at++;
    if (bytes[at] === CLOSE) return at + 1;
    if (bytes[at] !== COMMA) return 0;
  }
  return 0;
}
