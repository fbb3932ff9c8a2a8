const QUOTE = 0x22;
const SPACE = 0x20;
const COMMA = 0x2c;
const ZERO = 0x30;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;

/** Rows with a count from here on are left to the general reader. */
const TOO_MANY = 1e8;

/** Multiplied by a byte, repeats it in all four bytes of a word. */
const EVERY_BYTE = 0x01010101;
const TOP_BITS = 0x80 * EVERY_BYTE;

/** Assigns numbers to terms. */
export interface TermNumbers {
  /** Number of the term in bytes `from` to `to` (exclusive); negative for a term to ignore. */
  numberOf(bytes: DataView, from: number, to: number): number;
}

/**
 * Reads the rows that `textRow` writes byte by byte, without creating strings and lists: terms become numbers. Its
 * properties describe the row read last.
 */
export class TextRowReader {
  /** Where the encoded filter values end: a JSON list that begins after the row's first byte. */
  filtersEnd = 0;
  /** Number of terms in the row. */
  size = 0;
  /** The number that `TermNumbers` gave each term. */
  terms: Int32Array = new Int32Array(64);
  /** How often each of them occurs. */
  counts: Int32Array = new Int32Array(64);
  /** Words in the text. */
  length = 0;

  /**
   * Reads the row in bytes `from` to `to` (exclusive), behind which must be `SLACK_BYTES` more. Returns false for a row
   * that is not byte for byte what `textRow` writes, such as JSON with escapes.
   */
  read(
    bytes: DataView,
    from: number,
    to: number,
    numbers: TermNumbers,
  ): boolean {
    this.size = 0;
    this.length = 0;
    const isAt = (at: number, byte: number, next: number) =>
      bytes.getUint8(at) === byte && bytes.getUint8(at + 1) === next;
    if (!isAt(from, OPEN, OPEN)) return false;
    let at = this.filtersEnd = endOfList(bytes, from + 1, to);
    if (!isAt(at, COMMA, QUOTE)) return false;
    at = this.#readTerms(bytes, at + 2, to, numbers);
    if (!isAt(at, COMMA, OPEN)) return false;
    at = this.#readCounts(bytes, at + 2, to);
    return at === to - 1 && bytes.getUint8(at) === CLOSE;
  }

  /** Fills in the contents of a row that was read by other means. */
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

  /** Returns the index after the terms; 0 on anything unexpected. */
  #readTerms(
    bytes: DataView,
    from: number,
    to: number,
    numbers: TermNumbers,
  ): number {
    if (bytes.getUint8(from) === QUOTE) return from + 1;
    let start = from;
    let at = from;
    while (at < to) {
      const ends = endsIn(bytes.getInt32(at, true));
      if (ends === 0) {
        at += 4;
        continue;
      }
      at += 31 - Math.clz32(ends & -ends) >> 3;
      const byte = bytes.getUint8(at);
      if (at === start || byte !== SPACE && byte !== QUOTE) return 0;
      if (this.size === this.terms.length) this.#widen();
      this.terms[this.size++] = numbers.numberOf(bytes, start, at);
      start = ++at;
      if (byte === QUOTE) return at;
    }
    return 0;
  }

  /** Returns the index after the counts; 0 unless there is one for each term. */
  #readCounts(bytes: DataView, from: number, to: number): number {
    const { counts, size } = this;
    if (size === 0) return bytes.getUint8(from) === CLOSE ? from + 1 : 0;
    let place = 0;
    let count = 0;
    let length = 0;
    for (let at = from; at < to; at++) {
      const byte = bytes.getUint8(at);
      const digit = byte - ZERO;
      if (digit >= 0 && digit <= 9) {
        count = 10 * count + digit;
        if (count === 0 || count >= TOO_MANY) return 0;
        continue;
      }
      if (count === 0 || place === size) return 0;
      counts[place++] = count;
      length += count;
      count = 0;
      if (byte === COMMA) continue;
      this.length = length;
      return byte === CLOSE && place === size ? at + 1 : 0;
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

/**
 * Finds the end of a term in four bytes at once: the lowest bit set in the result is the top bit of the first byte that
 * no term contains (a control character, a space, `!`, a quote or a backslash). A subtraction that borrows only
 * disturbs the bytes above.
 */
function endsIn(word: number): number {
  const slashes = word ^ BACKSLASH * EVERY_BYTE;
  return (word - (QUOTE + 1) * EVERY_BYTE & ~word |
    slashes - EVERY_BYTE & ~slashes) &
    TOP_BITS;
}

/** The index after a JSON list of strings; 0 for anything else. */
function endOfList(bytes: DataView, from: number, to: number): number {
  if (bytes.getUint8(from + 1) === CLOSE) return from + 2;
  for (let at = from + 1; at < to; at++) {
    if (bytes.getUint8(at) !== QUOTE) return 0;
    for (at++; at < to && bytes.getUint8(at) !== QUOTE; at++) {
      if (bytes.getUint8(at) === BACKSLASH) at++;
    }
    at++;
    if (at >= to) return 0;
    const byte = bytes.getUint8(at);
    if (byte === CLOSE) return at + 1;
    if (byte !== COMMA) return 0;
  }
  return 0;
}
