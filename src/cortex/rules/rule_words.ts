/**
 * Codes, messages and tests shared by the modules other than `cortex.memory`, which loads without them.
 */
export { A_STRING } from "./words.ts";
export { INVALID_LIMIT } from "../../convex/lib/moduleCodes.ts";
import { toMs } from "./field_rules.ts";
import {
  type Arguments,
  current,
  INVALID_TIMESTAMP,
  isText,
  lookUp,
  MISSING,
  must,
  oneOf,
  optional,
  type Row,
  type Test,
} from "./rules.ts";

/** The code for an invalid offset. */
export const INVALID_OFFSET = "INVALID_OFFSET";
export { INVALID_TIMESTAMP };
/** The code for an invalid type. */
export const INVALID_TYPE = "INVALID_TYPE";
/** The code for an invalid status. */
export const INVALID_STATUS = "INVALID_STATUS";
/** The code for an invalid sort field. */
export const INVALID_SORT_BY = "INVALID_SORT_BY";
/** The code for an invalid sort direction. */
const INVALID_SORT_ORDER = "INVALID_SORT_ORDER";
/** The code for a value of the wrong type. */
export const INVALID_DATA_TYPE = "INVALID_DATA_TYPE";
/** The code for invalid metadata. */
export const INVALID_METADATA = "INVALID_METADATA";

/** The code for an empty list. */
export const EMPTY_ARRAY = "EMPTY_ARRAY";
/** The code for an unknown export format. */
export const INVALID_EXPORT_FORMAT = "INVALID_EXPORT_FORMAT";
/** The code for a version that is not an integer from 1. */
export const INVALID_VERSION = "INVALID_VERSION";
/** Message when an object is expected. */
export const AN_OBJECT = "must be an object";
/** Message when a number is expected. */
export const A_NUMBER = "must be a number";
/** Message when an integer is expected. */
export const AN_INTEGER = "must be an integer";
/** Message for an invalid time. */
export const TIME_IN_MS = "must be a time in ms since 1970";
/** Message for a blank user id. */
export const USER_ID_EMPTY = "userId cannot be empty";
/** Message for an argument that is missing; see `must`. */
export const IS_REQUIRED = "%f is required";

/** Limits a string to `max` characters. */
export const maxLength = (code: string, max: number): Test =>
  must(
    code,
    (value) => (value as string).length <= max,
    `%f cannot exceed ${max} characters: %t`,
  );

/** A string that is not blank. */
export const text = (code: string = MISSING): Test =>
  must(
    code,
    isText,
    "%f is required and cannot be empty: %t",
  );

/** Neither undefined nor null. */
export const present = (code: string = MISSING): Test =>
  must(code, isGiven, IS_REQUIRED);

/** Like `present`, with a message that begins with the capitalised name. */
export const required = (code: string = MISSING): Test =>
  must(code, isGiven, "%F is required");

/** A string of at least one character. */
export const filled = (code: string = MISSING): Test =>
  must(
    code,
    (value) => typeof value === "string" && value !== "",
    "%f is required and must be a non-empty string: %t",
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
    `%f must be an integer ${
      max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`
    }: %v`,
  );

/** An array without duplicates. */
export const distinct = (code: string): Test => (value, field) => {
  const seen = new Set();
  const repeated = (value as unknown[])
    .find((element) => seen.has(element) || !seen.add(element));
  return repeated === undefined ? undefined : {
    code,
    field,
    message: `${field} must not contain duplicates: ${current(repeated)}`,
  };
};

/** A string that matches a pattern. Pass `%t` as `got` for a value that must not be shown. */
export const format = (code: string, pattern: RegExp, got = "%v"): Test =>
  must(
    code,
    (value) => isString(value) && pattern.test(value),
    `Invalid %f format, must match ${pattern}: ${got}`,
  );

/** A sort direction. */
export const sortOrder: Test = oneOf(INVALID_SORT_ORDER, ["asc", "desc"]);

/** A condition with its own message, to which the value is added. */
export const that = (
  code: string,
  holds: (value: unknown, all: Arguments) => boolean,
  message: string,
): Test => must(code, holds, `${message}: %v`);

/** Like `that`, for values that must not be shown. */
export const thatHidden = (
  code: string,
  holds: (value: unknown, all: Arguments) => boolean,
  message: string,
): Test => must(code, holds, `${message}: %t`);

/** A condition whose message begins with the name of the argument. */
export const itself = (
  code: string,
  holds: (value: unknown, all: Arguments) => boolean,
  message: string,
): Test =>
  must(
    code,
    holds,
    `%f ${message}: %v`,
  );

/** Neither undefined nor null. */
export const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null;

/** A string. */
export const isString = (value: unknown): value is string =>
  typeof value === "string";

/** A number other than NaN. */
export const isNumber = (value: unknown): value is number =>
  typeof value === "number" && !Number.isNaN(value);

/** An optional time, in ms since 1970. */
const bound: Test = optional(
  itself(
    INVALID_TIMESTAMP,
    (value) => isNumber(value) && value >= 0,
    TIME_IN_MS,
  ),
);

/** An optional limit: an integer from 1 to 1,000. */
export const limitTo1000 = (code: string): Test =>
  optional(
    itself(
      code,
      (value) =>
        Number.isInteger(value) && (value as number) >= 1 &&
        (value as number) <= 1000,
      "must be between 1 and 1000, and whole",
    ),
  );

/** An optional offset: an integer from 0. */
export const offsetFrom0 = (code: string): Test =>
  optional(
    itself(
      code,
      (value) => Number.isInteger(value) && (value as number) >= 0,
      "must be >= 0, and whole",
    ),
  );

/** Rows for a filter's times: one for each, and one for each pair that must be in order. */
export function bounds(parent: string, code: string, names: string[]): Row[] {
  return [
    ...names.flatMap((name): Row[] => [
      [`${parent}${name}After`, bound],
      [`${parent}${name}Before`, bound],
    ]),
    ...names.map((name): Row => [
      `${parent}${name}After`,
      before(code, `${parent}${name}Before`),
    ]),
  ];
}

/** A time that is before another one of the call if both are given; with `mayBeEqual`, not after it. */
export const before = (
  code: string,
  until: string,
  mayBeEqual = false,
): Test =>
  must(
    code,
    (value, all) => {
      const [first, last] = [toMs(value), toMs(lookUp(all, until))];
      return first === undefined || last === undefined || first < last ||
        mayBeEqual && first === last;
    },
    `%f must be before ${until.split(".").at(-1)}: %v`,
  );

/** Rows for the members of an argument. Errors name them without the argument's name. */
export const membersOf = (holder: string, ...rows: readonly Row[]): Row[] =>
  rows.map(([path, ...tests]): Row => [`${holder}:${path}`, ...tests]);
