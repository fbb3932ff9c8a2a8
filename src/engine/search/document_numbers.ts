import { GrowingNumbers } from "./growing_numbers.ts";

/**
 * Numbers for the documents of an index, the first 0. Those that are read from it come in the order of their ids, so
 * they are found by halves: a map of all would take more time and room than the ids.
 */
export class DocumentNumbers {
  readonly #ids: string[] = [];
  /** Numbers of the documents that were read, in the order of their ids. */
  readonly #read: GrowingNumbers = new GrowingNumbers();
  /** Numbers of the others. */
  readonly #written: Map<string, number> = new Map();

  /** Numbers given. */
  get size(): number {
    return this.#ids.length;
  }

  /** Id of the document of a number. */
  idOf(number: number): string {
    return this.#ids[number]!;
  }

  /** Assigns the next number to a document that is read after those with lower ids. */
  addRead(id: string): number {
    const number = this.#ids.push(id) - 1;
    this.#read.push(number);
    return number;
  }

  /** Assigns the next number to a document that is written, in place of an earlier one. */
  addWritten(id: string): number {
    const number = this.#ids.push(id) - 1;
    this.#written.set(id, number);
    return number;
  }

  /** The last number of a document that was not forgotten; of one that was, undefined or the one it had when read. */
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

  /** Forgets the number that a document got when it was written. */
  forget(id: string): void {
    this.#written.delete(id);
  }
}
