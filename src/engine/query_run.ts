import { EngineError } from "../errors.ts";
import type { StoreEntry } from "../store/types.ts";
import type { Table } from "./catalog.ts";
import { decodeDocument, readDocument } from "./documents.ts";
import type { Document } from "./fields.ts";
import { passes } from "./filter.ts";
import { keyRange } from "./index_range.ts";
import type { QueryPlan } from "./query_plan.ts";
import type { Row, RowBounds } from "./query_rows.ts";
import { searchRows } from "./text_search.ts";
import type { Transaction } from "./transaction.ts";

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
  const isPlain = plan.source.type === "index" &&
    plan.operators.every((operator) => "limit" in operator);
  if (!isPlain) return Array.from(runQuery(transaction, plan));
  transaction.assertOpen();
  const table = transaction.database.catalog.find(plan.tableName);
  if (!table) return Array.from(runQuery(transaction, plan));
  // The usual case, a few rows of an index, needs no generators.
  const documents: Document[] = [];
  const limit = wantedRows(plan) ?? Infinity;
  const scan = openScan(transaction, table, plan, {});
  while (scan && documents.length < limit) {
    const { done, value } = scan.entries.next();
    if (done) break;
    const document = scan.read(value);
    if (document) documents.push(document);
  }
  return documents;
}

/** Rows of a query's source, before its filters and limits. Without bounds, rows of a search have no position. */
export function sourceRows(
  transaction: Transaction,
  plan: QueryPlan,
  bounds?: RowBounds,
): IterableIterator<Row> {
  transaction.assertOpen();
  const table = transaction.database.catalog.find(plan.tableName);
  if (plan.source.type === "search") {
    return searchRows(transaction, table, plan, bounds, wantedRows(plan));
  }
  if (!table) {
    transaction.rows.noteMissingTable();
    const { indexName } = plan.source;
    if (indexName === "by_creation_time" || indexName === "by_id") {
      return ([] as Row[]).values();
    }
    throw new EngineError(
      "INDEX_NOT_FOUND",
      `Index ${plan.tableName}.${indexName} not found.`,
    );
  }
  return indexRows(transaction, table, plan, bounds ?? {});
}

function indexRows(
  transaction: Transaction,
  table: Table,
  plan: QueryPlan,
  bounds: RowBounds,
): IterableIterator<Row> {
  const scan = openScan(transaction, table, plan, bounds);
  if (!scan) return ([] as Row[]).values();
  const { entries, read } = scan;
  let isOver = false;
  // Written out: a generator would cost as much as a row.
  return {
    next(): IteratorResult<Row> {
      while (!isOver) {
        transaction.assertOpen();
        const { done, value: entry } = entries.next();
        if (done) break;
        const document = read(entry);
        if (document) {
          return { done: false, value: { position: entry.key, document } };
        }
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

/** Begins to read the index that a plan names; undefined when its range is empty. */
function openScan(
  transaction: Transaction,
  table: Table,
  plan: QueryPlan,
  { after, upTo }: RowBounds,
): {
  entries: IterableIterator<StoreEntry>;
  read(entry: StoreEntry): Document | undefined;
} | undefined {
  if (plan.source.type !== "index") return undefined;
  const { indexName, terms } = plan.source;
  transaction.meter.countRange();
  const range = keyRange(table, indexName, terms);
  if (!range) return undefined;
  let { start, end } = range;
  const reverse = plan.order === "desc";
  if (after !== undefined) {
    if (reverse) end = after;
    else start = after + "\0";
  }
  if (upTo !== undefined) {
    if (reverse) start = upTo;
    else end = upTo + "\0";
  }
  if (end !== undefined && start >= end) return undefined;
  const limit = wantedRows(plan);
  if (limit === 0) return undefined;
  return {
    entries: transaction.rows.scan({ start, end, reverse, limit }),
    // In the index by id and by creation time the rows are the documents.
    read: table.indexes.has(indexName)
      ? ({ key }) =>
        readDocument(transaction, table.prefix + key.slice(-table.idLength))
      : ({ key, value }) => decodeDocument(transaction, key, value),
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
