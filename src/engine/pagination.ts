import { EngineError } from "../errors.ts";
import { valueSize } from "../values/size.ts";
import type { Document } from "./fields.ts";
import { passes } from "./filter.ts";
import { indexFields } from "./index_range.ts";
import { planJson, type QueryPlan } from "./query_plan.ts";
import type { RowBounds } from "./query_rows.ts";
import { visitRows } from "./query_run.ts";
import type { Transaction } from "./transaction.ts";

/** Rows on a page from which Convex advises to split it. */
const SPLIT_ROWS = 6144;
/** Share of the read limits from which Convex advises to split a page. */
const SPLIT_SHARE = 0.75;

/** What `paginate` takes. */
export interface PaginationOptions {
  /** Documents wanted. */
  numItems: number;
  /** Where the last page ended; null: from the beginning. */
  cursor: string | null;
  /** Where this page must end, whatever `numItems` says. */
  endCursor?: string | null;
  /** Rows looked at, at most. */
  maximumRowsRead?: number;
  /** Bytes looked at, at most. */
  maximumBytesRead?: number;
}

/** What `paginate` gives. */
export interface PaginationResult {
  /** The documents. */
  page: Document[];
  /** True when nothing follows. */
  isDone: boolean;
  /** Where the next page begins. */
  continueCursor: string;
  /** A cursor in the middle of this page; null when it is too short to split. */
  splitCursor: string | null;
  /** Whether the page should be, or had to be, split. */
  pageStatus: "SplitRecommended" | "SplitRequired" | null;
}

/** Rows beyond the page's size that `convex-test` reads before it recommends a split. */
const MOCK_SPARE_ROWS = 1;

/** A place in a query's order: after a position, or behind the last row. */
type Position = { after: string } | "end";

/** Reads one page of a query. Throws `INVALID_CURSOR`, `INVALID_PAGINATION`, `LIMIT_EXCEEDED`. */
export function runPaginated(
  transaction: Transaction,
  plan: QueryPlan,
  options: PaginationOptions,
): PaginationResult {
  const isMock = transaction.database.compat === "convex-test";
  const { documentsRead } = transaction.database.catalog.limits;
  checkOptions(
    isMock ? { ...options, cursor: options.cursor ?? null } : options,
    documentsRead,
  );
  if (transaction.hasPaginated) {
    throw new EngineError(
      "INVALID_PAGINATION",
      "This query or mutation function ran multiple paginated queries. Convex only supports a single paginated query in each function.",
    );
  }
  transaction.hasPaginated = true;
  const print = fingerprint(transaction, plan);
  const from = options.cursor === null || isMock && !options.cursor
    ? undefined
    : decodeCursor(options.cursor, print);
  const { journal } = transaction;
  const endCursor = options.endCursor ?? journal?.endCursor;
  const to = endCursor === undefined
    ? undefined
    : decodeCursor(endCursor, print);
  const result: PaginationResult = {
    page: [],
    isDone: true,
    continueCursor: "",
    splitCursor: null,
    pageStatus: null,
  };

  if (from === "end") {
    result.continueCursor = encodeCursor("end", print);
    if (journal) journal.endCursor = result.continueCursor;
    return result;
  }
  const bounds: RowBounds = {
    after: from?.after,
    upTo: to === undefined || to === "end" ? undefined : to.after,
  };
  // An end cursor fixes the page's bounds, so that neighbouring pages never overlap and leave no gap.
  const size = to === undefined ? options.numItems : Infinity;
  const read = readPage(transaction, plan, bounds, size, options);
  result.page = read.page;
  if (read.stop !== "exhausted") {
    result.isDone = false;
    result.continueCursor = encodeCursor(
      { after: read.positions.at(-1)! },
      print,
    );
  } else if (to !== undefined && to !== "end") {
    result.isDone = false;
    result.continueCursor = endCursor!;
  } else {
    result.continueCursor = encodeCursor("end", print);
  }
  if (
    isMock && read.stop === "full" &&
    isLast(transaction, plan, { ...bounds, after: read.positions.at(-1) })
  ) {
    result.isDone = true;
    result.continueCursor = encodeCursor("end", print);
  }
  if (journal) journal.endCursor = result.continueCursor;
  const { length } = read.positions;
  result.pageStatus = read.stop === "budget"
    ? "SplitRequired"
    : isMock
    ? length > options.numItems + MOCK_SPARE_ROWS ? "SplitRecommended" : null
    : read.page.length > SPLIT_ROWS ||
        transaction.meter.hasReadOver(SPLIT_SHARE)
    ? "SplitRecommended"
    : null;
  const isCut = isMock ? result.pageStatus !== null : length > 2;
  // A search has no order that could be cut at a cursor by index.
  if (plan.source.type === "index" && isCut) {
    const middle = read.positions[(length - 1) >> 1]!;
    result.splitCursor = encodeCursor({ after: middle }, print);
  }
  return result;
}

/** Whether nothing follows. */
function isLast(
  transaction: Transaction,
  plan: QueryPlan,
  bounds: RowBounds,
): boolean {
  const options = { numItems: 1, cursor: null };
  const unfiltered = { ...plan, operators: [] };
  return readPage(transaction, unfiltered, bounds, 1, options).page.length ===
    0;
}

function readPage(
  transaction: Transaction,
  plan: QueryPlan,
  bounds: RowBounds,
  size: number,
  { maximumRowsRead = Infinity, maximumBytesRead = Infinity }:
    PaginationOptions,
): {
  page: Document[];
  positions: string[];
  stop: "full" | "budget" | "exhausted";
} {
  const page: Document[] = [];
  const positions: string[] = [];
  const filters = plan.operators.filter((operator) => "filter" in operator);
  // A store that gives rows in blocks need not give more than this.
  const isKnown = filters.length === 0 && size < Infinity;
  const expected = isKnown ? Math.ceil(size) : undefined;
  let bytes = 0;
  let stop: "full" | "budget" | "exhausted" = "exhausted";
  const take = (position: string, document: Document) => {
    positions.push(position);
    if (maximumBytesRead !== Infinity) bytes += valueSize(document);
    if (filters.every(({ filter }) => passes(filter, document))) {
      page.push(document);
    }
    if (page.length >= size) stop = "full";
    else if (positions.length >= maximumRowsRead || bytes >= maximumBytesRead) {
      stop = "budget";
    }
    return stop === "exhausted";
  };
  visitRows(transaction, plan, { ...bounds, expected }, take);
  return { page, positions, stop };
}

function checkOptions(options: PaginationOptions, maxItems: number): void {
  const { numItems, cursor, endCursor } = options ?? {};
  if (typeof numItems !== "number" || !(numItems >= 1)) {
    throw new EngineError(
      "INVALID_PAGINATION",
      `\`options.numItems\` must be a positive number. Received \`${numItems}\`.`,
    );
  }
  if (numItems > maxItems) {
    throw new EngineError(
      "LIMIT_EXCEEDED",
      `\`options.numItems\` is ${numItems}, the limit is ${maxItems}`,
    );
  }
  for (const [name, value] of Object.entries({ cursor, endCursor })) {
    if (value === null || typeof value === "string") continue;
    if (name === "endCursor" && value === undefined) continue;
    throw new EngineError(
      "INVALID_PAGINATION",
      `\`options.${name}\` must be a string or null, got ${typeof value}`,
    );
  }
}

/** Tells queries apart: a cursor of one must not move another. 53 bits of a hash of the plan and the index's fields. */
function fingerprint(transaction: Transaction, plan: QueryPlan): string {
  const table = transaction.database.catalog.find(plan.tableName);
  const fields = table && plan.source.type === "index"
    ? indexFields(table, plan.source.indexName)
    : undefined;
  // `convex-test` follows any cursor; of another range of the same index it can be done.
  const shown = transaction.database.compat === "convex"
    ? planJson(plan)
    : { ...plan, source: plan.source.indexName, operators: [] };
  const text = JSON.stringify([shown, fields ?? null]);
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ high >>> 16, 2246822507) ^
    Math.imul(low ^ low >>> 13, 3266489909);
  low = Math.imul(low ^ low >>> 16, 2246822507) ^
    Math.imul(high ^ high >>> 13, 3266489909);
  return ((high & 0x1fffff) * 2 ** 32 + (low >>> 0)).toString(36);
}

/** A cursor is opaque to its user: base64 of the fingerprint and of the position, whose characters are bytes. */
function encodeCursor(position: Position, print: string): string {
  return btoa(position === "end" ? `${print}.E` : `${print}.A${position.after}`)
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decodeCursor(cursor: string, print: string): Position {
  let text: string;
  try {
    text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    throw invalidCursor(cursor, "it was not made by paginate");
  }
  const dot = text.indexOf(".");
  const kind = text[dot + 1];
  if (dot < 0 || (kind !== "E" && kind !== "A")) {
    throw invalidCursor(cursor, "it was not made by paginate");
  }
  if (text.slice(0, dot) !== print) {
    throw invalidCursor(
      cursor,
      "it comes from another query, or from the same with other arguments",
    );
  }
  return kind === "E" ? "end" : { after: text.slice(dot + 2) };
}

function invalidCursor(cursor: string, reason: string): EngineError {
  return new EngineError(
    "INVALID_CURSOR",
    `InvalidCursor: cannot continue from cursor ${
      JSON.stringify(cursor.slice(0, 80))
    }: ${reason}`,
  );
}
