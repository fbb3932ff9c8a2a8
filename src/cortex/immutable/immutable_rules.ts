/** Argument checks of `cortex.immutable`, in the order in which they run. */
import { INVALID_ID } from "../../convex/lib/moduleCodes.ts";
import { INVALID_FILTER, NON_EMPTY_STRING } from "../rules/words.ts";
import { ImmutableValidationError } from "../../errors.ts";
import { ofTenant } from "../rules/field_rules.ts";
import {
  AN_OBJECT,
  INVALID_LIMIT,
  INVALID_METADATA,
  INVALID_TIMESTAMP,
  INVALID_TYPE,
  INVALID_VERSION,
  isGiven,
  isNumber,
  isString,
  membersOf,
  required,
  that,
  thatHidden,
  USER_ID_EMPTY,
} from "../rules/rule_words.ts";
import {
  type Arguments,
  type Check,
  isRecord,
  isText,
  MISSING,
  must,
  type Row,
  rules,
  type Test,
} from "../rules/rules.ts";

const A_POSITIVE_INTEGER = "must be a positive integer";
const TYPE = /^[a-zA-Z0-9_.-]+$/;

const immutable = (rows: readonly Row[]): Check =>
  rules(ImmutableValidationError, rows);

const type: Test[] = [
  required(),
  that(INVALID_TYPE, isText, `%F ${NON_EMPTY_STRING}`),
  that(
    INVALID_TYPE,
    (value) => TYPE.test(value as string),
    "Type must hold valid characters only (letters, digits, _, . and -)",
  ),
];
const userId = thatHidden(MISSING, isText, USER_ID_EMPTY);
const metadata = thatHidden(
  INVALID_METADATA,
  isRecord,
  `%F ${AN_OBJECT}`,
);
const isWhole = (value: unknown) => Number.isInteger(value);
const fromOne = (value: unknown) => isNumber(value) && value >= 1;
const wholeFromOne = (code: string, name: string): Test[] => [
  that(code, fromOne, `${name} ${A_POSITIVE_INTEGER} >= 1`),
  that(code, isWhole, `${name} ${A_POSITIVE_INTEGER}`),
];

const named: Row[] = [
  ["type", ...type],
  [
    "id",
    must(MISSING, isGiven, "ID is required"),
    that(INVALID_ID, isText, `ID ${NON_EMPTY_STRING}`),
  ],
];

/** `get`, `getHistory`, `purge` */
export const checkNamed: Check = immutable(named);

/** `store`. First checks that there is an entry, so that a missing one is reported as such. */
export const checkStore: Check = (entry) => {
  checkEntry({ entry });
  return checkFields({ ...entry });
};

const checkEntry = immutable([
  ["-entry", required()],
]);

const checkFields = immutable([
  ...named,
  [
    "data",
    required(),
    thatHidden("INVALID_DATA", isRecord, "Data must be a valid object"),
  ],
  ["metadata?", metadata],
  ["userId?", userId],
]);

/** `getVersion` */
export const checkVersion: Check = immutable([
  ...named,
  ["version", ...wholeFromOne(INVALID_VERSION, "%F")],
]);

/** `getAtTimestamp` */
export const checkTime: Check = immutable([
  ...named,
  [
    "timestamp",
    that(
      INVALID_TIMESTAMP,
      (value) => !(value instanceof Date) || isNumber(value.getTime()),
      "Timestamp must be a valid Date object",
    ),
    that(
      INVALID_TIMESTAMP,
      (value) =>
        value instanceof Date ||
        isNumber(value) && value > 0 && value < Infinity,
      "Timestamp must be a valid Date object or positive number",
    ),
  ],
]);

const limit = that(
  INVALID_LIMIT,
  (value) => fromOne(value) && isWhole(value),
  `%F ${A_POSITIVE_INTEGER}`,
);
const filter: Row[] = [
  ["type?", ...type],
  ["userId?", userId],
  ofTenant,
];

/** `list`, `count` */
export const checkFilter: Check = immutable([
  ...filter,
  ["limit?", limit],
]);

const QUERY_REQUIRED = "Search query is required";
const isAsked = (value: unknown) => isString(value) && isText(value);

/** `search` */
export const checkSearch: Check = immutable([
  ["-input", must(MISSING, isGiven, QUERY_REQUIRED)],
  ...membersOf(
    "input",
    ["query", thatHidden(MISSING, isAsked, QUERY_REQUIRED)],
    ...filter,
    ["limit?", limit],
  ),
]);

/** `purgeMany` */
export const checkPurgeMany: Check = immutable([
  [
    "-type",
    must(
      INVALID_FILTER,
      (_, all: Arguments) => isGiven(all.type) || isGiven(all.userId),
      "purgeMany requires at least one filter: type or userId",
    ),
  ],
  ["!"],
  ...filter,
]);

/** `purgeVersions` */
export const checkPurgeVersions: Check = immutable([
  ...named,
  ["keepLatest", ...wholeFromOne("INVALID_KEEP_LATEST", "%f")],
]);
