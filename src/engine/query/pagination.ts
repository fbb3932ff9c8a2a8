import { EngineError } from "../../errors.ts";
import { valueSize } from "../../values/size.ts";
import { readDocument } from "../documents/documents.ts";
import type { Document } from "../rows/fields.ts";
import { isReadLimit } from "../limits/limit_check.ts";
import { passes } from "../plan/filter.ts";
import type { Position } from "../plan/page_cursor.ts";
import type { PageRead, PaginationOptions } from "../plan/page_rules.ts";
import type { QueryPlan } from "../plan/query_plan.ts";
import type { RowBounds } from "../plan/query_rows.ts";
import { visitRows } from "./query_run.ts";
import type { RowVisitor } from "./stored_rows.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Result of `paginate`. */
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

/** Reads one page of a query. Throws `INVALID_CURSOR`, `INVALID_PAGINATION`, `LIMIT_EXCEEDED`. */
export function runPaginated(
  transaction: Transaction,
  plan: QueryPlan,
  given: PaginationOptions,
): PaginationResult {
  const { database, journal } = transaction;
  const { catalog, behaviour: { pages: rules } } = database;
  const options = given && rules.options(given);
  checkOptions(options, rules.maxItems(catalog.limits));
  const { numItems, cursor } = options;
  const endCursor = options.endCursor ?? journal?.endCursor;
  transaction.claimPage();
  const table = catalog.find(plan.tableName);
  const cursors = rules.cursors(
    plan,
    table,
    (id) => table && readDocument(transaction, table, id, false),
  );
  const from = cursor === null ? undefined : cursors.decode(cursor);
  const to = endCursor === undefined ? undefined : cursors.decode(endCursor);
  // An end cursor fixes the page's bounds, whatever its size.
  const size = to === undefined ? numItems : Infinity;
  const begin = afterOf(from);
  const upTo = afterOf(to);
  const read: PageRead = from === "end"
    ? { page: [], positions: [], stop: "exhausted" }
    : readPage(transaction, plan, { after: begin, upTo }, {
      ...options,
      size,
    });
  const { page, positions } = read;
  const { length } = positions;
  const rest: RowBounds = { after: positions[length - 1] ?? begin, upTo };
  const end = endOfPage(transaction, plan, read, { from, to, rest });
  const continueCursor = cursors.encode(end);
  if (journal) journal.endCursor = continueCursor;
  const isLong = () =>
    from !== "end" && rules.isLong(transaction.meter, read, numItems);
  const pageStatus = isCutShort(read)
    ? "SplitRequired"
    : isLong()
    ? "SplitRecommended"
    : null;
  const canSplit = rules.canSplit(plan, read, pageStatus !== null);
  const middle = positions[(length - 1) >> 1]!;
  // Fields in alphabetical order, as results have them: otherwise nearly every page would have to be sorted.
  return {
    continueCursor,
    isDone: end === "end",
    page,
    pageStatus,
    splitCursor: canSplit ? cursors.encode({ after: middle }) : null,
  };
}

/** Position after which the rows that follow a cursor begin; undefined when the cursor gives none. */
function afterOf(position: Position | undefined): string | undefined {
  return position === "end" ? undefined : position?.after;
}

/** True when a page was ended by a budget or a limit, before it was complete. */
function isCutShort({ stop }: PageRead): boolean {
  return stop === "budget" || stop === "limit";
}

/** Where a page ends, and the next one begins. */
function endOfPage(
  transaction: Transaction,
  plan: QueryPlan,
  read: PageRead,
  { from, to, rest }: { from?: Position; to?: Position; rest: RowBounds },
): Position {
  const { pages: rules } = transaction.database.behaviour;
  const isCut = isCutShort(read);
  // The next page begins there, so nothing else would have what this one lacks; its halves do.
  if (isCut && to !== undefined && rules.keepsEnd(rest)) return to;
  const mayContinue = isCut ||
    read.stop === "full" &&
      rules.goesOn(() => hasRow(transaction, plan, rest));
  if (mayContinue) return { after: rest.after! };
  return from !== "end" && to !== undefined && rules.keepsEnd(rest)
    ? to
    : "end";
}

function readPage(
  transaction: Transaction,
  plan: QueryPlan,
  bounds: RowBounds,
  options: PaginationOptions & { size: number },
): PageRead {
  const { maximumRowsRead = Infinity, maximumBytesRead = Infinity, size } =
    options;
  const { pages: rules } = transaction.database.behaviour;
  const { fullIsWhole } = rules;
  const page: Document[] = [];
  const positions: string[] = [];
  const filters = plan.operators.filter((operator) => "filter" in operator);
  const hasFilter = filters.length > 0;
  // Tells a store that reads rows in blocks how many are needed.
  const isKnown = !hasFilter && size < Infinity;
  const expected = isKnown ? Math.ceil(size) : undefined;
  const isMetered = maximumRowsRead !== Infinity ||
    maximumBytesRead !== Infinity;
  let bytes = 0;
  let stop: PageRead["stop"] = "exhausted";
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
      const isWhole = fullIsWhole ? isFull : position === bounds.upTo;
      if (isSpent && !isWhole) stop = "budget";
      else if (isFull) stop = "full";
      return stop === "exhausted";
    },
    takeAll: hasFilter || isMetered
      ? undefined
      : (keys, at, step, documents) => {
        for (let left = documents.length; left > 0; left--, at += step) {
          positions.push(keys[at]!);
        }
        page.push(...documents);
        if (page.length >= size) stop = "full";
        return stop === "exhausted";
      },
  };
  try {
    rules.read(
      transaction.meter,
      plan,
      page,
      () => visitRows(transaction, plan, { ...bounds, expected }, visitor),
    );
  } catch (error) {
    const isBegun = positions.length > 0 || bounds.after !== undefined;
    if (!rules.endsAtLimits || !isBegun || !isReadLimit(error)) throw error;
    stop = "limit";
  }
  return { page, positions, stop };
}

/** Whether a plan's source has a row within bounds. Not counted as a read. */
function hasRow(
  transaction: Transaction,
  plan: QueryPlan,
  bounds: RowBounds,
): boolean {
  const unfiltered = { ...plan, operators: [] };
  let isThere = false;
  const take = () => {
    isThere = true;
    return false;
  };
  transaction.meter.uncounted(
    "reads",
    () => visitRows(transaction, unfiltered, bounds, { take }),
  );
  return isThere;
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
