import { GrowingNumbers } from "./growing_numbers.ts";

const FIRST_SLOTS = 64;
const FIRST_BYTES = 256;

/** A hash of the bytes so far and one more; the first one is taken together with the table's `seed`. */
export function hashWith(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/**
 * Numbers byte strings, the first 0: a map from text without a string for each that is looked up, which is most of what
 * reading many rows costs.
 */
export class TermTable {
  /** What hashes begin with, so that nobody can tell beforehand which strings share one. */
  readonly seed: number;
  /** Strings in the table. */
  size = 0;
  /** Two numbers a slot: the hash, and the string's number plus one or 0 for a free slot. */
  #slots: Int32Array = new Int32Array(2 * FIRST_SLOTS);
  /** The strings, one after another. */
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** Where each string ends. */
  readonly #ends: GrowingNumbers = new GrowingNumbers();

  /** Begins empty. */
  constructor(seed: number) {
    this.seed = seed | 0;
  }

  /** Number of the string that lies from `from` on and below `to`; -1: it is not in the table. */
  find(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = 2 * spread(hash) & mask;
    while (true) {
      const number = slots[slot + 1]! - 1;
      if (number < 0) return -1;
      if (slots[slot] === hash && this.#is(number, bytes, from, to)) {
        return number;
      }
      slot = slot + 2 & mask;
    }
  }

  /** Gives a string that is not in the table the next number. */
  add(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const start = this.size === 0 ? 0 : this.#ends.items[this.size - 1]!;
    const end = start + to - from;
    if (end > this.#bytes.length) {
      const longer = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    for (let at = from; at < to; at++) {
      this.#bytes[start + at - from] = bytes[at]!;
    }
    this.#ends.push(end);
    if (4 * ++this.size > this.#slots.length) this.#widen();
    take(this.#slots, hash, this.size);
    return this.size - 1;
  }

  /** Hash of the bytes from `from` on and below `to`. */
  hashOf(bytes: Uint8Array, from: number, to: number): number {
    let hash = this.seed;
    for (let at = from; at < to; at++) hash = hashWith(hash, bytes[at]!);
    return hash;
  }

  #is(number: number, bytes: Uint8Array, from: number, to: number): boolean {
    const ends = this.#ends.items;
    const start = number === 0 ? 0 : ends[number - 1]!;
    if (ends[number]! - start !== to - from) return false;
    const own = this.#bytes;
    for (let at = from; at < to; at++) {
      if (own[start + at - from] !== bytes[at]) return false;
    }
    return true;
  }

  #widen(): void {
    const old = this.#slots;
    const slots = new Int32Array(2 * old.length);
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot + 1] !== 0) take(slots, old[slot]!, old[slot + 1]!);
    }
    this.#slots = slots;
  }
}

/** Puts a string into the first free slot for its hash. */
function take(slots: Int32Array, hash: number, place: number): void {
  const mask = slots.length - 1;
  let slot = 2 * spread(hash) & mask;
  while (slots[slot + 1] !== 0) slot = slot + 2 & mask;
  slots[slot] = hash;
  slots[slot + 1] = place;
}

/** The same bits, so that all of them count for the lowest ones. */
function spread(hash: number): number {
  const half = Math.imul(hash ^ hash >>> 15, 0x2c1b3c6d);
  return half ^ half >>> 13;
}
