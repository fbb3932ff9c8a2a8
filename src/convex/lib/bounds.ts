/** Checks numbers and lists from callers against bounds. An error names the argument, the bound and the value. */
import { INVALID_RANGE } from "./moduleCodes.ts";
import { INVALID_TIMESTAMP, LIMIT_EXCEEDED } from "./codes.ts";
import { fail } from "./errors.ts";

/** The latest time that a `Date` can represent, in ms. */
export const MAX_TIME_MS = 8.64e15;

/**
 * Refuses an invalid time in ms since 1970, because exports write times as dates, and cursors as JSON.
 *
 * @throws {ConvexError} `INVALID_TIMESTAMP`.
 */
export function checkTime(name: string, ms: number): void {
  if (ms >= 0 && ms <= MAX_TIME_MS) return;
  fail(INVALID_TIMESTAMP, `${name} must be a time in ms, got ${ms}`);
}

/**
 * Refuses a list that is too long for one call.
 *
 * @throws {ConvexError} `LIMIT_EXCEEDED`.
 */
export function checkCount(name: string, count: number, most: number): void {
  if (count <= most) return;
  fail(
    LIMIT_EXCEEDED,
    `${name} has ${count} items, at most ${most} are allowed`,
  );
}

/**
 * Refuses a number that is not an integer within the bounds, both inclusive.
 *
 * @throws {ConvexError} `INVALID_RANGE`.
 */
export function checkInteger(
  name: string,
  value: number,
  least: number,
  most: number = Infinity,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const bounds = most === Infinity ? `${least}` : `${least} to ${most}`;
  fail(
    INVALID_RANGE,
    `${name} must be an integer from ${bounds}, got ${value}`,
  );
}
