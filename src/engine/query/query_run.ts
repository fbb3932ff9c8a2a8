import type { StoreRange } from "../../store/types.ts";
import type { Table } from "../schema/catalog.ts";
import type { StoredDocument } from "../documents/document_cache.ts";
import {
  committedDocument,
  decodeDocument,
  readDocument,
} from "../documents/documents.ts";
import type { Document } from "../documents/fields.ts";
import { passes } from "./filter.ts";
import { indexFields, keyRange } from "./index_range.ts";
import { mockRangeProblem } from "./mock_range.ts";
import { plainMatches, WHOLE_TABLE } from "./mock_search.ts";
import { noIndex } from "./no_index.ts";
import type { QueryPlan } from "./query_plan.ts";
import type { Row, RowBounds } from "./query_rows.ts";
import { searchRows } from "../search/text_search.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Documents of a query in its order, lazily. */
export function* runQuery(
  transaction: Transaction,
  plan: QueryPlan,
): IterableIterator<Document> {
  yield* applyOperators(plan, documentsOf(sourceRows(transaction, plan)));
}

/** All documents of a query in its order. */
export function collectQuery(
  transaction: Transaction,
  plan: QueryPlan,
): Document[] {
  const isPlain = plan.operators.every((operator) => "limit" in operator);
  if (!isPlain) return Array.from(runQuery(transaction, plan));
  const documents: Document[] = [];
  const limit = wantedRows(plan) ?? Infinity;
  if (limit === 0) return Array.from(runQuery(transaction, plan));
  visitRows(transaction, plan, undefined, (_, document) => {
    documents.push(document);
    return documents.length < limit;
  });
  return documents;
}

/**
 * Hands the rows of a query's source to `take`, before its filters and limits, until that gives false. Does what
 * `sourceRows` does for whoever takes them all at once, at less cost.
 */
export function visitRows(
  transaction: Transaction,
  plan: QueryPlan,
  bounds: RowBounds | undefined,
  take: (position: string, document: Document) => boolean,
): void {
  transaction.assertOpen();
  const { store, catalog } = transaction.database;
  const table = catalog.find(plan.tableName);
  if (table && plan.source.type === "index") {
    const scan = scanOf(transaction, table, plan, bounds ?? {});
    if (!scan) return;
    const { rows, meter } = transaction;
    const { reverse, limit = bounds?.expected ?? Infinity } = scan.range;
    let left = limit;
    let copies: Document[] = [];
    let given = 0;
    const isDone = store.visit && rows.isPlain(table.prefix) &&
      store.visit(scan.range, (key, notes, at, ahead) => {
        if (given === copies.length) {
          copies = copiesAhead(notes, at, reverse, Math.min(left, ahead + 1));
          given = 0;
        }
        left--;
        const stored = given < copies.length
          ? notes[at] as StoredDocument
          : committedDocument(transaction, table, key.slice(-table.idLength));
        if (stored === undefined) return true;
        meter.countRead(stored);
        if (given < copies.length) return take(key, copies[given++]!);
        if (stored.isKept) notes[at] = stored;
        return take(key, stored.copy());
      });
    if (isDone) return;
    scan.range.limit ??= bounds?.expected;
    const entries = readScan(transaction, table, scan);
    for (const { position, document } of entries) {
      if (!take(position, document)) return;
    }
    return;
  }
  for (const row of sourceRows(transaction, plan, bounds)) {
    if (!take(row.position, row.document)) return;
  }
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
  reverse: boolean | undefined,
  rows: number,
): Document[] {
  const step = reverse ? -1 : 1;
  const end = at + step * Math.max(1, Math.min(rows, MAX_COPIES_AHEAD));
  let to = at;
  while (to !== end) {
    const stored = notes[to] as StoredDocument | undefined;
    if (!stored?.isKept || !stored.isThere) break;
    to += step;
  }
  const copies: Document[] = [];
  for (let place = at; place !== to; place += step) {
    const stored = notes[place] as StoredDocument;
    if (!stored.isWanted) stored.isWanted = true;
    copies.push(stored.copy());
  }
  return copies;
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

function* documentsOf(rows: Iterable<Row>): IterableIterator<Document> {
  for (const { document } of rows) yield document;
}

function applyOperators(
  plan: QueryPlan,
  documents: IterableIterator<Document>,
): IterableIterator<Document> {
  for (const operator of plan.operators) {
    documents = "filter" in operator
      ? filtered(documents, (document) => passes(operator.filter, document))
      : limited(documents, operator.limit);
  }
  return documents;
}

function* filtered(
  documents: Iterable<Document>,
  test: (document: Document) => boolean,
): IterableIterator<Document> {
  for (const document of documents) if (test(document)) yield document;
}

function* limited(
  documents: Iterable<Document>,
  limit: number,
): IterableIterator<Document> {
  if (limit <= 0) return;
  let left = limit;
  for (const document of documents) {
    yield document;
    // Ends before the next row is read: reading it would count.
    if (--left === 0) return;
  }
}
