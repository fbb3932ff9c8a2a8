/** Further words of the rules, for modules whose messages the caller may match: one place for shared codes. */
import { TIME_IN_MS } from "./words.ts";
import {
  type Arguments,
  INVALID_TIMESTAMP,
  lookUp,
  must,
  oneOf,
  optional,
  type Row,
  type Test,
} from "./rules.ts";

/** Codes that several modules give. */
export const INVALID_LIMIT = "INVALID_LIMIT";
/** An offset that is none. */
export const INVALID_OFFSET = "INVALID_OFFSET";
export { INVALID_TIMESTAMP };
/** A type that is none. */
export const INVALID_TYPE = "INVALID_TYPE";
/** A status that is none. */
export const INVALID_STATUS = "INVALID_STATUS";
/** An order that is none. */
export const INVALID_SORT_BY = "INVALID_SORT_BY";
/** A direction that is none. */
export const INVALID_SORT_ORDER = "INVALID_SORT_ORDER";
/** A value is of the wrong type. */
export const INVALID_DATA_TYPE = "INVALID_DATA_TYPE";
/** A filter is none. */
export const INVALID_FILTER = "INVALID_FILTER";
/** Metadata that are none. */
export const INVALID_METADATA = "INVALID_METADATA";

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

/** Neither null nor an array. */
export const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Yes or no, where it is given. */
export const flag = (code: string): Test =>
  optional(
    itself(code, (value) => typeof value === "boolean", "must be a boolean"),
  );

/** A time in ms from 1970 on, where it is given. */
export const bound: Test = optional(
  itself(
    INVALID_TIMESTAMP,
    (value) => isNumber(value) && value >= 0,
    TIME_IN_MS,
  ),
);

/** A limit from 1 to 1,000, where it is given. */
export const limitTo1000 = (code: string): Test =>
  optional(
    itself(
      code,
      (value) => isNumber(value) && value >= 1 && value <= 1000,
      "must be between 1 and 1000",
    ),
  );

/** An offset from 0, where it is given. */
export const offsetFrom0 = (code: string): Test =>
  optional(
    itself(code, (value) => isNumber(value) && value >= 0, "must be >= 0"),
  );

/** A row for each time of a filter, and one for each pair that must be in order. */
export function bounds(parent: string, code: string, names: string[]): Row[] {
  return [
    ...names.flatMap((name): Row[] => [
      [`${parent}${name}After`, bound],
      [`${parent}${name}Before`, bound],
    ]),
    ...names.map((name) => inOrder(parent, code, name)),
  ];
}

/** `<name>After` comes before `<name>Before`. */
export function inOrder(parent: string, code: string, name: string): Row {
  const [from, until] = [`${name}After`, `${name}Before`];
  return [
    `${parent}${from}`,
    must(
      code,
      (value, all) => {
        const last = lookUp(all, `${parent}${until}`);
        return value === undefined || last === undefined ||
          (value as number) < (last as number);
      },
      `${from} must be before ${until}: %v`,
    ),
  ];
}
