import type { Table } from "../schema/catalog.ts";
import { decodeDocument, readDocument } from "../documents/documents.ts";
import type { Document } from "../rows/fields.ts";
import { indexFields } from "../plan/index_fields.ts";
import { type KeyRange, keyRange } from "../plan/index_range.ts";
import { noIndex } from "../plan/no_index.ts";
import { QueryOperators } from "./query_operators.ts";
import type { QueryPlan } from "../plan/query_plan.ts";
import type { Row, RowBounds } from "../plan/query_rows.ts";
import {
  type IndexScan,
  type RowVisitor,
  storedRows,
  visitStored,
} from "./stored_rows.ts";
import { searchRows } from "./text_search.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** The whole table, in the order of creation. */
const WHOLE_TABLE: QueryPlan["source"] = {
  type: "index",
  indexName: "by_creation_time",
  terms: [],
};

/** Documents of a query in its order, lazily. */
export function* runQuery(
  transaction: Transaction,
  plan: QueryPlan,
): IterableIterator<Document> {
  const operators = new QueryOperators(plan.operators);
  const rows = sourceRows(transaction, plan);
  if (operators.isOver) return;
  const { pick } = transaction.database.behaviour;
  if (pick) {
    yield* pick(transaction.meter, plan, rows);
    return;
  }
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
  const hasFilter = plan.operators.some((operator) => "filter" in operator);
  const isPicked = transaction.database.behaviour.pick !== undefined &&
    (hasFilter || plan.source.type === "search");
  if (operators.isOver || isPicked) {
    return Array.from(runQuery(transaction, plan));
  }
  visitRows(transaction, plan, undefined, {
    wants: hasFilter ? (document) => operators.takes(document) : undefined,
    take: (_, document) => {
      if (document !== undefined) {
        documents.push(document);
        if (!hasFilter) operators.takes(document);
      }
      return !operators.isOver;
    },
    // Without a filter, the range is cut to the limits already.
    takeAll: hasFilter ? undefined : (_keys, _at, _step, all) => {
      documents.push(...all);
      return true;
    },
  });
  return documents;
}

/** Number of documents in a table. It reads none of them, so only the range counts towards the limits. */
export function countDocuments(
  transaction: Transaction,
  tableName: string,
): number {
  const plan = { tableName, source: WHOLE_TABLE, order: null, operators: [] };
  const table = transaction.database.catalog.find(tableName);
  const scan = table && scanOf(transaction, table, plan, {});
  let count = 0;
  if (scan && !transaction.rows.hasWritten(table.prefix)) {
    const { store } = transaction.database;
    // Takes a hundredth of the time of a scan where the store has the keys in memory.
    const isVisited = store.visit?.(scan.range, (_keys, _notes, from, to) => {
      count += to - from;
      return true;
    });
    if (isVisited) {
      transaction.rows.noteWhole(table.prefix);
      return count;
    }
  }
  const rows = scan
    ? transaction.rows.scan(scan.range)
    : sourceRows(transaction, plan);
  while (!rows.next().done) count++;
  return count;
}

/** Passes the rows that `sourceRows` yields to a visitor: cheaper, for readers that take them all at once. */
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
    if (!scan || visitStored(transaction, table, scan, visitor)) return;
    visitEach(readScan(transaction, table, scan), visitor);
  } else visitEach(sourceRows(transaction, plan, bounds), visitor);
}

function visitEach(rows: Iterable<Row>, { wants, take }: RowVisitor): void {
  for (const { position, document } of rows) {
    const isWanted = wants === undefined || wants(document);
    if (!take(position, isWanted ? document : undefined)) return;
  }
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
    const { behaviour: { matchText }, catalog } = transaction.database;
    if (matchText) {
      // Limits and pages count matches, so the scan itself must not be limited.
      const whole = { ...plan, source: WHOLE_TABLE, operators: [] };
      return matchText(
        source,
        sourceRows(transaction, whole, { ...bounds, expected: undefined }),
        catalog.limits.searchCandidates,
      );
    }
    return searchRows(transaction, table, plan, bounds, wantedRows(plan));
  }
  if (!table) {
    transaction.meter.countRange();
    transaction.rows.noteMissingTable();
    const { indexName } = plan.source;
    if (indexName === "by_creation_time" || indexName === "by_id") {
      return ([] as Row[]).values();
    }
    throw noIndex(undefined, plan.tableName, indexName);
  }
  const scan = scanOf(transaction, table, plan, bounds ?? {});
  return scan ? scanRows(transaction, table, scan) : ([] as Row[]).values();
}

/** The part of an index that a plan reads; undefined if it is empty. Counts it as a range read. */
function scanOf(
  transaction: Transaction,
  table: Table,
  plan: QueryPlan,
  bounds: RowBounds,
): IndexScan | undefined {
  if (plan.source.type !== "index") return undefined;
  const { indexName, terms } = plan.source;
  transaction.meter.countRange();
  const { ids, behaviour: { rangeProblem } } = transaction.database;
  if (rangeProblem) {
    const fields = indexFields(table, indexName);
    const problem = fields && rangeProblem(fields, terms);
    if (problem) throw new Error(problem);
  }
  const range = keyRange(ids, table, indexName, terms);
  const limit = wantedRows(plan) ?? bounds.expected;
  if (!range || limit === 0) return undefined;
  const reverse = plan.order === "desc";
  const rest = restOfRange(range, reverse, bounds);
  return rest && {
    range: { ...rest, reverse, limit },
    isOfDocuments: !table.indexes.has(indexName),
  };
}

/** The part of a range between two cursors; undefined if nothing is left. */
function restOfRange(
  range: KeyRange,
  reverse: boolean,
  { after, upTo }: RowBounds,
): KeyRange | undefined {
  if (after === undefined && upTo === undefined) return range;
  let { start, end } = range;
  // Clamped to the range: a client may have forged a cursor by putting another position behind its fingerprint.
  if (after !== undefined) {
    if (!reverse) start = after < start ? start : after + "\0";
    else if (end === undefined || after < end) end = after;
  }
  if (upTo !== undefined) {
    if (!reverse) end = end === undefined || upTo < end ? upTo + "\0" : end;
    else if (upTo > start) start = upTo;
  }
  return end !== undefined && start >= end ? undefined : { start, end };
}

/** Rows of a part of an index, as the transaction sees them, lazily. */
function* scanRows(
  transaction: Transaction,
  table: Table,
  scan: IndexScan,
): IterableIterator<Row> {
  const rest = yield* storedRows(transaction, table, scan);
  if (rest) yield* readScan(transaction, table, rest);
}

/** Like `scanRows`, but looks for writes of the transaction before each row. */
function readScan(
  transaction: Transaction,
  table: Table,
  { range, isOfDocuments }: IndexScan,
): IterableIterator<Row> {
  const entries = transaction.rows.scan(range);
  const { idLength } = table;
  let isOver = false;
  // Not a generator, which would cost as much as reading a row.
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

/** The most rows that a plan needs, if known beforehand. */
function wantedRows(plan: QueryPlan): number | undefined {
  let wanted: number | undefined;
  for (const operator of plan.operators) {
    if ("filter" in operator) break;
    wanted = Math.min(wanted ?? Infinity, operator.limit);
  }
  return wanted;
}
