import type { StoreRange } from "../../store/types.ts";
import type { StoredDocument } from "../rows/document_cache.ts";
import { committedDocument } from "../documents/documents.ts";
import type { Document } from "../rows/fields.ts";
import type { Batch } from "../rows/document_copies.ts";
import type { Table } from "../schema/catalog.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { Row } from "../plan/query_rows.ts";

/** Documents copied together, so that their cache misses overlap. */
const MAX_COPIES_AHEAD = 24;
/** Documents that are not in memory and are read from the store together. */
const MAX_READ_AHEAD = 32;
/** Rows looked up together for readers that take one at a time: few at first, since many readers take no more. */
const FIRST_ROWS = 4;
const MOST_ROWS = 64;

/** Part of an index. */
export interface IndexScan {
  range: StoreRange;
  /** Whether its rows are the documents: in the index by id and by creation time. */
  isOfDocuments: boolean;
}

/** Receives the rows of a query's source, before its filters and limits. */
export interface RowVisitor {
  /**
   * Whether the document of a row is wanted; unwanted ones are not copied. The document must not be changed. Absent:
   * all are wanted.
   */
  wants?: ((document: Document) => boolean) | undefined;
  /** Receives each row, with its document if that is wanted. Returns false to stop. */
  take(position: string, document: Document | undefined): boolean;
  /**
   * Receives many rows at once, all of them wanted: their keys are in `keys` from `at` on, `step` apart. Returns false
   * to stop. Only for a visitor that may be given every row of the range. Absent: each row goes to `take`.
   */
  takeAll?:
    | ((
      keys: readonly string[],
      at: number,
      step: number,
      documents: readonly Document[],
    ) => boolean)
    | undefined;
}

/**
 * Passes the rows of a scan to a visitor straight from the store. Returns false, with nothing done, where that is
 * impossible.
 */
export function visitStored(
  transaction: Transaction,
  table: Table,
  scan: IndexScan,
  { wants, take, takeAll }: RowVisitor,
): boolean {
  const { store } = transaction.database;
  const { rows, meter, documentCopies } = transaction;
  if (!store.visit || !rows.isPlain(table.prefix)) return false;
  const { reverse, limit = Infinity } = scan.range;
  const step = reverse ? -1 : 1;
  let left = limit;
  return store.visit(scan.range, (keys, notes, from, to) => {
    let at = from;
    while (at !== to) {
      const ahead = Math.min(left, step * (to - at));
      if (takeAll !== undefined) {
        const batch = copiesAhead(notes, at, step, ahead);
        const { copies, stored } = batch;
        // If they exceed a limit, they are counted one by one below, so that those within it are still passed on.
        if (copies.length > 0 && meter.countReads(stored, copies.length)) {
          documentCopies.add(batch);
          left -= copies.length;
          if (!takeAll(keys, at, step, copies)) return false;
          at += step * copies.length;
          continue;
        }
      }
      const place = { keys, notes, at, step, ahead };
      const stored = storedAt(transaction, table, scan, place);
      if (stored !== undefined) {
        left--;
        meter.countRead(stored);
        const isWanted = wants === undefined || wants(stored.value);
        if (!take(keys[at]!, isWanted ? stored.copy() : undefined)) {
          return false;
        }
      }
      at += step;
    }
    return true;
  });
}

/**
 * The rows of a scan straight from the store, one by one. Where the store cannot do that, or once the transaction has
 * written to the table, it ends and returns the rest of the scan.
 */
export function* storedRows(
  transaction: Transaction,
  table: Table,
  scan: IndexScan,
): Generator<Row, IndexScan | undefined> {
  const { database: { store }, rows, meter } = transaction;
  const rest = { ...scan.range };
  let size = FIRST_ROWS;
  while (true) {
    const limit = Math.min(rest.limit ?? Infinity, size);
    const found: { key: string; stored: StoredDocument | undefined }[] = [];
    const isPlain = rows.isPlain(table.prefix) &&
      store.visit?.({ ...rest, limit }, (keys, notes, from, to) => {
        const step = rest.reverse ? -1 : 1;
        for (let at = from; at !== to; at += step) {
          const ahead = step * (to - at);
          const place = { keys, notes, at, step, ahead };
          const stored = storedAt(transaction, table, scan, place);
          found.push({ key: keys[at]!, stored });
        }
        return true;
      });
    if (!isPlain) return { ...scan, range: rest };
    for (const { key, stored } of found) {
      if (rest.limit !== undefined) rest.limit--;
      if (rest.reverse) rest.end = key;
      else rest.start = key + "\0";
      // The cache may have dropped the document since.
      const document = stored?.value === undefined
        ? committedDocument(transaction, table, key.slice(-table.idLength))
        : stored;
      if (document === undefined) continue;
      meter.countRead(document);
      yield { position: key, document: document.copy() };
      transaction.assertOpen();
      if (!rows.isPlain(table.prefix)) return { ...scan, range: rest };
    }
    if (found.length < limit || rest.limit === 0) return undefined;
    size = Math.min(MOST_ROWS, size * 4);
  }
}

/** A row of a visit, and how many rows from it on are certain to be read. */
interface Place {
  keys: readonly string[];
  notes: unknown[];
  at: number;
  step: number;
  ahead: number;
}

/** The document of a row: from the note at its key, or else looked up and noted there. */
function storedAt(
  transaction: Transaction,
  table: Table,
  { isOfDocuments }: IndexScan,
  place: Place,
): StoredDocument | undefined {
  const { keys, notes, at } = place;
  let noted = notes[at] as StoredDocument | undefined;
  if (!noted?.isKept && isOfDocuments && place.ahead > 1) {
    readAhead(transaction, table, place);
    noted = notes[at] as StoredDocument | undefined;
  }
  if (noted?.isKept) {
    if (!noted.isWanted) noted.isWanted = true;
    return noted;
  }
  const id = keys[at]!.slice(-table.idLength);
  const stored = committedDocument(transaction, table, id);
  if (stored?.isKept) notes[at] = stored;
  return stored;
}

/**
 * Reads adjacent documents together and notes them at their keys: one by one, they would cost several times as much.
 */
function readAhead(
  { database: { store, documents } }: Transaction,
  table: Table,
  { keys, notes, at, step, ahead }: Place,
): void {
  const last = keys[at + step * (Math.min(ahead, MAX_READ_AHEAD) - 1)]!;
  const first = keys[at]!;
  const range = step > 0
    ? { start: first, end: last + "\0" }
    : { start: last, end: first + "\0", reverse: true };
  let place = at;
  try {
    for (const { key, value } of store.scan(range)) {
      const id = key.slice(-table.idLength);
      const stored = documents.find(id) ?? documents.keep(id, value);
      if (stored.isKept) notes[place] = stored;
      place += step;
    }
  } catch {
    // The error is left to the reader that reaches the row, if any does.
  }
}

/**
 * Copies of the noted documents from a place on. In a large set most of a document's cost is a cache miss; when
 * documents are touched, and copied, one right after the other, the misses overlap.
 */
function copiesAhead(
  notes: readonly unknown[],
  at: number,
  step: number,
  rows: number,
): Batch {
  const size = Math.min(rows, MAX_COPIES_AHEAD);
  const stored: StoredDocument[] = [];
  for (let place = at; stored.length < size; place += step) {
    const noted = notes[place] as StoredDocument | undefined;
    if (!noted?.isKept) break;
    stored.push(noted);
  }
  // A loop of its own: the shorter the loop's body, the more misses the processor overlaps.
  const end = stored.findIndex((one) => !one.isThere);
  if (end >= 0) stored.length = end;
  const copies: Document[] = [];
  for (const one of stored) {
    if (!one.isWanted) one.isWanted = true;
    copies.push(one.copy());
  }
  return { copies, stored };
}
