/** Cursors: places that one step gives as text and the next one takes. */
import { fail } from "./errors.ts";

/**
 * Reads a place.
 *
 * @param isPlace Whether it is one that this function gives; it may throw for what is none.
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
    // Told below.
  }
  fail("INVALID_CURSOR", "cursor is not from this function");
}
