/** Characters of a key that its digest holds: six bytes are a whole number that a float holds exactly. */
const DIGEST_CHARACTERS = 6;
/** Searches from which on digests pay: making them reads every key. */
const SEARCHES_BEFORE_DIGESTS = 8;

/**
 * Distinct strings in order, with room for a note beside each.
 *
 * A search compares digests: numbers made of the first characters in which the keys differ, stored side by side.
 * Comparing the strings themselves would cost a cache miss each, which in a large set is most of a search's cost.
 */
export class SortedRun {
  /** The keys, ascending. */
  readonly keys: string[];
  #notes: unknown[] | undefined;
  /** By place, with spare capacity. Undefined until they pay. */
  #digests: Float64Array | undefined;
  /** The common prefix of all keys, when there are digests; its length is kept apart for speed. */
  #common = "";
  #commonLength = 0;
  #searches = 0;

  /** Takes keys that are in order. */
  constructor(keys: string[]) {
    this.keys = keys;
  }

  /** The readers' notes beside the keys, by place. */
  get notes(): unknown[] {
    return this.#notes ??= new Array(this.keys.length);
  }

  /** Place of the first key that is not below the given one, between two places. */
  lowerBound(key: string, low = 0, high: number = this.keys.length): number {
    return this.#place(key, low, high, false);
  }

  /** Place of the last key that is not above the given one; -1: there is none. */
  floor(key: string): number {
    return this.#place(key, 0, this.keys.length, true) - 1;
  }

  /** Place of the first key that is not below the given one, or that is above it, between two places. */
  #place(key: string, low: number, high: number, isAbove: boolean): number {
    const { keys } = this;
    const digests = this.#digests ?? this.#digestsWhenTheyPay();
    if (digests !== undefined) {
      const digest = digestOf(key, this.#commonLength);
      if (!key.startsWith(this.#common)) return key < keys[0]! ? low : high;
      low = firstAtLeast(digests, digest, low, high);
      // Usually at most one key has the very same digest.
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

  /** Takes over the keys and notes of a run that follows. */
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

/** A whole number made of the characters from a place on, which never decreases as keys grow. */
function digestOf(key: string, from: number): number {
  let digest = 0;
  let isBeyond = false;
  for (let at = from; at < from + DIGEST_CHARACTERS; at++) {
    // NaN beyond the end, which counts as the lowest character.
    const code = key.charCodeAt(at) || 0;
    // Keys of a store have no characters above this; words may, and those are all treated alike.
    if (code > 255) isBeyond = true;
    digest = digest * 256 + (isBeyond ? 255 : code);
  }
  return digest;
}

/** Place of the first number that is not below the given one, between two places. */
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
