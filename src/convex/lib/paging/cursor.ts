/** Cursors: a step returns its position as text, and the next step continues there. */
import { fail } from "../errors.ts";

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
  fail("INVALID_CURSOR", "cursor is not from this function");
}
