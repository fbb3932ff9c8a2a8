import type { StoreRange } from "../../store/types.ts";
import type { Table } from "../schema/catalog.ts";
import type { StoredDocument } from "../documents/document_cache.ts";
import {
  committedDocument,
  decodeDocument,
  readDocument,
} from "../documents/documents.ts";
import type { Document } from "../documents/fields.ts";
import type { Batch } from "../documents/handed_out.ts";
import { indexFields, keyRange } from "./index_range.ts";
import { mockRangeProblem } from "./mock_range.ts";
import { plainMatches, WHOLE_TABLE } from "./mock_search.ts";
import { noIndex } from "./no_index.ts";
import { QueryOperators } from "./query_operators.ts";
import type { QueryPlan } from "./query_plan.ts";
import type { Row, RowBounds } from "./query_rows.ts";
import { searchRows } from "../search/text_search.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Documents of a query in its order, lazily. */
export function* runQuery(
  transaction: Transaction,
  plan: QueryPlan,
): IterableIterator<Document> {
  const operators = new QueryOperators(plan.operators);
  const rows = sourceRows(transaction, plan);
  if (operators.isOver) return;
  for (const { document } of rows) {
    if (operators.takes(document)) yield document;
    if (operators.isOver) return;
  }
}

/** All documents of a query in its order. */
export function collectQuery(
  transaction: Transaction,
  plan: QueryPlan,
): Document[] {
  const documents: Document[] = [];
  const operators = new QueryOperators(plan.operators);
  if (operators.isOver) return Array.from(runQuery(transaction, plan));
  const hasFilter = plan.operators.some((operator) => "filter" in operator);
  visitRows(transaction, plan, undefined, {
    wants: hasFilter ? (document) => operators.takes(document) : undefined,
    take: (_, document) => {
      if (document !== undefined) {
        documents.push(document);
        if (!hasFilter) operators.takes(document);
      }
      return !operators.isOver;
    },
  });
  return documents;
}

/** Who gets the rows of a query's source, before its filters and limits. */
export interface RowVisitor {
  /** Whether the document of a row is wanted; those that are not need no copy. It must not be changed. Absent: all are. */
  wants?: ((document: Document) => boolean) | undefined;
  /** Gets each row, with its document if that is wanted; false: that is enough. */
  take(position: string, document: Document | undefined): boolean;
}

/** Hands rows over. Does what `sourceRows` does for whoever takes them all at once, at less cost. */
export function visitRows(
  transaction: Transaction,
  plan: QueryPlan,
  bounds: RowBounds | undefined,
  visitor: RowVisitor,
): void {
  transaction.assertOpen();
  const table = transaction.database.catalog.find(plan.tableName);
  if (table && plan.source.type === "index") {
    const scan = scanOf(transaction, table, plan, bounds ?? {});
    if (!scan || visitStored(transaction, table, scan, bounds, visitor)) return;
    scan.range.limit ??= bounds?.expected;
    visitEach(readScan(transaction, table, scan), visitor);
  } else visitEach(sourceRows(transaction, plan, bounds), visitor);
}

function visitEach(rows: Iterable<Row>, { wants, take }: RowVisitor): void {
  for (const { position, document } of rows) {
    const isWanted = wants === undefined || wants(document);
    if (!take(position, isWanted ? document : undefined)) return;
  }
}

/** Hands the rows of a scan over as the store has them; false, having done nothing, where that cannot be. */
function visitStored(
  transaction: Transaction,
  table: Table,
  { range }: IndexScan,
  bounds: RowBounds | undefined,
  { wants, take }: RowVisitor,
): boolean {
  const { store } = transaction.database;
  const { rows, meter, handedOut } = transaction;
  if (!store.visit || !rows.isPlain(table.prefix)) return false;
  const { reverse, limit = bounds?.expected ?? Infinity } = range;
  const step = reverse ? -1 : 1;
  let left = limit;
  return store.visit(range, (keys, notes, from, to) => {
    let at = from;
    while (at !== to) {
      if (wants === undefined) {
        const ahead = Math.min(left, step * (to - at), MAX_COPIES_AHEAD);
        const batch = copiesAhead(notes, at, step, ahead);
        const { copies, stored } = batch;
        handedOut.add(batch);
        left -= copies.length;
        for (let given = 0; given < copies.length; given++, at += step) {
          meter.countRead(stored[given]!);
          if (!take(keys[at]!, copies[given])) return false;
        }
        if (at === to || copies.length === ahead) continue;
      }
      const stored = storedAt(transaction, table, keys[at]!, notes, at);
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

/** The document of a row, by its note; leaves one where there is none. */
function storedAt(
  transaction: Transaction,
  table: Table,
  key: string,
  notes: unknown[],
  at: number,
): StoredDocument | undefined {
  const noted = notes[at] as StoredDocument | undefined;
  if (noted?.isKept) {
    if (!noted.isWanted) noted.isWanted = true;
    return noted;
  }
  const stored = committedDocument(
    transaction,
    table,
    key.slice(-table.idLength),
  );
  if (stored?.isKept) notes[at] = stored;
  return stored;
}

/** Documents copied together: a processor waits for about so many at once. */
const MAX_COPIES_AHEAD = 24;

/**
 * Copies of the documents of a place and of those that follow, as far as they are noted. In a large set each document
 * lies somewhere else in memory, and to wait for it is most of what it costs: those that are looked at, and copied, with
 * nothing done in between are waited for together.
 */
function copiesAhead(
  notes: readonly unknown[],
  at: number,
  step: number,
  rows: number,
): Batch {
  const stored: StoredDocument[] = [];
  for (let place = at; stored.length < rows; place += step) {
    const noted = notes[place] as StoredDocument | undefined;
    if (!noted?.isKept || !noted.isThere) break;
    stored.push(noted);
  }
  const copies: Document[] = [];
  for (const one of stored) {
    if (!one.isWanted) one.isWanted = true;
    copies.push(one.copy());
  }
  return { copies, stored };
}

/** Rows of a query's source, before its filters and limits. Without bounds, rows of a search have no position. */
function sourceRows(
  transaction: Transaction,
  plan: QueryPlan,
  bounds?: RowBounds,
): IterableIterator<Row> {
  transaction.assertOpen();
  const table = transaction.database.catalog.find(plan.tableName);
  if (plan.source.type === "search") {
    const { source } = plan;
    const isPlain = transaction.database.compat === "convex-test";
    if (isPlain && table?.searchIndexes.has(source.indexName)) {
      const whole = { ...plan, source: WHOLE_TABLE };
      return plainMatches(source, sourceRows(transaction, whole, bounds));
    }
    return searchRows(transaction, table, plan, bounds, wantedRows(plan));
  }
  if (!table) {
    transaction.rows.noteMissingTable();
    const { indexName } = plan.source;
    if (indexName === "by_creation_time" || indexName === "by_id") {
      return ([] as Row[]).values();
    }
    throw noIndex(undefined, plan.tableName, indexName);
  }
  const scan = scanOf(transaction, table, plan, bounds ?? {});
  return scan ? readScan(transaction, table, scan) : ([] as Row[]).values();
}

/** Part of an index. */
interface IndexScan {
  range: StoreRange;
  /** Whether its rows are the documents: in the index by id and by creation time. */
  isOfDocuments: boolean;
}

/** The part of an index that a plan reads, counting it; undefined when it is empty. */
function scanOf(
  transaction: Transaction,
  table: Table,
  plan: QueryPlan,
  { after, upTo }: RowBounds,
): IndexScan | undefined {
  if (plan.source.type !== "index") return undefined;
  const { indexName, terms } = plan.source;
  transaction.meter.countRange();
  const { ids, compat } = transaction.database;
  if (compat === "convex-test") {
    const fields = indexFields(table, indexName);
    const problem = fields && mockRangeProblem(fields, terms);
    if (problem) throw new Error(problem);
  }
  const range = keyRange(ids, table, indexName, terms);
  if (!range) return undefined;
  let { start, end } = range;
  const reverse = plan.order === "desc";
  // Within the range: a cursor may be followed that was made for another one, see `fingerprint`.
  if (after !== undefined) {
    if (!reverse) start = after < start ? start : after + "\0";
    else if (end === undefined || after < end) end = after;
  }
  if (upTo !== undefined) {
    if (reverse) start = upTo;
    else end = upTo + "\0";
  }
  if (end !== undefined && start >= end) return undefined;
  const limit = wantedRows(plan);
  if (limit === 0) return undefined;
  return {
    range: { start, end, reverse, limit },
    isOfDocuments: !table.indexes.has(indexName),
  };
}

/** Documents of a part of an index, as the transaction sees them, lazily. */
function readScan(
  transaction: Transaction,
  table: Table,
  { range, isOfDocuments }: IndexScan,
): IterableIterator<Row> {
  const entries = transaction.rows.scan(range);
  const { idLength } = table;
  let isOver = false;
  // Written out: a generator would cost as much as a row.
  return {
    next(): IteratorResult<Row> {
      while (!isOver) {
        transaction.assertOpen();
        const { done, value: entry } = entries.next();
        if (done) break;
        const { key: position, value } = entry;
        const id = position.slice(-idLength);
        const document = isOfDocuments
          ? decodeDocument(transaction, table, id, value)
          : readDocument(transaction, table, id);
        if (document) return { done: false, value: { position, document } };
      }
      return { done: true, value: undefined };
    },
    return() {
      isOver = true;
      return { done: true, value: undefined };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

/** Rows that a plan needs at most, when that is known beforehand. */
function wantedRows(plan: QueryPlan): number | undefined {
  let wanted: number | undefined;
  for (const operator of plan.operators) {
    if ("filter" in operator) break;
    wanted = Math.min(wanted ?? Infinity, operator.limit);
  }
  return wanted;
}
