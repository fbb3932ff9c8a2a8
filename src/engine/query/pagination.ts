import { EngineError } from "../../errors.ts";
import { valueSize } from "../../values/size.ts";
import type { Document } from "../documents/fields.ts";
import { passes } from "./filter.ts";
import { mockCursors } from "./mock_cursor.ts";
import { ownCursors, type Position } from "./page_cursor.ts";
import type { QueryPlan } from "./query_plan.ts";
import type { RowBounds } from "./query_rows.ts";
import { visitRows } from "./query_run.ts";
import type { RowVisitor } from "./stored_rows.ts";
import type { Transaction } from "../transaction/transaction.ts";

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

/** What was read for a page: its documents, the places of all rows looked at, and why no more were. */
interface PageRead {
  page: Document[];
  positions: string[];
  stop: "full" | "budget" | "exhausted";
}

/** Rows beyond the page's size that `convex-test` reads before it recommends a split. */
const MOCK_SPARE_ROWS = 1;

/** Reads one page of a query. Throws `INVALID_CURSOR`, `INVALID_PAGINATION`, `LIMIT_EXCEEDED`. */
export function runPaginated(
  transaction: Transaction,
  plan: QueryPlan,
  options: PaginationOptions,
): PaginationResult {
  const { catalog, compat } = transaction.database;
  const isMock = compat === "convex-test";
  const { numItems, cursor } = isMock ? mockOptions(options) : options;
  const { documentsRead } = catalog.limits;
  checkOptions(
    isMock ? { ...options, numItems, cursor } : options,
    isMock ? Infinity : documentsRead,
  );
  transaction.query?.claimPage();
  const table = catalog.find(plan.tableName);
  const cursors = isMock
    ? mockCursors(transaction, plan, table)
    : ownCursors(plan, table);
  const from = cursor === null ? undefined : cursors.decode(cursor);
  const { journal } = transaction;
  const endCursor = options.endCursor ?? journal?.endCursor;
  const to = endCursor === undefined ? undefined : cursors.decode(endCursor);
  const upTo = to === undefined || to === "end" ? undefined : to.after;
  // An end cursor fixes the page's bounds, so that neighbouring pages never overlap and leave no gap.
  const size = to === undefined ? numItems : Infinity;
  const read: PageRead = from === "end"
    ? { page: [], positions: [], stop: "exhausted" }
    : readPage(transaction, plan, { after: from?.after, upTo }, size, options);
  const after = read.positions.at(-1);
  const goesOn = read.stop === "budget" || read.stop === "full" &&
      !(isMock && isLast(transaction, plan, { after, upTo }));
  // There, whose end is gone goes on to the end of all.
  const isCut = to !== undefined && !(isMock && after !== upTo);
  const end: Position = goesOn
    ? { after: after! }
    : from !== "end" && isCut
    ? to
    : "end";
  const continueCursor = cursors.encode(end);
  if (journal) journal.endCursor = continueCursor;
  const pageStatus = from === "end"
    ? null
    : statusOf(transaction, read, numItems);
  const { length } = read.positions;
  // A search has no order that could be cut at a cursor by index.
  const isSplit = isMock
    ? pageStatus !== null && length > 1
    : plan.source.type === "index" && length > 2;
  const middle = read.positions[(length - 1) >> 1]!;
  // In the order in which functions hand fields on, or most that return it would have them sorted.
  return {
    continueCursor,
    isDone: end === "end",
    page: read.page,
    pageStatus,
    splitCursor: isSplit ? cursors.encode({ after: middle }) : null,
  };
}

/** As `convex-test` reads the options: a page has a document at least, and what is no cursor begins. */
function mockOptions(
  { numItems, cursor }: PaginationOptions,
): Pick<PaginationOptions, "numItems" | "cursor"> {
  const isLeast = Number.isNaN(numItems) || numItems === Infinity ||
    numItems >= 0 && numItems < 1;
  return { numItems: isLeast ? 1 : numItems, cursor: cursor || null };
}

function statusOf(
  { database, meter }: Transaction,
  { page, positions, stop }: PageRead,
  numItems: number,
): PaginationResult["pageStatus"] {
  if (stop === "budget") return "SplitRequired";
  const isLong = database.compat === "convex-test"
    ? positions.length > numItems + MOCK_SPARE_ROWS
    : page.length > SPLIT_ROWS || meter.hasReadOver(SPLIT_SHARE);
  return isLong ? "SplitRecommended" : null;
}

/** Whether nothing follows. */
function isLast(
  transaction: Transaction,
  plan: QueryPlan,
  bounds: RowBounds,
): boolean {
  const unfiltered = { ...plan, operators: [] };
  let isLast = true;
  const take = () => isLast = false;
  transaction.meter.uncounted(
    "reads",
    () => visitRows(transaction, unfiltered, bounds, { take }),
  );
  return isLast;
}

function readPage(
  transaction: Transaction,
  plan: QueryPlan,
  bounds: RowBounds,
  size: number,
  { maximumRowsRead = Infinity, maximumBytesRead = Infinity }:
    PaginationOptions,
): PageRead {
  const page: Document[] = [];
  const positions: string[] = [];
  const filters = plan.operators.filter((operator) => "filter" in operator);
  // A store that gives rows in blocks need not give more than this.
  const isKnown = filters.length === 0 && size < Infinity;
  const expected = isKnown ? Math.ceil(size) : undefined;
  const hasFilter = filters.length > 0;
  let bytes = 0;
  let stop: PageRead["stop"] = "exhausted";
  // There a page had to end though it is full, but not where it should.
  const isMock = transaction.database.compat === "convex-test";
  const measure = (document: Document) => {
    if (maximumBytesRead !== Infinity) bytes += valueSize(document);
    return filters.every(({ filter }) => passes(filter, document));
  };
  const visitor: RowVisitor = {
    wants: hasFilter || maximumBytesRead !== Infinity ? measure : undefined,
    take: (position, document) => {
      positions.push(position);
      if (document !== undefined) page.push(document);
      const isFull = page.length >= size;
      const isSpent = positions.length >= maximumRowsRead ||
        bytes >= maximumBytesRead;
      if (isMock ? isSpent && position !== bounds.upTo : isSpent && !isFull) {
        stop = "budget";
      } else if (isFull) stop = "full";
      return stop === "exhausted";
    },
  };
  const visit = () =>
    visitRows(transaction, plan, { ...bounds, expected }, visitor);
  if (isMock && (hasFilter || plan.source.type === "search")) {
    const { meter } = transaction;
    meter.uncounted("documents", visit);
    for (const document of page) meter.countGiven(document);
  } else visit();
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
  checkCursor("cursor", cursor);
  if (endCursor !== undefined) checkCursor("endCursor", endCursor);
}

function checkCursor(name: string, cursor: unknown): void {
  if (cursor === null || typeof cursor === "string") return;
  throw new EngineError(
    "INVALID_PAGINATION",
    `\`options.${name}\` must be a string or null, got ${typeof cursor}`,
  );
}
