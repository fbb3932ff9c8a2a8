/** Characters of a key in its digest: a float represents integers of six bytes exactly. */
const DIGEST_CHARACTERS = 6;
/** Searches after which digests pay: computing them reads every key. */
const SEARCHES_BEFORE_DIGESTS = 8;

/**
 * Distinct strings in order, with room for a note beside each.
 *
 * A search compares digests: numbers made of the characters after the common prefix of all keys, stored side by side.
 * Comparing the strings themselves would cost a cache miss each, most of a search's cost in a large set.
 */
export class SortedRun {
  /** The keys, ascending. */
  readonly keys: string[];
  #notes: unknown[] | undefined;
  /** Digest of each key, with spare capacity. Undefined until they pay. */
  #digests: Float64Array | undefined;
  /** The common prefix of all keys, if there are digests, and its length. */
  #common = "";
  #commonLength = 0;
  #searches = 0;

  /** Takes sorted keys. */
  constructor(keys: string[]) {
    this.keys = keys;
  }

  /** The readers' notes at the keys, by index. */
  get notes(): unknown[] {
    return this.#notes ??= new Array(this.keys.length);
  }

  /** Index of the first key not below the given one, within a range of indexes. */
  lowerBound(key: string, low = 0, high: number = this.keys.length): number {
    return this.#place(key, low, high, false);
  }

  /** Index of the last key not above the given one; -1 if there is none. */
  floor(key: string): number {
    return this.#place(key, 0, this.keys.length, true) - 1;
  }

  /** Index of the first key not below the given one (or above it, if `isAbove`), within a range of indexes. */
  #place(key: string, low: number, high: number, isAbove: boolean): number {
    const { keys } = this;
    const digests = this.#digests ?? this.#digestsWhenTheyPay();
    if (digests !== undefined) {
      const digest = digestOf(key, this.#commonLength);
      if (!key.startsWith(this.#common)) return key < keys[0]! ? low : high;
      low = firstAtLeast(digests, digest, low, high);
      // Usually at most one key has the same digest.
      if (low === high || digests[low] !== digest) return low;
      high = firstAtLeast(digests, digest + 1, low, high);
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = keys[middle]!;
      if (other < key || isAbove && other === key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Inserts a key at its place. */
  insert(at: number, key: string): void {
    const { keys } = this;
    const size = keys.length;
    if (at === size) keys.push(key);
    else keys.splice(at, 0, key);
    this.#notes?.splice(at, 0, undefined);
    if (this.#digests === undefined) return;
    if (!key.startsWith(this.#common)) {
      this.#digests = undefined;
      return;
    }
    if (size === this.#digests.length) {
      const longer = new Float64Array(size + (size >> 1) + 1);
      longer.set(this.#digests);
      this.#digests = longer;
    }
    this.#digests.copyWithin(at + 1, at, size);
    this.#digests[at] = digestOf(key, this.#commonLength);
  }

  /** Removes the key at a place. */
  remove(at: number): void {
    this.keys.splice(at, 1);
    this.#notes?.splice(at, 1);
    this.#digests?.copyWithin(at, at + 1);
    if (this.keys.length === 0) this.#digests = undefined;
  }

  /** Appends the keys and notes of a run that follows. */
  append(upper: SortedRun): void {
    const { keys } = this;
    const notes = this.#notes;
    const size = keys.length;
    for (const key of upper.keys) keys.push(key);
    if (notes !== undefined || upper.#notes !== undefined) {
      const all = notes ?? new Array(size);
      for (const note of upper.notes) all.push(note);
      this.#notes = all;
    }
    this.#digests = undefined;
  }

  /** Splits off the keys from a place on as a new run. */
  split(at: number): SortedRun {
    const upper = new SortedRun(this.keys.splice(at));
    upper.#notes = this.#notes?.splice(at);
    upper.#searches = this.#searches;
    return upper;
  }

  #digestsWhenTheyPay(): Float64Array | undefined {
    const { keys } = this;
    if (++this.#searches <= SEARCHES_BEFORE_DIGESTS || keys.length < 8) {
      return undefined;
    }
    const common = commonStart(keys[0]!, keys.at(-1)!);
    this.#common = common;
    this.#commonLength = common.length;
    return this.#digests = Float64Array.from(
      keys,
      (key) => digestOf(key, common.length),
    );
  }
}

/** The common prefix of two strings; for the ends of a run, that of all its keys. */
function commonStart(one: string, other: string): string {
  let at = 0;
  while (at < one.length && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  return one.slice(0, at);
}

/** An integer made of the characters after the common prefix, whose order agrees with that of the keys. */
function digestOf(key: string, from: number): number {
  let digest = 0;
  let isBeyond = false;
  for (let at = from; at < from + DIGEST_CHARACTERS; at++) {
    // `charCodeAt` gives NaN beyond the end, which counts as the lowest character.
    const code = key.charCodeAt(at) || 0;
    // Keys of a store have no such characters, but words of a text index may: from there on, all are treated alike.
    if (code > 255) isBeyond = true;
    digest = digest * 256 + (isBeyond ? 255 : code);
  }
  return digest;
}

/** Index of the first number not below the given one, within a range of indexes. */
function firstAtLeast(
  numbers: Float64Array,
  number: number,
  low: number,
  high: number,
): number {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < number) low = middle + 1;
    else high = middle;
  }
  return low;
}
