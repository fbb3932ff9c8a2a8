import { GrowingNumbers } from "./growing_numbers.ts";

/**
 * Bytes that must be readable behind every string looked up, as strings are read in words; their values do not matter.
 */
export const SLACK_BYTES = 8;

/** Strings of up to so many bytes are stored in their slot. */
const SHORT_BYTES = 8;
const FIRST_SLOTS = 64;
const FIRST_BYTES = 256;
/** Load factor of the table, in quarters. */
const TAKEN_OF_FOUR = 3;

/** Masks for the first 0 to 4 bytes of a word. */
const MASKS = [0, 0xff, 0xffff, 0xffffff, -1];

/**
 * Layout of a slot: the first four bytes, the second four, the rest (see `restOf`), and the string's number plus one,
 * or 0 for a free slot.
 */
const SLOT = 4;
const SECOND = 1;
const REST = 2;
const PLACE = 3;

/**
 * Assigns numbers to strings of bytes, from 0 on. Unlike a `Map`, it needs no JavaScript string for a lookup; creating
 * those would be most of the cost of reading many rows.
 */
export class TermTable {
  /** Strings in the table. */
  size = 0;
  /** Seed of the hashes, so that nobody can choose strings that collide. */
  readonly #seed: number;
  #slots: Int32Array = new Int32Array(SLOT * FIRST_SLOTS);
  /** The rest of long strings, beyond the bytes in their slots, concatenated. */
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** Where each string's part of `#bytes` ends. */
  readonly #ends: GrowingNumbers = new GrowingNumbers();

  /** Begins empty. The seed must be secret from whoever writes the strings. */
  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  /** Number of the string in bytes `from` to `to` (exclusive); -1 if it is not in the table. */
  find(bytes: DataView, from: number, to: number): number {
    const slots = this.#slots;
    const length = to - from;
    const first = firstOf(bytes, from, length);
    const second = secondOf(bytes, from, length);
    const rest = restOf(bytes, from, length);
    const mask = slots.length - 1;
    let slot = this.#homeOf(first, second, rest) & mask;
    while (true) {
      const number = slots[slot + PLACE]! - 1;
      if (number < 0) return -1;
      if (
        slots[slot] === first && slots[slot + SECOND] === second &&
        slots[slot + REST] === rest &&
        (length <= SHORT_BYTES || this.#is(number, bytes, from, to))
      ) return number;
      slot = slot + SLOT & mask;
    }
  }

  /** Assigns the next number to a string that is not in the table. */
  add(bytes: DataView, from: number, to: number): number {
    const length = to - from;
    const start = this.size === 0 ? 0 : this.#ends.items[this.size - 1]!;
    const end = start + Math.max(0, length - SHORT_BYTES);
    if (end > this.#bytes.length) {
      const longer = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    for (let at = start; at < end; at++) {
      this.#bytes[at] = bytes.getUint8(from + SHORT_BYTES + at - start);
    }
    this.#ends.push(end);
    if (4 * ++this.size > TAKEN_OF_FOUR * this.#slots.length / SLOT) {
      this.#widen();
    }
    this.#take(
      firstOf(bytes, from, length),
      secondOf(bytes, from, length),
      restOf(bytes, from, length),
      this.size,
    );
    return this.size - 1;
  }

  #is(number: number, bytes: DataView, from: number, to: number): boolean {
    const ends = this.#ends.items;
    const start = number === 0 ? 0 : ends[number - 1]!;
    const first = from + SHORT_BYTES;
    if (ends[number]! - start !== to - first) return false;
    const own = this.#bytes;
    for (let at = first; at < to; at++) {
      if (own[start + at - first] !== bytes.getUint8(at)) return false;
    }
    return true;
  }

  /** The slot at which the search for a string begins. */
  #homeOf(first: number, second: number, rest: number): number {
    let hash = Math.imul(this.#seed ^ first, 0x85ebca6b);
    hash = Math.imul(hash ^ hash >>> 13 ^ second, 0xc2b2ae35);
    hash = Math.imul(hash ^ hash >>> 16 ^ rest, 0x9e3779b1);
    return Math.imul(SLOT, hash ^ hash >>> 15);
  }

  /** Puts a string into the first free slot from its home on (linear probing). */
  #take(first: number, second: number, rest: number, place: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#homeOf(first, second, rest) & mask;
    while (slots[slot + PLACE] !== 0) slot = slot + SLOT & mask;
    slots[slot] = first;
    slots[slot + SECOND] = second;
    slots[slot + REST] = rest;
    slots[slot + PLACE] = place;
  }

  #widen(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    for (let slot = 0; slot < old.length; slot += SLOT) {
      const place = old[slot + PLACE]!;
      if (place === 0) continue;
      this.#take(old[slot]!, old[slot + SECOND]!, old[slot + REST]!, place);
    }
  }
}

/** The first four bytes as a number, zeros where the string is shorter. */
function firstOf(bytes: DataView, from: number, length: number): number {
  // A table of masks, as branches would be unpredictable.
  return bytes.getInt32(from, true) & MASKS[Math.min(length, 4)]!;
}

/** The next four bytes. */
function secondOf(bytes: DataView, from: number, length: number): number {
  const mask = MASKS[Math.max(0, Math.min(length - 4, 4))]!;
  return bytes.getInt32(from + 4, true) & mask;
}

/**
 * The length of a short string; for a long one, a hash of the bytes not in the slot, made negative to tell them apart.
 */
function restOf(bytes: DataView, from: number, length: number): number {
  if (length <= SHORT_BYTES) return length;
  let hash = length;
  for (let at = SHORT_BYTES; at < length; at += 4) {
    const word = firstOf(bytes, from + at, length - at);
    hash = Math.imul(hash ^ hash >>> 15 ^ word, 0x2c1b3c6d);
  }
  return (hash ^ hash >>> 13) | 1 << 31;
}
