import { TextRing } from "./text_ring.ts";

/** Entries of a ring; a power of two. */
const ENTRIES = 2048;
const MASK = ENTRIES - 1;
const ENTRY_BYTES = ENTRIES * 16;
/** Size of a ring and its text, in bytes. */
export const RING_BYTES: number = ENTRY_BYTES + TextRing.BYTES;

// Types of an entry.
const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const NUMBER = 4;
/** JSON text of a value. */
const TEXT = 5;
/** JSON text of an array of values with successive numbers. */
const TEXTS = 6;

/** True for a value that fits into an entry. */
export function isSmall(value: unknown): boolean {
  return value === undefined || typeof value === "number" ||
    typeof value === "boolean" || value === null;
}

/** The position of a ring in the shared memory. */
export interface RingPlace {
  /** Index of the counter of written entries. */
  tail: number;
  /** Index of the counter of read entries. */
  head: number;
  /** Index of the counter of read bytes of text. */
  textHead: number;
  /** First byte. */
  offset: number;
}

/** A ring buffer in shared memory: passes values from one thread to another, in order. */
export class Ring {
  /** Number of the value last taken. */
  seq = 0;
  /** The value last taken. */
  value: unknown = undefined;
  readonly #control: Int32Array;
  readonly #place: RingPlace;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #text: TextRing;
  #tail = 0;
  #head = 0;
  /** The values of an entry that is partly taken. */
  #values: unknown[] = [];
  #nextValue = 0;

  /** Opens one side of the ring. */
  constructor(
    memory: SharedArrayBuffer,
    control: Int32Array,
    place: RingPlace,
  ) {
    const { offset, textHead } = place;
    this.#control = control;
    this.#place = place;
    this.#words = new Int32Array(memory, offset, ENTRIES * 4);
    this.#numbers = new Float64Array(memory, offset, ENTRIES * 2);
    this.#text = new TextRing(memory, offset + ENTRY_BYTES, control, textHead);
  }

  /** Writes a small value, which the other side sees after `publish`. False when the ring is full. */
  push(seq: number, value: unknown): boolean {
    if (!this.#hasRoom()) return false;
    const at = this.#tail & MASK;
    this.#words[at * 4] = seq;
    if (typeof value === "number") {
      this.#words[at * 4 + 1] = NUMBER;
      this.#numbers[at * 2 + 1] = value;
    } else {
      this.#words[at * 4 + 1] = value === undefined
        ? UNDEFINED
        : value === null
        ? NULL
        : value
        ? TRUE
        : FALSE;
    }
    this.#tail = (this.#tail + 1) | 0;
    return true;
  }

  /** Writes the JSON text of a value, or of an array of values with successive numbers. False when it does not fit. */
  pushText(seq: number, text: string, isArray: boolean): boolean {
    if (!this.#hasRoom()) return false;
    const place = this.#text.write(text);
    if (!place) return false;
    const at = (this.#tail & MASK) * 4;
    this.#words[at] = seq;
    this.#words[at + 1] = isArray ? TEXTS : TEXT;
    this.#words[at + 2] = place.start;
    this.#words[at + 3] = place.length;
    this.#tail = (this.#tail + 1) | 0;
    return true;
  }

  /** How many small values fit. */
  room(): number {
    this.#head = Atomics.load(this.#control, this.#place.head);
    return ENTRIES - ((this.#tail - this.#head) | 0);
  }

  /** Makes the written entries visible to the other side. */
  publish(): void {
    Atomics.store(this.#control, this.#place.tail, this.#tail);
  }

  /** Reads the next value into `seq` and `value`; false when there is none. */
  take(): boolean {
    if (this.#nextValue < this.#values.length) return this.#takeNext();
    if (this.#head === this.#tail) {
      this.#tail = Atomics.load(this.#control, this.#place.tail);
      if (this.#head === this.#tail) return false;
    }
    const at = this.#head & MASK;
    this.#head = (this.#head + 1) | 0;
    this.seq = this.#words[at * 4]!;
    const kind = this.#words[at * 4 + 1]!;
    if (kind >= TEXT) return this.#takeText(at * 4, kind);
    this.value = kind === NUMBER
      ? this.#numbers[at * 2 + 1]
      : kind === UNDEFINED
      ? undefined
      : kind === NULL
      ? null
      : kind === TRUE;
    return true;
  }

  /** Lets the other side reuse the space of the entries taken. */
  free(): void {
    Atomics.store(this.#control, this.#place.head, this.#head);
    this.#text.free();
  }

  /** True when `take` would find something. */
  get hasMore(): boolean {
    return this.#head !== this.#tail ||
      Atomics.load(this.#control, this.#place.tail) !== this.#head ||
      this.#nextValue < this.#values.length;
  }

  #hasRoom(): boolean {
    if (((this.#tail - this.#head) | 0) < ENTRIES) return true;
    this.#head = Atomics.load(this.#control, this.#place.head);
    return ((this.#tail - this.#head) | 0) < ENTRIES;
  }

  #takeText(at: number, kind: number): boolean {
    const text = this.#text.read(this.#words[at + 2]!, this.#words[at + 3]!);
    if (kind === TEXT) {
      this.value = JSON.parse(text);
      return true;
    }
    this.#values = JSON.parse(text);
    this.#nextValue = 0;
    this.seq = (this.seq - 1) | 0;
    return this.#takeNext();
  }

  #takeNext(): boolean {
    this.seq = (this.seq + 1) | 0;
    this.value = this.#values[this.#nextValue++];
    if (this.#nextValue === this.#values.length) {
      this.#values = [];
      this.#nextValue = 0;
    }
    return true;
  }
}
