/**
 * Further words of the rules, for the modules beside `cortex.memory`, which loads without them: one place for shared
 * codes.
 */
export { A_STRING } from "./words.ts";
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

/** Codes that several modules give. */
export const INVALID_LIMIT = "INVALID_LIMIT";
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
/** A value is of the wrong type. */
export const INVALID_DATA_TYPE = "INVALID_DATA_TYPE";
/** Metadata that are none. */
export const INVALID_METADATA = "INVALID_METADATA";

/** A list without elements. */
export const EMPTY_ARRAY = "EMPTY_ARRAY";
/** A format that is not exported. */
export const INVALID_EXPORT_FORMAT = "INVALID_EXPORT_FORMAT";
/** The code for a version that is not an integer from 1. */
export const INVALID_VERSION = "INVALID_VERSION";
/** Message when an object is expected. */
export const AN_OBJECT = "must be an object";
/** Message when a number is expected. */
export const A_NUMBER = "must be a number";
/** Message when an integer is expected. */
export const AN_INTEGER = "must be an integer";
/** For what is no time. */
export const TIME_IN_MS = "must be a time in ms since 1970";
/** For a blank user id. */
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

/** The same, in a message that begins with the name as a word. */
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

/** An array without repetition. */
export const distinct = (code: string): Test => (value, field) => {
  const repeated = (value as unknown[])
    .find((element, at, all) => all.indexOf(element) !== at);
  return repeated === undefined ? undefined : {
    code,
    field,
    message: `${field} must not contain duplicates: ${current(repeated)}`,
  };
};

/** A string of a pattern; `%t` for one that is not to be shown. */
export const format = (code: string, pattern: RegExp, got = "%v"): Test =>
  must(
    code,
    (value) => isString(value) && pattern.test(value),
    `Invalid %f format, must match ${pattern}: ${got}`,
  );

/** The two directions. */
export const sortOrder: Test = oneOf(INVALID_SORT_ORDER, ["asc", "desc"]);

/** A condition with a message of its own, which goes on with the value. */
export const that = (
  code: string,
  holds: (value: unknown, all: Arguments) => boolean,
  message: string,
): Test => must(code, holds, `${message}: %v`);

/** Likewise, for values that are not to be shown. */
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

/** A number that is one. */
export const isNumber = (value: unknown): value is number =>
  typeof value === "number" && !Number.isNaN(value);

/** A time in ms from 1970 on, where it is given. */
const bound: Test = optional(
  itself(
    INVALID_TIMESTAMP,
    (value) => isNumber(value) && value >= 0,
    TIME_IN_MS,
  ),
);

/** A whole limit from 1 to 1,000, where it is given. */
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

/** A whole offset from 0, where it is given. */
export const offsetFrom0 = (code: string): Test =>
  optional(
    itself(
      code,
      (value) => Number.isInteger(value) && (value as number) >= 0,
      "must be >= 0, and whole",
    ),
  );

/** A row for each time of a filter, and one for each pair that must be in order. */
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

/** Comes before another time of the call, or with `mayBeEqual` not after it, where both are given. */
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

/** Rows of an argument's members, which faults name without their holder. */
export const membersOf = (holder: string, ...rows: readonly Row[]): Row[] =>
  rows.map(([path, ...tests]): Row => [`${holder}:${path}`, ...tests]);
