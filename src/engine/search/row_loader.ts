import type { SyncStore } from "../../store/types.ts";
import { prefixEnd } from "../../values/key.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";

/** Rows that are read at once, at first and at most, and the bytes that they are to have. */
const FIRST_ROWS = 32;
const MAX_ROWS = 256;
const PAGE_BYTES = 1 << 20;

/** Takes the rows of an index. */
export interface RowTaker {
  /** Takes a row. */
  row(id: string, row: string): void;
  /** Takes the bytes of some rows, and gives what takes each of them: where it begins, and ends. */
  page?(bytes: Uint8Array): (id: string, from: number, to: number) => void;
}

/** Reads the rows of an index in their order, as many at a time as there is time for. */
export class RowLoader {
  readonly #store: SyncStore;
  readonly #prefix: string;
  readonly #end: string | undefined;
  readonly #taker: RowTaker;
  /** First key that was not read; undefined: all were. */
  #next: string | undefined;
  /** Rows of the next page. */
  #pageRows = FIRST_ROWS;

  /** Hands each row to `taker`. */
  constructor(store: SyncStore, prefix: string, taker: RowTaker) {
    this.#store = store;
    this.#prefix = prefix;
    this.#next = prefix;
    this.#end = prefixEnd(prefix);
    this.#taker = taker;
  }

  /** Reads up to `maxRows` more rows. True when none are left. */
  read(maxRows: number): boolean {
    let left = maxRows;
    while (this.#next !== undefined && left > 0) {
      const rows = this.#taker.page && this.#store.page
        ? Math.min(left, this.#pageRows)
        : left;
      const read = this.#readPage(rows) ?? this.#readRows(rows);
      left -= read;
      if (read < rows) this.#next = undefined;
    }
    return this.#next === undefined;
  }

  /** Whether the place of a row was passed: what becomes of it from now on is not going to be read. */
  hasPassed(id: string): boolean {
    return this.#next === undefined || this.#prefix + id < this.#next;
  }

  /** Returns how many rows there were; undefined: they must be read one by one. */
  #readPage(rows: number): number | undefined {
    const range = { start: this.#next!, end: this.#end, limit: rows };
    const page = this.#taker.page &&
      this.#store.page?.(range, ROW_PREFIX_LENGTH);
    if (page === undefined) return undefined;
    const { tails, values, ends } = page;
    const take = this.#taker.page!(values);
    let from = 0;
    let read = 0;
    try {
      for (; read < tails.length; read++) {
        const to = ends[read]!;
        take(tails[read]!, from, to);
        from = to + 1;
      }
    } finally {
      if (read > 0) this.#next = `${this.#prefix}${tails[read - 1]}\0`;
    }
    const fitting = Math.floor(PAGE_BYTES * read / (values.length + 1));
    this.#pageRows = Math.max(
      1,
      Math.min(MAX_ROWS, this.#pageRows * 4, fitting),
    );
    return read;
  }

  #readRows(rows: number): number {
    const range = { start: this.#next!, end: this.#end, limit: rows };
    let read = 0;
    for (const { key, value } of this.#store.scan(range)) {
      this.#taker.row(key.slice(ROW_PREFIX_LENGTH), value);
      this.#next = key + "\0";
      read++;
    }
    return read;
  }
}
