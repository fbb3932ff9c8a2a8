/** Argument checks of `cortex.users`, in the order in which they run. */
import { MAX_USERS } from "../limits.ts";
import {
  CANNOT_BE_NEGATIVE,
  INVALID_DATE_RANGE,
  MISSING_USER_ID,
} from "../rules/words.ts";
import { UserValidationError } from "../../errors.ts";
import { flags, tenant } from "../rules/field_rules.ts";
import {
  A_NUMBER,
  A_STRING,
  AN_INTEGER,
  AN_OBJECT,
  bounds,
  INVALID_DATA_TYPE,
  INVALID_EXPORT_FORMAT,
  INVALID_LIMIT,
  INVALID_OFFSET,
  INVALID_SORT_BY,
  INVALID_TIMESTAMP,
  isNumber,
  isString,
  itself,
  limitTo1000,
  offsetFrom0,
  present,
  sortOrder,
  that,
} from "../rules/rule_words.ts";
import {
  type Check,
  controls,
  isRecord,
  must,
  notBlank,
  oneOf,
  optional,
  type Row,
  rules,
  type Test,
} from "../rules/rules.ts";

const MISSING_DATA = "MISSING_DATA";
const USER_ID_FORMAT = "INVALID_USER_ID_FORMAT";
const DISPLAY_NAME = "INVALID_DISPLAY_NAME_FILTER";
const EMAIL = "INVALID_EMAIL_FILTER";

const user = (rows: readonly Row[]): Check => rules(UserValidationError, rows);

const isId: Test[] = [
  present(MISSING_USER_ID),
  itself(USER_ID_FORMAT, isString, A_STRING),
  notBlank(USER_ID_FORMAT),
];
const id: Row = ["userId", ...isId];
const contents: Test[] = [
  present(MISSING_DATA),
  itself(INVALID_DATA_TYPE, isRecord, AN_OBJECT),
];
const options = (code: string, names: string[]): Row[] => [
  controls("options."),
  ["options?", itself(code, isRecord, AN_OBJECT)],
  ...flags(code, ...names.map((name) => `options.${name}?`)),
];

const text = (code: string, max: number): Test =>
  optional(
    itself(
      code,
      (value) => isString(value) && value.length <= max,
      `must be a string of at most ${max} characters`,
    ),
  );

const areFilters = that(
  "INVALID_FILTER_STRUCTURE",
  isRecord,
  "Filters must be an object",
);
const filterRows: Row[] = [
  ["filters?", areFilters],
  ["filters.limit", limitTo1000(INVALID_LIMIT)],
  ["filters.offset", offsetFrom0(INVALID_OFFSET)],
  ...bounds("filters.", INVALID_DATE_RANGE, ["created", "updated"]),
  ["filters.sortBy?", oneOf(INVALID_SORT_BY, ["createdAt", "updatedAt"])],
  ["filters.sortOrder?", sortOrder],
  ["filters.displayName", text(DISPLAY_NAME, 200)],
  ["filters.email", text(EMAIL, 254)],
  ["filters.tenantId", tenant],
];

/** `get`, `exists`, `getHistory` */
export const checkUserId: Check = user([id]);

/** `update`, `merge`, `getOrCreate`: the data, under the name of the method's argument. */
export const checkContents = (name: "data" | "updates"): Check =>
  user([id, [name, ...contents]]);

/** `getOrCreate` */
export const checkDefaults: Check = user([
  id,
  ["defaults?", ...contents],
]);

/** `getVersion` */
export const checkVersion: Check = user([
  id,
  [
    "version",
    itself(
      "INVALID_VERSION_NUMBER",
      (value) => typeof value === "number",
      A_NUMBER,
    ),
    itself("INVALID_VERSION_NUMBER", Number.isFinite, "must be a valid number"),
    itself("INVALID_VERSION_NUMBER", Number.isInteger, AN_INTEGER),
    itself(
      "INVALID_VERSION_RANGE",
      (value) => (value as number) >= 1,
      "must be >= 1",
    ),
  ],
]);

/** `getAtTimestamp` */
export const checkTime: Check = user([
  id,
  [
    "timestamp",
    itself(
      INVALID_TIMESTAMP,
      (value) => value instanceof Date,
      "must be a Date",
    ),
    itself(
      INVALID_TIMESTAMP,
      (value) => isNumber((value as Date).getTime()),
      "must be a valid numeric timestamp",
    ),
    itself(
      INVALID_TIMESTAMP,
      (value) => (value as Date).getTime() >= 0,
      CANNOT_BE_NEGATIVE,
    ),
  ],
]);

/** `list`, `count`, and `search` if it has filters */
export const checkFilters: Check = user(filterRows);

/** `search`, whose filters may not be left out */
export const checkSearch: Check = user([["filters", areFilters]]);

/** `delete` */
export const checkDelete: Check = user([
  id,
  ...options("INVALID_DELETE_OPTIONS", ["cascade", "verify", "dryRun"]),
]);

/** `export` */
export const checkExport: Check = user([
  ["filters.!"],
  ["options.format/filters"],
  [
    "options",
    present("MISSING_REQUIRED_PARAMETER"),
    itself(INVALID_DATA_TYPE, isRecord, AN_OBJECT),
  ],
  [
    "format",
    that(
      INVALID_EXPORT_FORMAT,
      (value) => ["json", "csv"].includes(value as string),
      "Invalid export format, json or csv",
    ),
  ],
  ...flags(
    INVALID_DATA_TYPE,
    "options.includeVersionHistory?",
    "options.includeConversations?",
    "options.includeMemories?",
  ),
  ...filterRows,
]);

const eachId: Test = (value) => {
  for (const [at, one] of (value as unknown[]).entries()) {
    for (const test of isId) {
      const fault = test(one, "userId", {});
      if (fault) {
        return {
          ...fault,
          field: `userIds[${at}]`,
          message: `Invalid userId at index ${at}: ${fault.message}`,
        };
      }
    }
  }
};

const ids: Test[] = [
  must(
    "EMPTY_USER_IDS_ARRAY",
    (value) => (value as unknown[]).length > 0,
    "userIds array cannot be empty",
  ),
  must(
    "USER_ID_ARRAY_TOO_LARGE",
    (value) => (value as unknown[]).length <= MAX_USERS,
    `userIds array cannot exceed ${MAX_USERS} items: %t`,
  ),
  eachId,
  must(
    INVALID_DATA_TYPE,
    (value) => new Set(value as unknown[]).size === (value as unknown[]).length,
    "Duplicate userIds found in array",
  ),
];

const selection: Row[] = [
  ["userIds?", ...ids],
  ["filters.!"],
  ...filterRows,
  // Every name contains an empty text, and an empty form field must not select everyone.
  ["filters.displayName", notBlank(DISPLAY_NAME)],
  ["filters.email", notBlank(EMAIL)],
];

/** `updateMany` */
export const checkUpdateMany: Check = user([
  ["updates.data", ...contents],
  ...options(INVALID_DATA_TYPE, ["skipVersioning", "dryRun"]),
  ...selection,
]);

/** `deleteMany` */
export const checkDeleteMany: Check = user([
  ...options(INVALID_DATA_TYPE, ["cascade", "dryRun"]),
  ...selection,
]);
