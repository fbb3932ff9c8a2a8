import type { KeyReader } from "./key_reader.ts";
import { columnToValue } from "./sqlite_codec.ts";
import type { StoreEntry, StorePage, StoreRange } from "./types.ts";

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

/** The statement that reads the keys of a page as one row, for {@link toKeyPage}; it has the inputs of the page's. */
export function keyPageSql(
  table: string,
  page: Pick<ScanPage, "end" | "reverse">,
): string {
  return "SELECT CAST(group_concat(k, '') AS BLOB) AS keys, " +
    "group_concat(length(k)) AS lengths " +
    `FROM (${pageSql(table, page)})`;
}

/**
 * The keys in a row of {@link keyPageSql}. What a row costs is mostly the objects that a host makes for it, so many keys
 * in one cost a third of what they cost by themselves.
 */
export function toKeyPage(
  row: { [column: string]: unknown } | undefined,
  keyOf: KeyReader,
): string[] {
  const keys: string[] = [];
  if (!(row?.keys instanceof Uint8Array)) return keys;
  let at = 0;
  for (const length of String(row.lengths).split(",")) {
    keys.push(keyOf(row.keys, at, at += Number(length)));
  }
  return keys;
}

/** What is between the values of a page that is read as one row. */
const SEPARATOR = 10;

/** The statement that reads a page as one row, for {@link toStorePage}; it has the inputs of the page's. */
export function wholePageSql(
  table: string,
  page: Pick<ScanPage, "end" | "reverse">,
): string {
  // The lengths of all values as text would cost as much as the rest.
  return "SELECT count(*) AS count, CAST(group_concat(k, '') AS BLOB) AS keys, " +
    "min(length(k)) AS shortest, max(length(k)) AS longest, " +
    `CAST(group_concat(v, char(${SEPARATOR})) AS BLOB) AS vals, ` +
    "total(typeof(v) <> 'text') AS others " +
    `FROM (${pageSql(table, page)})`;
}

/**
 * The entries in a row of {@link wholePageSql}. Undefined when keys differ in length, a value is no text, or one has the
 * separator within.
 */
export function toStorePage(
  row: { [column: string]: unknown } | undefined,
  skip: number,
  keyOf: KeyReader,
): StorePage | undefined {
  const count = Number(row?.count);
  if (count === 0) return { tails: [], values: new Uint8Array(0), ends: [] };
  const { keys, shortest, longest, vals, others } = row!;
  if (
    !(keys instanceof Uint8Array && vals instanceof Uint8Array) ||
    shortest !== longest || others !== 0
  ) return undefined;
  // Cut out of the bytes, for a part of a string keeps all of it.
  const length = Number(shortest);
  const page: StorePage = { tails: [], values: vals, ends: [] };
  for (let at = 0, from = 0; at < count; at++) {
    const end = vals.indexOf(SEPARATOR, from);
    page.ends.push(end < 0 ? vals.length : end);
    from = page.ends[at]! + 1;
    page.tails.push(keyOf(keys, at * length + skip, (at + 1) * length));
  }
  return page.ends.at(-1) === vals.length ? page : undefined;
}

/**
 * Entries of a range, read page by page: the first page is small, for most scans end there, and the later ones grow.
 * Calls `check` before each entry after the first is asked for.
 */
export function* scanPages(
  { start, end, reverse = false, limit = Infinity }: StoreRange,
  readPage: (page: ScanPage) => { k?: unknown; v?: unknown }[],
  keyOf: KeyReader,
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
      const bytes = row.k as Uint8Array;
      key = keyOf(bytes, 0, bytes.length);
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
