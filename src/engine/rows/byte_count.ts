import { parseValue } from "../../values/json.ts";
import { valueSize } from "../../values/size.ts";
import type { Value } from "../../values/types.ts";

/**
 * Bytes that Convex counts for a character of a row at most: a digit in an array is a number of 9 bytes and has a
 * comma or a bracket beside it, a character of a string has 3 bytes at most.
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
 * Bytes of documents, given as rows or as read. Measuring a document costs about as much as reading it, so it is put off
 * until their upper bound is over what matters.
 */
export class ByteCount {
  /** Bytes of the documents that have been measured. */
  measured = 0;
  /** Rows, or the documents themselves. */
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

  /** True when they have more bytes than this; then all are measured. */
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

  /** Returns a function that takes back the counts of documents added since. */
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
