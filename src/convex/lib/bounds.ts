/** Bounds of numbers that callers give, and of the lists. A refusal names the argument, the bound and what was given. */
import { INVALID_RANGE, LIMIT_EXCEEDED } from "./codes.ts";
import { fail } from "./errors.ts";

/**
 * Refuses a list that is longer than one call bears.
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
 * Refuses what is no integer within the bounds, both inclusive.
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
