import { parseValue } from "../../values/json.ts";
import { valueSize } from "../../values/size.ts";
import type { Value } from "../../values/types.ts";

/**
 * Most bytes that Convex counts per character of a row: a digit in an array is a number of 9 bytes, next to a comma or
 * a bracket; a character of a string has at most 3 bytes.
 */
export const MAX_BYTES_PER_UNIT = 5;

/** A document that was read. */
export interface Measured {
  /** Length of its row. */
  length: number;
  /** The document. */
  value: Value;
}

/**
 * Counts the bytes of documents. Measuring a document costs about as much as reading it, so it is deferred until an
 * upper bound exceeds the limit.
 */
export class ByteCount {
  /** Bytes of the documents that have been measured. */
  measured = 0;
  /** Rows or documents that are not measured yet. */
  #pending: Value[] = [];
  #bound = 0;

  /** Adds a document. */
  add(document: string | Measured): void {
    this.#pending.push(
      typeof document === "string" ? document : document.value,
    );
    this.#bound += MAX_BYTES_PER_UNIT * document.length;
  }

  /** Adds the first of some documents. */
  addFirst(documents: readonly Measured[], count: number): void {
    const pending = this.#pending;
    let length = 0;
    for (let at = 0; at < count; at++) {
      const document = documents[at]!;
      pending.push(document.value);
      length += document.length;
    }
    this.#bound += MAX_BYTES_PER_UNIT * length;
  }

  /** Whether they have more bytes than this. */
  isOver(bytes: number): boolean {
    if (this.measured + this.#bound <= bytes) return false;
    return this.all() > bytes;
  }

  /** Bytes of all of them. */
  all(): number {
    for (const document of this.#pending) {
      this.measured += valueSize(
        typeof document === "string" ? parseValue(document) : document,
      );
    }
    this.#pending = [];
    this.#bound = 0;
    return this.measured;
  }

  /** Returns a function that undoes the counting of documents added since. */
  mark(): () => void {
    const [measured, pending, bound] = [
      this.measured,
      this.#pending,
      this.#bound,
    ];
    const { length } = pending;
    return () => {
      this.measured = measured;
      this.#pending = pending;
      pending.length = length;
      this.#bound = bound;
    };
  }
}
