import { EngineError } from "../errors.ts";
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

/** Rows of a query's source, before its filters and limits. */
export function sourceRows(
  transaction: Transaction,
  plan: QueryPlan,
  bounds: RowBounds = {},
): IterableIterator<Row> {
  transaction.assertOpen();
  const table = transaction.database.catalog.find(plan.tableName);
  if (plan.source.type === "search") {
    return searchRows(transaction, table, plan, bounds, wantedRows(plan));
  }
  if (!table) {
    const { indexName } = plan.source;
    if (indexName === "by_creation_time" || indexName === "by_id") {
      return ([] as Row[]).values();
    }
    throw new EngineError(
      "INDEX_NOT_FOUND",
      `Index ${plan.tableName}.${indexName} not found.`,
    );
  }
  return indexRows(transaction, table, plan, plan.source, bounds);
}

function* indexRows(
  transaction: Transaction,
  table: Table,
  plan: QueryPlan,
  source: Extract<QueryPlan["source"], { type: "index" }>,
  { after, upTo }: RowBounds,
): IterableIterator<Row> {
  transaction.meter.countRange();
  const range = keyRange(table, source.indexName, source.terms);
  if (!range) return;
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
  if (end !== undefined && start >= end) return;
  // In the index by id and by creation time the rows are the documents.
  const holdsDocuments = !table.indexes.has(source.indexName);
  const limit = wantedRows(plan);
  if (limit === 0) return;
  for (
    const { key, value } of transaction.rows.scan({
      start,
      end,
      reverse,
      limit,
    })
  ) {
    transaction.assertOpen();
    const document = holdsDocuments
      ? decodeDocument(transaction, key, value)
      : readDocument(transaction, table.prefix + key.slice(-table.idLength));
    if (document) yield { position: key, document };
  }
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
