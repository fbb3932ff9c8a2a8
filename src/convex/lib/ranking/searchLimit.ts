/** The limit of a search. */
import { INVALID_LIMIT } from "../moduleCodes.ts";
import { fail } from "../errors.ts";

/** Most items that one call returns. */
export const MAX_LIMIT = 1000;

/**
 * Refuses a limit that is not a positive integer. A limit over {@link MAX_LIMIT} counts as that: no search reads more.
 *
 * @throws {ConvexError} `INVALID_LIMIT`.
 */
export function checkLimit(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1) {
    fail(
      INVALID_LIMIT,
      `limit must be a whole number of at least 1, got ${limit}`,
    );
  }
  return Math.min(limit, MAX_LIMIT);
}
