import type { SyncStore } from "../../store/types.ts";
import { prefixEnd } from "../../values/key.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";

/** Rows per page, at first and at most, and the size that a page should have. */
const FIRST_ROWS = 32;
const MAX_ROWS = 256;
const PAGE_BYTES = 1 << 20;

/** Receives the rows of an index. */
export interface RowConsumer {
  /** Receives a row. */
  row(id: string, row: string): void;
  /** Receives the bytes of some rows, and returns a function to call with the bounds of each of them. */
  page?(bytes: Uint8Array): (id: string, from: number, to: number) => void;
}

/** Reads the rows of an index in order, a limited number per call. */
export class RowLoader {
  readonly #store: SyncStore;
  readonly #prefix: string;
  readonly #end: string | undefined;
  readonly #consumer: RowConsumer;
  /** First key not read yet; undefined when all rows were read. */
  #next: string | undefined;
  /** Rows to ask for in the next page. */
  #pageRows = FIRST_ROWS;

  /** Passes each row to `consumer`. */
  constructor(store: SyncStore, prefix: string, consumer: RowConsumer) {
    this.#store = store;
    this.#prefix = prefix;
    this.#next = prefix;
    this.#end = prefixEnd(prefix);
    this.#consumer = consumer;
  }

  /** Reads up to `maxRows` more rows. True when none are left. */
  read(maxRows: number): boolean {
    let left = maxRows;
    while (this.#next !== undefined && left > 0) {
      const rows = this.#consumer.page && this.#store.page
        ? Math.min(left, this.#pageRows)
        : left;
      const read = this.#readPage(rows) ?? this.#readRows(rows);
      left -= read;
      if (read < rows) this.#next = undefined;
    }
    return this.#next === undefined;
  }

  /** Whether a row, if it exists, was read already, so that later changes of it have to be applied. */
  hasPassed(id: string): boolean {
    return this.#next === undefined || this.#prefix + id < this.#next;
  }

  /** Returns the number of rows read; undefined if they must be read one by one. */
  #readPage(rows: number): number | undefined {
    const range = { start: this.#next!, end: this.#end, limit: rows };
    const page = this.#consumer.page &&
      this.#store.page?.(range, ROW_PREFIX_LENGTH);
    if (page === undefined) return undefined;
    const { tails, values, ends } = page;
    const take = this.#consumer.page!(values);
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
      this.#consumer.row(key.slice(ROW_PREFIX_LENGTH), value);
      this.#next = key + "\0";
      read++;
    }
    return read;
  }
}
