import type { KeyReader } from "./key_reader.ts";
import { columnToValue } from "./sqlite_codec.ts";
import type { StoreEntry, StorePage, StoreRange } from "./types.ts";

/** Rows of a scan's first page, and most rows of later ones. */
const FIRST_PAGE_ROWS = 32;
const MAX_PAGE_ROWS = 1024;
/** Desired characters per page, so that a scan over large values holds few of them. */
const PAGE_CHARACTERS = 1 << 20;

/** A part of a range that is read at once. */
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

/** The statement that reads a page. Its inputs are `start`, `end` if defined, and `rows`. */
export function pageSql(
  table: string,
  { end, reverse }: Pick<ScanPage, "end" | "reverse">,
): string {
  return `SELECT k, v FROM ${table} WHERE k >= ?${
    end === undefined ? "" : " AND k < ?"
  } ORDER BY k ${reverse ? "DESC" : "ASC"} LIMIT ?`;
}

/** The statement that reads the keys of a page as one row, for {@link toKeyPage}. Its inputs are those of `pageSql`. */
export function keyPageSql(
  table: string,
  page: Pick<ScanPage, "end" | "reverse">,
): string {
  return "SELECT CAST(group_concat(k, '') AS BLOB) AS keys, " +
    "group_concat(length(k)) AS lengths " +
    `FROM (${pageSql(table, page)})`;
}

/**
 * The keys in a row of {@link keyPageSql}. The cost of a row is mostly the objects that a host creates for it, so many
 * keys in one row cost a third of a row each.
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

/** Separates the values of a page that is read as one row. */
const SEPARATOR = 10;

/** The statement that reads a page as one row, for {@link toStorePage}. Its inputs are those of `pageSql`. */
export function wholePageSql(
  table: string,
  page: Pick<ScanPage, "end" | "reverse">,
): string {
  // Values are separated, as their lengths as text would cost as much as the rest.
  return "SELECT count(*) AS count, CAST(group_concat(k, '') AS BLOB) AS keys, " +
    "min(length(k)) AS shortest, max(length(k)) AS longest, " +
    `CAST(group_concat(v, char(${SEPARATOR})) AS BLOB) AS vals, ` +
    "total(typeof(v) <> 'text') AS others " +
    `FROM (${pageSql(table, page)})`;
}

/**
 * The entries in a row of {@link wholePageSql}. Undefined if keys differ in length, or a value is no text or contains
 * the separator.
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
  // Decoded one by one, as slices of one string would keep all of it in memory.
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
 * Entries of a range, read page by page: the first page is small, as most scans end there, and later ones grow. Calls
 * `check` whenever it continues after an entry.
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
