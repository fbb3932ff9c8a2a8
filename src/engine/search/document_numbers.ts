import { GrowingNumbers } from "./growing_numbers.ts";

/**
 * Assigns numbers, from 0 on, to the documents of an index. Documents read from the store come in the order of their
 * ids, so a binary search finds them: a map of all would take more time and room than the ids themselves.
 */
export class DocumentNumbers {
  readonly #ids: string[] = [];
  /** Numbers of the documents read from the store, in the order of their ids. */
  readonly #read: GrowingNumbers = new GrowingNumbers();
  /** Numbers of the documents written since. */
  readonly #written: Map<string, number> = new Map();

  /** Numbers assigned so far. */
  get size(): number {
    return this.#ids.length;
  }

  /** Id of the document with a number. */
  idOf(number: number): string {
    return this.#ids[number]!;
  }

  /** Assigns the next number to a document read from the store; these must come in the order of their ids. */
  addRead(id: string): number {
    const number = this.#ids.push(id) - 1;
    this.#read.push(number);
    return number;
  }

  /** Assigns the next number to a written document, which replaces any earlier number. */
  addWritten(id: string): number {
    const number = this.#ids.push(id) - 1;
    this.#written.set(id, number);
    return number;
  }

  /** The latest number of a document. After `forget`, the one it was read with, if any. */
  find(id: string): number | undefined {
    const written = this.#written.get(id);
    if (written !== undefined) return written;
    const { items, size } = this.#read;
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ids[items[middle]!]! < id) low = middle + 1;
      else high = middle;
    }
    return low < size && this.#ids[items[low]!] === id ? items[low] : undefined;
  }

  /** Forgets the number that `addWritten` assigned. */
  forget(id: string): void {
    this.#written.delete(id);
  }
}
