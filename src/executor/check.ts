import { ExecutorError } from "../errors.ts";

/** Longest time that a host's timer can count, in ms. */
export const MAX_TIMER_MS = 2_147_483_647;

/**
 * Checks an option that is a whole number; `undefined` passes.
 *
 * @throws {ExecutorError} `INVALID_OPTION`, naming the option, its bounds and the value.
 */
export function wholeNumber<Value extends number | undefined>(
  name: string,
  value: Value,
  min: number,
  max: number,
): Value {
  if (value === undefined) return value;
  if (!Number.isInteger(value) || value < min || value > max) {
    const rule = `must be a whole number from ${min} to ${max}`;
    throw invalidOption(name, rule, value);
  }
  return value;
}

/** The error for a wrong option. */
export function invalidOption(
  name: string,
  rule: string,
  value: unknown,
): ExecutorError {
  const got = value === undefined ? "" : `, not ${String(value).slice(0, 80)}`;
  return new ExecutorError("INVALID_OPTION", `options.${name} ${rule}${got}`);
}
