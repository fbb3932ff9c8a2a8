/** Argument checks of `cortex.agents`, in the order in which they run. */
import { INVALID_FILTERS } from "../../convex/lib/moduleCodes.ts";
import { CONFLICTING_OPTIONS, NON_EMPTY_STRING } from "../rules/words.ts";
import { AgentValidationError } from "../../errors.ts";
import { flags, ofTenant, textLists, texts } from "../rules/field_rules.ts";
import {
  before,
  INVALID_DATA_TYPE,
  INVALID_SORT_BY,
  INVALID_STATUS,
  isNumber,
  isString,
  itself,
  limitTo1000,
  maxLength,
  membersOf,
  offsetFrom0,
  present,
  sortOrder,
  TIME_IN_MS,
} from "../rules/rule_words.ts";
import {
  type Arguments,
  type Check,
  controls,
  FORMAT,
  isRecord,
  lookUp,
  must,
  notBlank,
  oneOf,
  type Row,
  rules,
  someOf,
  string,
  type Test,
} from "../rules/rules.ts";

const agents = (rows: readonly Row[]): Check =>
  rules(AgentValidationError, rows);

const isId = present("MISSING_AGENT_ID");
const id: Test[] = [
  isId,
  string("INVALID_AGENT_ID_FORMAT"),
  notBlank("EMPTY_AGENT_ID"),
  maxLength("AGENT_ID_TOO_LONG", 256),
];
const someName = notBlank("EMPTY_AGENT_NAME");
const name: Test[] = [
  string("INVALID_NAME_FORMAT"),
  someName,
  maxLength("AGENT_NAME_TOO_LONG", 200),
];
const hasName = present("MISSING_AGENT_NAME");
const record = (code: string): Test =>
  must(
    code,
    isRecord,
    "%f must be an object and cannot be null: %t",
  );
const metadata = record("INVALID_METADATA_FORMAT");
const config = record("INVALID_CONFIG_FORMAT");
const status: Test[] = [
  itself(
    "INVALID_STATUS_VALUE",
    (value) => isString(value) && value !== "",
    NON_EMPTY_STRING,
  ),
  oneOf(INVALID_STATUS, ["active", "inactive", "archived"]),
];

/** `get`, `exists`, and `unregister` before its options */
export const checkAgentId: Check = agents([["agentId", ...id]]);

/** `register` */
export const checkRegister: Check = agents([
  ["-agent", isId],
  ...membersOf(
    "agent",
    ["id", isId],
    ["name", hasName],
    ["id", ...id],
    ["name", ...name],
    ["metadata?", metadata],
    ["config?", config],
    ofTenant,
    ...texts("description?"),
  ),
]);

const CHANGES = ["name", "description", "metadata", "config", "status"];
const changes: Row[] = [
  [
    "-updates",
    someOf("MISSING_UPDATES", CHANGES),
  ],
  ...membersOf(
    "updates",
    ["name?", ...name],
    ["metadata?", metadata],
    ["config?", config],
    ["status?", ...status],
    ...texts("description?"),
  ),
];

/** `update` */
export const checkUpdate: Check = agents([["agentId", ...id], ...changes]);

/** `configure` */
export const checkConfigure: Check = agents([
  ["agentId", ...id],
  [
    "config",
    record("INVALID_CONFIG_FORMAT"),
    must(
      "EMPTY_CONFIG_OBJECT",
      (value) => Object.keys(value as object).length > 0,
      "config must have at least one key",
    ),
  ],
]);

const RANGE = "INVALID_TIMESTAMP_RANGE";
const TIMES = ["registered", "lastActive"].flatMap((name) => [
  `${name}After`,
  `${name}Before`,
]);
const time = itself(RANGE, isNumber, TIME_IN_MS);
const filters: Row[] = [
  ...membersOf(
    "filters",
    ["metadata?", metadata],
    ["status?", ...status],
    ["limit", limitTo1000("INVALID_LIMIT_VALUE")],
    ["offset", offsetFrom0("INVALID_OFFSET_VALUE")],
  ),
  ...TIMES.map((name): Row => [`-filters.${name}?`, time]),
  [
    "-filters.registeredAfter",
    before(RANGE, "filters.registeredBefore"),
  ],
  [
    "-filters.lastActiveAfter",
    before(RANGE, "filters.lastActiveBefore", true),
  ],
  ...membersOf(
    "filters",
    ["sortBy?", oneOf(INVALID_SORT_BY, ["name", "registeredAt", "lastActive"])],
    ["sortOrder?", sortOrder],
    ofTenant,
    ...texts("name?"),
    ...textLists("capabilities?"),
    ["capabilitiesMatch?", oneOf(FORMAT, ["any", "all"])],
  ),
];

const areFilters = record(INVALID_FILTERS);
/** Accepts null as "none". */
const orNull = (test: Test): Test => (value, field, all) =>
  value === null ? undefined : test(value, field, all);

/** Missing filters are refused: they must not select every agent. */
const chosen: Row[] = [["filters", areFilters], ...filters];

/** `list`, `search`, `count` */
export const checkFilters: Check = agents(chosen);

/** A dry run has nothing to verify, so it cannot go without either. */
const isConsistent = (_: unknown, all: Arguments) =>
  !(lookUp(all, "options.dryRun") === true &&
    lookUp(all, "options.verify") === false);
const options: Row[] = [
  controls("options."),
  ["options?", orNull(record(INVALID_DATA_TYPE))],
  [
    "-options",
    must(
      CONFLICTING_OPTIONS,
      isConsistent,
      "dryRun cannot go with verify: false",
    ),
  ],
  ...flags(
    INVALID_DATA_TYPE,
    "options.cascade?",
    "options.verify?",
    "options.dryRun?",
  ),
];

/** `unregister` */
export const checkUnregister: Check = agents([["agentId", ...id], ...options]);

const notAll = must(
  INVALID_FILTERS,
  (value) => Object.values(value as object).some((one) => one !== undefined),
  "%f must hold a condition: %t",
);

/**
 * Refuses an empty `name`, which every name contains, and other conditions that are none: an empty form field must not
 * select every agent.
 */
const many: Row[] = [
  ["filters.!"],
  ...chosen,
  ...membersOf(
    "filters",
    ["name", someName],
    ["capabilities?", notAll],
    ["metadata?", notAll],
  ),
];

/** `unregisterMany` */
export const checkUnregisterMany: Check = agents([...many, ...options]);

/** `updateMany` */
export const checkUpdateMany: Check = agents([...many, ...changes]);

/** `export` */
export const checkExport: Check = agents([
  ["filters.!"],
  ["options.format/filters"],
  ["-options", present("MISSING_OPTIONS")],
  [
    "options:format",
    present("MISSING_FORMAT"),
    oneOf(FORMAT, ["json", "csv"]),
  ],
  ["filters?", areFilters],
  ...filters,
  ...flags(
    INVALID_DATA_TYPE,
    "options:includeMetadata?",
    "options:includeStats?",
  ),
]);
