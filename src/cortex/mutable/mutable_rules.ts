/** Argument checks of `cortex.mutable`, in the order in which they run. */
import {
  MISSING_VALUE,
  VALUE_TOO_LARGE,
} from "../../convex/lib/moduleCodes.ts";
import { MAX_VALUE_BYTES } from "../limits.ts";
import { INVALID_FILTER } from "../rules/words.ts";
import { MutableValidationError } from "../../errors.ts";
import { flags, ofTenant } from "../rules/field_rules.ts";
import {
  A_NUMBER,
  A_STRING,
  AN_INTEGER,
  AN_OBJECT,
  format,
  IS_REQUIRED,
  isGiven,
  isNumber,
  isString,
  itself,
  membersOf,
  required,
  thatHidden,
  USER_ID_EMPTY,
} from "../rules/rule_words.ts";
import {
  type Check,
  controls,
  type Fault,
  firstFault,
  isBlank,
  isRecord,
  isText,
  must,
  oneOf,
  optional,
  type Row,
  rules,
  type Test,
} from "../rules/rules.ts";

const KEY = /^[a-zA-Z0-9\-_.:/@]+$/;
const INVALID_KEY_PREFIX = "INVALID_KEY_PREFIX";
const MISSING_NAMESPACE = "MISSING_NAMESPACE";
const MISSING_FIELD = "MISSING_OPERATION_FIELD";

const mutable = (rows: readonly Row[]): Check =>
  rules(MutableValidationError, rows);

const isThere = (value: unknown) =>
  isGiven(value) && !(isString(value) && isBlank(value));
const atMost = (code: string, length: number): Test =>
  thatHidden(
    code,
    (value) => (value as string).length <= length,
    `%f exceeds maximum length of ${length} characters`,
  );

const namespace: Test[] = [
  must(MISSING_NAMESPACE, isThere, IS_REQUIRED),
  format("INVALID_NAMESPACE", /^[a-zA-Z0-9\-_.:]+$/),
  atMost("NAMESPACE_TOO_LONG", 100),
];
const key: Test[] = [
  must("MISSING_KEY", isThere, IS_REQUIRED),
  format("INVALID_KEY", KEY, "%t"),
  atMost("KEY_TOO_LONG", 255),
];
const named: Row[] = [["namespace", ...namespace], ["key", ...key]];

const fits: Test = (value, field) => {
  const bytes = new TextEncoder().encode(jsonOf(value)).length;
  return bytes <= MAX_VALUE_BYTES ? undefined : {
    code: VALUE_TOO_LARGE,
    field,
    message:
      `Value exceeds maximum size of ${MAX_VALUE_BYTES} bytes: it has ${bytes}`,
  };
};
const userId = optional(
  thatHidden("INVALID_USER_ID", isText, USER_ID_EMPTY),
);
const value: Test[] = [
  must(
    MISSING_VALUE,
    (value) => value !== undefined,
    "Value is required",
  ),
  fits,
];

/** `get`, `getRecord`, `exists`, `delete`, `purge` */
export const checkNamed: Check = mutable(named);

/** `set` */
export const checkSet: Check = mutable([
  ...named,
  ["value", ...value],
  ["userId", userId],
  ["metadata"],
]);

/** The value that an updater returned. */
export const checkValue: Check = mutable([["value", ...value]]);

/** `update` */
export const checkUpdate: Check = mutable([
  ...named,
  [
    "updater",
    must("INVALID_UPDATER_TYPE", isGiven, "Updater function is required"),
    thatHidden(
      "INVALID_UPDATER_TYPE",
      (value) => typeof value === "function",
      "Updater must be a function",
    ),
  ],
]);

const amount = optional(
  itself("INVALID_AMOUNT_TYPE", Number.isFinite, A_NUMBER),
);

/** `increment`, `decrement` */
export const checkAmount: Check = mutable([...named, ["amount", amount]]);

/** A time in a filter. */
const time: Test = optional(
  itself("INVALID_TIMESTAMP_TYPE", isNumber, A_NUMBER),
  itself(
    "INVALID_TIMESTAMP_VALUE",
    (value) => (value as number) >= 0,
    "must be a valid Unix timestamp",
  ),
);

const word = (name: string, words: readonly string[]): Test =>
  optional(
    itself(`INVALID_${name}_TYPE`, isString, A_STRING),
    oneOf(`INVALID_${name}_VALUE`, words),
  );

const filter: Row[] = [
  [
    "filter",
    required("MISSING_FILTER"),
    itself(INVALID_FILTER, isRecord, AN_OBJECT),
  ],
  [
    "filter.namespace",
    must(
      MISSING_NAMESPACE,
      isGiven,
      "Filter must include namespace",
    ),
  ],
  ...membersOf(
    "filter",
    ["namespace", ...namespace],
    [
      "keyPrefix?",
      thatHidden(INVALID_KEY_PREFIX, isString, "keyPrefix must be a string"),
      must(
        INVALID_KEY_PREFIX,
        (value) => value !== "",
        "keyPrefix cannot be empty",
      ),
      format(INVALID_KEY_PREFIX, KEY, "%t"),
    ],
    ["userId", userId],
    ofTenant,
  ),
];
const until: Row = ["updatedBefore", time];

/** `purgeMany` */
export const checkPurgeMany: Check = mutable([
  ["filter.!"],
  ...filter,
  ...membersOf("filter", until),
]);

/** `list`, `count` */
export const checkFilter: Check = mutable([
  ...filter,
  ...membersOf(
    "filter",
    [
      "limit?",
      itself("INVALID_LIMIT_TYPE", isNumber, A_NUMBER),
      itself("INVALID_LIMIT_TYPE", Number.isInteger, AN_INTEGER),
      itself(
        "INVALID_LIMIT_RANGE",
        (value) => (value as number) >= 0,
        "must be non-negative",
      ),
      itself(
        "INVALID_LIMIT_RANGE",
        (value) => (value as number) <= 1000,
        "exceeds maximum of 1000",
      ),
    ],
    [
      "offset?",
      itself("INVALID_OFFSET_TYPE", isNumber, A_NUMBER),
      itself("INVALID_OFFSET_TYPE", Number.isInteger, AN_INTEGER),
      itself(
        "INVALID_OFFSET_RANGE",
        (value) => (value as number) >= 0,
        "must be non-negative",
      ),
    ],
    ["updatedAfter", time],
    until,
    ["sortBy", word("SORT_BY", ["key", "updatedAt", "accessCount"])],
    ["sortOrder", word("SORT_ORDER", ["asc", "desc"])],
  ),
]);

/** `purgeNamespace` */
export const checkPurgeNamespace: Check = mutable([
  ["namespace", ...namespace],
  ["options.!/syncToGraph"],
  controls("options."),
  ["options?", itself("INVALID_OPTIONS", isRecord, AN_OBJECT)],
  ...flags("INVALID_DRY_RUN_TYPE", "options:dryRun?"),
  ...membersOf("options", ofTenant),
]);

const OPERATIONS = ["set", "update", "delete", "increment", "decrement"];

/** The tests of an operation's members, in their order. */
const MEMBERS: readonly Row[] = [
  ...named,
  ["amount", amount],
  ["value", optional(fits)],
];

/** What is wrong with one operation of a transaction. */
function faultOfOperation(one: unknown, at: number): Fault | undefined {
  const field = `operations[${at}]`;
  if (!isRecord(one)) {
    return {
      code: "INVALID_TRANSACTION_OPERATION",
      field,
      message: `${field} must be an object`,
    };
  }
  const given = one as Record<string, unknown>;
  const lacking = missingMember(given);
  if (lacking !== undefined) {
    return {
      code: MISSING_FIELD,
      field: `${field}.${lacking}`,
      message: `${field} is missing required field "${lacking}"`,
    };
  }
  if (!OPERATIONS.includes(given.op as string)) {
    return {
      code: "INVALID_OPERATION_TYPE",
      field: `${field}.op`,
      message: `${field} has invalid "op" value: ${
        String(given.op).slice(0, 80)
      }`,
    };
  }
  for (const [name, ...tests] of MEMBERS) {
    const fault = firstFault(tests, given[name], name, given);
    if (fault !== undefined) {
      return {
        code: fault.code,
        field: `${field}.${name}`,
        message: `${field}: ${fault.message}`,
      };
    }
  }
}

/** The first required member that an operation lacks. */
function missingMember(given: Record<string, unknown>): string | undefined {
  const setsValue = ["set", "update"].includes(String(given.op));
  const required = ["op", "namespace", "key"];
  return required.find((name) => !isGiven(given[name])) ??
    (setsValue && given.value === undefined ? "value" : undefined);
}

/** `transaction` */
export const checkTransaction: Check = mutable([
  [
    "operations",
    must(
      "MISSING_OPERATIONS",
      isGiven,
      "Operations array is required",
    ),
    thatHidden(
      "INVALID_OPERATIONS_ARRAY",
      Array.isArray,
      "Operations must be an array",
    ),
    must(
      "EMPTY_OPERATIONS_ARRAY",
      (value) => (value as unknown[]).length > 0,
      "Operations array cannot be empty",
    ),
    (value) => {
      for (const [at, one] of (value as unknown[]).entries()) {
        const fault = faultOfOperation(one, at);
        if (fault !== undefined) return fault;
      }
    },
  ],
]);

/**
 * The JSON of a value, with integers of any size. A value without JSON, such as a cycle, is refused later, when it is
 * sent.
 */
function jsonOf(value: unknown): string {
  try {
    const ofMember = (_: string, member: unknown) =>
      typeof member === "bigint" ? `${member}` : member;
    return JSON.stringify(value, ofMember) ?? "";
  } catch {
    return "";
  }
}
