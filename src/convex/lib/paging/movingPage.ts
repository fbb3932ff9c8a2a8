/**
 * Pages of a list whose order changes while it is read: in a list sorted by last activity, a row that is updated moves.
 * If a page takes several steps, the cursor lists the rows already seen, so that none is returned twice; rows that
 * moved behind the walk come last, in a second walk. Matches are counted in an order in which nothing moves.
 *
 * @module
 */
import { readCursor } from "./cursor.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";
import { type Page, type PageRequest, readPage, stepBudget } from "./page.ts";
import { sizeOf } from "../size.ts";
import { type IndexRange, walk } from "./walk.ts";

/** Where a step begins. */
interface Place {
  /** Cursor of the last row read; absent: begin with the first row. */
  at?: string | undefined;
  /** Ids of the rows already skipped or returned. */
  seen?: string[];
  /** Whether the whole list was walked once, so that only rows that moved are left. */
  isAgain?: boolean;
  /** Number of matches counted so far, once the page is full. */
  counted?: number;
}

/** A page of a list whose rows may move. */
interface OrderedRequest<Table extends TableName> extends PageRequest<Table> {
  /** The same rows, or more, in an order in which nothing moves; absent if `ranges` has such an order. */
  readonly steady?: readonly IndexRange<Table>[] | undefined;
}

/** A step. The last one has `total` if matches were counted separately. */
type OrderedPage<Table extends TableName> = Page<Doc<Table>> & {
  total?: number;
};

/** Like {@link readPage}, for a list whose rows may move. */
export async function readInOrder<Table extends TableName>(
  ctx: QueryCtx,
  { steady, ...request }: OrderedRequest<Table>,
): Promise<OrderedPage<Table>> {
  if (steady === undefined) return await readPage(ctx, request);
  const steadyRequest = { ...request, ranges: steady };
  if (onlyCounts(request)) return await readPage(ctx, steadyRequest);
  const start = readPlace(request.cursor);
  return start.counted === undefined
    ? await readRows(ctx, request, start)
    : await countStep(ctx, steadyRequest, start.at, start.counted);
}

/** Whether the request only counts: all its steps have cursors of {@link readPage}, which are arrays. */
function onlyCounts(
  { limit = Infinity, cursor }: Pick<
    PageRequest<TableName>,
    "limit" | "cursor"
  >,
): boolean {
  return limit < 1 && (cursor === undefined || cursor.startsWith("["));
}

function readPlace(cursor: string | undefined): Place {
  return cursor === undefined ? {} : readCursor<Place>(
    cursor,
    ({ seen, counted }) => Array.isArray(seen) || Number.isInteger(counted),
  );
}

/** One step of counting the matches after the page itself is full. */
async function countStep<Table extends TableName>(
  ctx: QueryCtx,
  { matches, ranges }: PageRequest<Table>,
  cursor: string | undefined,
  counted: number,
): Promise<OrderedPage<Table>> {
  const step = await readPage(ctx, { matches, ranges, limit: 0, cursor });
  const total = counted + step.matched;
  const none = { rows: [], matched: 0 };
  return step.done
    ? { ...none, done: true, total }
    : { ...none, ...goOn({ counted: total, at: step.cursor }) };
}

/** One step of reading the rows of the page. */
async function readRows<Table extends TableName>(
  ctx: QueryCtx,
  request: PageRequest<Table>,
  start: Place,
): Promise<OrderedPage<Table>> {
  const { matches, offset = 0, limit = Infinity, uncounted } = request;
  const isFirst = request.cursor === undefined;
  const seen = new Set(start.seen);
  const budget = stepBudget();
  const rows: Doc<Table>[] = [];
  let matched = 0;
  for await (const walked of walk(ctx, request.ranges, start.at)) {
    const { row } = walked;
    const place = () => ({ ...start, at: walked.cursor, seen: [...seen] });
    if (matches?.(row) !== false && !seen.has(row._id)) {
      seen.add(row._id);
      matched++;
      if (matched > offset && rows.length < limit) rows.push(row);
    }
    budget.take(sizeOf(row));
    const isFull = rows.length >= limit;
    if (isFull && uncounted === true) {
      return { rows, matched, ...goOn(place()), done: true };
    }
    // A first step with budget left walks on: it may be able to count every match itself.
    if (isFull && (!isFirst || budget.isSpent)) {
      return { rows, matched, ...goOn({ counted: 0 }) };
    }
    if (budget.isSpent) return { rows, matched, ...goOn(place()) };
  }
  return isFirst || start.isAgain === true
    ? { rows, matched, done: true }
    : { rows, matched, ...goOn({ seen: [...seen], isAgain: true }) };
}

function goOn(place: Place): { done: boolean; cursor: string } {
  return { done: false, cursor: JSON.stringify(place) };
}
