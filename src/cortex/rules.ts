/**
 * A small vocabulary in which a module's argument rules read like a table: a row names an argument and its tests, in
 * the order in which they count; the first test that fails makes the module's error, with code, field and message.
 *
 * Messages tell the bound and the value, but of texts, vectors and keys only type and length.
 */
import {
  type Arguments,
  current,
  firstFault,
  got,
  INVALID_TIMESTAMP,
  isBlank,
  MISSING,
  must,
  type Test,
} from "./rule_core.ts";

export * from "./rule_core.ts";

/** Applies tests only where the siblings call for them. */
export function when(
  applies: (all: Arguments) => boolean,
  ...tests: Test[]
): Test {
  return (value, field, all) =>
    applies(all) ? firstFault(tests, value, field, all) : undefined;
}

/** Reports faults under another name than the argument's path; without a name, under none. */
export function as(name: string | undefined, ...tests: Test[]): Test {
  return (value, field, all) => {
    const fault = firstFault(tests, value, name ?? field, all);
    return fault && { ...fault, field: name };
  };
}

/** Neither undefined nor null. */
export const present = (code: string = MISSING): Test =>
  must(
    code,
    (value) => value !== undefined && value !== null,
    (field) => `${field} is required`,
  );

/** A string of at least one character. */
export const filled = (code: string = MISSING): Test =>
  must(
    code,
    (value) => typeof value === "string" && value !== "",
    (field, value) =>
      `${field} is required and must be a non-empty string: ${got(value)}`,
  );

/** An id of the caller's own making: a line of at most 500 characters. */
export const ownId = (code: string = "INVALID_ID_FORMAT"): Test =>
  must(
    code,
    (value) =>
      typeof value === "string" && !isBlank(value) && value.length <= 500 &&
      !/[\n\0]/.test(value),
    (field, value) =>
      `${field} must be a non-empty string of at most 500 characters without newline or NUL: ${
        got(value)
      }`,
  );

/** A number from min to max. */
export const between = (code: string, min: number, max: number): Test =>
  must(
    code,
    (value) => typeof value === "number" && value >= min && value <= max,
    (field, value) =>
      `${field} must be between ${min} and ${max}${
        typeof value === "number" ? "" : " and must be a number"
      }: ${current(value)}`,
  );

/** 1, 2, 3 … */
export const positiveInteger = (code: string): Test =>
  must(
    code,
    (value) => Number.isInteger(value) && (value as number) >= 1,
    (field, value) =>
      `${field} must be a positive integer${
        typeof value === "number" ? "" : " and must be a number"
      }: ${current(value)}`,
  );

/** An integer from min to max. */
export const integerBetween = (
  code: string,
  min: number,
  max: number = Infinity,
): Test =>
  must(
    code,
    (value) =>
      Number.isInteger(value) && (value as number) >= min &&
      (value as number) <= max,
    (field, value) =>
      `${field} must be an integer ${
        max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`
      }: ${current(value)}`,
  );

/** An array that has elements. */
export const notEmpty = (code: string): Test =>
  must(
    code,
    (value) => (value as unknown[]).length > 0,
    (field) => `${field} cannot be empty`,
  );

/** An array without repetition. */
export const distinct = (code: string): Test =>
  must(
    code,
    (value) => new Set(value as unknown[]).size === (value as unknown[]).length,
    (field, value) =>
      `${field} must not contain duplicates: ${
        current(
          (value as unknown[]).find((element, i, all) =>
            all.indexOf(element) !== i
          ),
        )
      } is repeated`,
  );

/** The last time that a Date can hold. */
const MAX_TIME_MS = 8.64e15;

/** A time: ms since the Unix epoch, or a Date. */
export const timestamp: Test = (value, field) => {
  const ms = value instanceof Date ? value.getTime() : value;
  const wrong = typeof ms !== "number" || !Number.isFinite(ms)
    ? "must be a valid timestamp: a number or Date"
    : ms < 0
    ? "cannot be negative"
    : ms > MAX_TIME_MS
    ? `cannot exceed ${MAX_TIME_MS}, the last time of a Date`
    : undefined;
  return wrong === undefined ? undefined : {
    code: INVALID_TIMESTAMP,
    field,
    message: `${field} ${wrong}; ${current(value)}`,
  };
};

/** A finite number, as vectors hold. */
export const isFinite: (value: unknown) => boolean = Number.isFinite;

/** Whether a value is a string with something in it. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && !isBlank(value);
}
