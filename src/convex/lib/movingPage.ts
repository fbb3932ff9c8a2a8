/**
 * Pages of a list in an order that its rows do not keep: a row that is changed, such as one that is active, moves in it.
 * Where a page takes several steps, the cursor says which rows were seen, so that none is given twice; and those that
 * have moved to where the walk was already come last. Matches are counted in an order in which nothing moves.
 *
 * @module
 */
import { readCursor } from "./cursor.ts";
import type { Doc, QueryCtx, TableName } from "./model.ts";
import { type Page, type PageRequest, readPage, stepRoom } from "./page.ts";
import { sizeOf } from "./size.ts";
import { type IndexRange, walk } from "./walk.ts";

/** Where a step begins. */
interface Place {
  /** After which row; absent: with the first one. */
  at?: string | undefined;
  /** Rows that were passed over or given, by their ids. */
  seen?: string[];
  /** Whether all was walked once, and what is left are rows that have moved. */
  isAgain?: boolean;
  /** How many matches were counted, once the page is full. */
  counted?: number;
}

/** Which page of what. */
interface OrderedRequest<Table extends TableName> extends PageRequest<Table> {
  /** The same rows, or more, in an order in which nothing moves; absent: that of `ranges` is one. */
  readonly steady?: readonly IndexRange<Table>[] | undefined;
}

/** As {@link readPage}; tells the `total` where it was counted apart from the page. */
export async function readInOrder<Table extends TableName>(
  ctx: QueryCtx,
  { steady, ...request }: OrderedRequest<Table>,
): Promise<Page<Doc<Table>> & { total?: number }> {
  if (steady === undefined) return await readPage(ctx, request);
  const { matches, offset = 0, limit = Infinity, uncounted } = request;
  const isFirst = request.cursor === undefined;
  // What is only counted has the cursors of the other order.
  if (limit < 1 && (isFirst || request.cursor?.startsWith("["))) {
    return await readPage(ctx, { ...request, ranges: steady });
  }
  const start: Place = request.cursor === undefined ? {} : readCursor<Place>(
    request.cursor,
    ({ seen, counted }) => Array.isArray(seen) || Number.isInteger(counted),
  );
  if (start.counted !== undefined) {
    const { at: cursor, counted } = start;
    const step = await readPage(ctx, {
      matches,
      ranges: steady,
      limit: 0,
      cursor,
    });
    const sum = counted + step.matched;
    const none = { rows: [], matched: 0 };
    return step.done
      ? { ...none, done: true, total: sum }
      : { ...none, ...goOn({ counted: sum, at: step.cursor }) };
  }
  const seen = new Set(start.seen);
  const room = stepRoom();
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
    room.take(sizeOf(row));
    const isFull = rows.length >= limit;
    if (isFull && uncounted === true) {
      return { rows, matched, ...goOn(place()), done: true };
    }
    // Where one step sees all, it counts them, too.
    if (isFull && (!isFirst || room.isFull)) {
      return { rows, matched, ...goOn({ counted: 0 }) };
    }
    if (room.isFull) return { rows, matched, ...goOn(place()) };
  }
  return isFirst || start.isAgain === true
    ? { rows, matched, done: true }
    : { rows, matched, ...goOn({ seen: [...seen], isAgain: true }) };
}

function goOn(place: Place): { done: boolean; cursor: string } {
  return { done: false, cursor: JSON.stringify(place) };
}
