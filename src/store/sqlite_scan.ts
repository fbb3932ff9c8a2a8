import { bytesToKey, columnToValue } from "./sqlite_codec.ts";
import type { StoreEntry, StoreRange } from "./types.ts";

/** Rows of a scan's first page, and at most of a later one. */
const FIRST_PAGE_ROWS = 32;
const MAX_PAGE_ROWS = 1024;
/** Characters that a page aims at, so that a scan over large values holds few of them. */
const PAGE_CHARACTERS = 1 << 20;

/** Part of a range that is read at once. */
export interface ScanPage {
  /** First key. */
  start: string;
  /** First key after it; absent: to the last. */
  end: string | undefined;
  /** Largest key first. */
  reverse: boolean;
  /** Rows at most. */
  rows: number;
}

/** The statement that reads a page: its inputs are `start`, `end` if there is one, and `rows`. */
export function pageSql(
  table: string,
  { end, reverse }: Pick<ScanPage, "end" | "reverse">,
): string {
  return `SELECT k, v FROM ${table} WHERE k >= ?${
    end === undefined ? "" : " AND k < ?"
  } ORDER BY k ${reverse ? "DESC" : "ASC"} LIMIT ?`;
}

/**
 * Entries of a range, read page by page: the first page is small, for most scans end there, and the later ones grow.
 * Calls `check` before each entry after the first is asked for.
 */
export function* scanPages(
  { start, end, reverse = false, limit = Infinity }: StoreRange,
  readPage: (page: ScanPage) => { k?: unknown; v?: unknown }[],
  check: () => void,
): Generator<StoreEntry> {
  let left = limit;
  let pageRows = FIRST_PAGE_ROWS;
  while (left > 0) {
    const rows = readPage({
      start,
      end,
      reverse,
      rows: Math.min(left, pageRows),
    });
    let characters = 0;
    let key = "";
    for (const row of rows) {
      key = bytesToKey(row.k as Uint8Array);
      const value = columnToValue(row.v);
      characters += value.length;
      yield { key, value };
      check();
    }
    left -= rows.length;
    if (rows.length < pageRows) return;
    if (reverse) end = key;
    else start = key + "\0";
    const fitting = PAGE_CHARACTERS * rows.length / (characters + 1);
    pageRows = Math.max(
      1,
      Math.min(MAX_PAGE_ROWS, pageRows * 4, Math.floor(fitting)),
    );
  }
}
