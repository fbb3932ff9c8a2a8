/** Cursors: a step returns its position as text, and the next step continues there. */
import { fail } from "../errors.ts";
import type { QueryCtx, TableName } from "../model.ts";

/**
 * Parses a cursor.
 *
 * @param isPlace Whether a value is a position of the calling function; it may throw for anything else.
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export function readCursor<Place>(
  cursor: string,
  isPlace: (read: Place) => boolean,
  reviver?: (name: string, value: unknown) => unknown,
): Place {
  try {
    const read: Place = JSON.parse(cursor, reviver);
    if (isPlace(read)) return read;
  } catch {
    // Refused below.
  }
  refuse();
}

/**
 * Whether the row that earlier steps were deleting is gone. Their cursor is its `_id`: another row may have its name by
 * now, and is not to be deleted.
 *
 * @param row The row that has the name.
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export function isGone(
  ctx: QueryCtx,
  table: TableName,
  row: { _id: string } | null,
  cursor: string | undefined,
): boolean {
  if (cursor === undefined) return false;
  if (ctx.db.normalizeId(table, cursor) === null) refuse();
  return row?._id !== cursor;
}

function refuse(): never {
  fail("INVALID_CURSOR", "cursor is not from this function");
}
