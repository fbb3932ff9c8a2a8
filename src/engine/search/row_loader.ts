import type { SyncStore } from "../../store/types.ts";
import { prefixEnd } from "../../values/key.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";

/** Reads the rows of an index in their order, as many at a time as there is time for. */
export class RowLoader {
  readonly #store: SyncStore;
  readonly #prefix: string;
  readonly #end: string | undefined;
  readonly #take: (id: string, row: string) => void;
  /** First key that was not read; undefined: all were. */
  #next: string | undefined;

  /** Hands each row to `take`. */
  constructor(
    store: SyncStore,
    prefix: string,
    take: (id: string, row: string) => void,
  ) {
    this.#store = store;
    this.#prefix = prefix;
    this.#next = prefix;
    this.#end = prefixEnd(prefix);
    this.#take = take;
  }

  /** Reads so many rows more. True when there are none left. */
  read(maxRows: number): boolean {
    if (this.#next === undefined) return true;
    const range = { start: this.#next, end: this.#end, limit: maxRows };
    let left = maxRows;
    for (const { key, value } of this.#store.scan(range)) {
      this.#take(key.slice(ROW_PREFIX_LENGTH), value);
      this.#next = key + "\0";
      left--;
    }
    if (left === 0) return false;
    this.#next = undefined;
    return true;
  }

  /** Whether the place of a row was passed: what becomes of it from now on is not going to be read. */
  hasPassed(id: string): boolean {
    return this.#next === undefined || this.#prefix + id < this.#next;
  }
}
