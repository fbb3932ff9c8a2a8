/** Argument checks of `cortex.conversations`, in the order in which they run. */
import {
  AGENT_ID_REQUIRED,
  DUPLICATE_VALUES,
  EMPTY_STRING,
  INVALID_PARTICIPANTS,
  INVALID_RANGE,
} from "../../convex/lib/moduleCodes.ts";
import { INVALID_DATE_RANGE } from "../rules/words.ts";
import { ConversationValidationError } from "../../errors.ts";
import {
  flags,
  metadata,
  ofTenant,
  ROLES,
  textLists,
  texts,
} from "../rules/field_rules.ts";
import {
  type Arguments,
  arrayOf,
  as,
  between,
  type Check,
  controls,
  eachOf,
  FORMAT,
  isRecord,
  isText,
  lookUp,
  MISSING,
  must,
  notEmpty,
  object,
  oneOf,
  ownId,
  type Row,
  rules,
  type Test,
  timestamp,
  when,
} from "../rules/rules.ts";
import {
  A_STRING,
  distinct,
  EMPTY_ARRAY,
  integerBetween,
  INVALID_TYPE,
  isNumber,
  itself,
  membersOf,
  sortOrder,
  text,
  TIME_IN_MS,
} from "../rules/rule_words.ts";

const conversation = (rows: readonly Row[]): Check =>
  rules(ConversationValidationError, rows);

const type = oneOf(INVALID_TYPE, ["user-agent", "agent-agent"]);
/** Conditions of `deleteMany`, which needs at least one. */
const SELECTING = ["userId", "memorySpaceId", "type"];

const INVALID_ROLE = "INVALID_ROLE";

const limit = integerBetween(INVALID_RANGE, 1, 1000);
const offset = integerBetween(INVALID_RANGE, 0);

const ids: Test[] = [
  arrayOf(INVALID_RANGE, (id) => typeof id === "string", A_STRING),
  notEmpty(EMPTY_ARRAY),
];

const date = itself(INVALID_DATE_RANGE, isNumber, TIME_IN_MS);

/** Both ends are numbers, and in order where both are given. */
const dateRange = (start: string, end: string): Test =>
  as(
    undefined,
    must(
      INVALID_DATE_RANGE,
      (_, all) => {
        const bounds = [lookUp(all, start), lookUp(all, end)];
        const [from = -Infinity, to = Infinity] = bounds;
        return isNumber(from) && isNumber(to) && from < to;
      },
      `${start} must be a number, and before ${end}`,
    ),
  );

const PARTICIPANT_IDS = ["userId", "agentId", "participantId"]
  .map((name) => `participants.${name}?`);

const isUserAgent = (all: Arguments) => all.type === "user-agent";
const isAgentAgent = (all: Arguments) => all.type === "agent-agent";

const spaces: Test[] = [
  must(
    INVALID_PARTICIPANTS,
    Array.isArray,
    "%f is required for agent-agent conversations",
  ),
  must(
    INVALID_PARTICIPANTS,
    (ids) => (ids as unknown[]).length >= 2,
    "agent-agent conversations require at least 2 memorySpaceIds: %t",
  ),
  must(
    INVALID_PARTICIPANTS,
    (ids) => (ids as unknown[]).every(isText),
    "%f must hold non-empty strings only",
  ),
];

/** `create` */
export const checkCreate: Check = conversation([
  ["memorySpaceId", text()],
  ["type", type],
  ["conversationId?", ownId()],
  ["participants", object()],
  [
    "participants.userId",
    when(
      isUserAgent,
      must(
        INVALID_PARTICIPANTS,
        isText,
        "%f is required for user-agent conversations",
      ),
    ),
  ],
  [
    "participants.agentId",
    when(
      isUserAgent,
      must(
        INVALID_PARTICIPANTS,
        isText,
        AGENT_ID_REQUIRED,
      ),
    ),
  ],
  ["participants.memorySpaceIds", when(isAgentAgent, ...spaces)],
  ...textLists("participants.memorySpaceIds?"),
  ["participants.memorySpaceIds?", distinct(DUPLICATE_VALUES)],
  ofTenant,
  ...texts("participantId?", ...PARTICIPANT_IDS),
  metadata(FORMAT, "metadata"),
]);

/** `addMessage` */
export const checkAddMessage: Check = conversation([
  ["conversationId", text()],
  ["message.content", text()],
  ["message:role", oneOf(INVALID_ROLE, ROLES)],
  ["message.id?", ownId()],
  ["message.timestamp?", timestamp],
  ...texts("message.participantId?"),
  metadata(FORMAT, "message.metadata"),
]);

/** `get` */
export const checkGet: Check = conversation([
  controls(),
  ["conversationId", text()],
  ["messageLimit?", integerBetween(INVALID_RANGE, 1)],
  ...flags(FORMAT, "includeMessages?"),
]);

/** `list`, `count` */
export const checkList: Check = conversation([
  ["type?", type],
  ["limit?", limit],
  ["offset?", offset],
  ["sortOrder?", sortOrder],
  [
    "sortBy?",
    oneOf(FORMAT, [
      "createdAt",
      "updatedAt",
      "lastMessageAt",
      "messageCount",
    ]),
  ],
  [
    "messageCount?",
    must(
      INVALID_RANGE,
      isCount,
      "%f must be a number or an object with min or max",
    ),
  ],
  ofTenant,
  ...texts("userId?", "memorySpaceId?", "participantId?"),
  ...["created", "updated", "lastMessage"].flatMap((name): Row[] => [
    [`${name}After?`, date],
    [`${name}Before?`, date],
  ]),
  ...flags(FORMAT, "includeMessages?"),
  metadata(FORMAT, "metadata"),
]);

/** `delete` */
export const checkNamed: Check = conversation([["conversationId", text()]]);

/** `deleteMany`: filter and options. */
export const checkDeleteMany: Check = conversation([
  controls(),
  ["filter:type?", type],
  [
    "-filter",
    must(
      MISSING,
      (filter) => SELECTING.some((name) => isText(lookUp(filter, name))),
      "deleteMany requires userId, memorySpaceId or type",
    ),
  ],
  ["confirmationThreshold?", between(INVALID_RANGE, 0, Infinity)],
  ["filter.!"],
  ...membersOf(
    "filter",
    ofTenant,
    ...texts("userId?", "memorySpaceId?"),
  ),
  ...flags(FORMAT, "dryRun?", "requireConfirmation?"),
]);

/** `getMessage` */
export const checkGetMessage: Check = conversation([
  ["conversationId", text()],
  ["messageId", text()],
]);

/** `getMessagesByIds` */
export const checkGetMessages: Check = conversation([
  ["conversationId", text()],
  ["messageIds", ...ids, distinct(DUPLICATE_VALUES)],
]);

/** `findConversation` */
export const checkFind: Check = conversation([
  ["memorySpaceId", text()],
  ["type", type],
  ["userId", when(isUserAgent, text())],
  [
    "memorySpaceIds",
    when(
      isAgentAgent,
      must(
        "INVALID_ARRAY_LENGTH",
        (ids) => Array.isArray(ids) && ids.length >= 2,
        "%f must hold at least 2",
      ),
      distinct(DUPLICATE_VALUES),
    ),
  ],
  ofTenant,
  ...textLists("memorySpaceIds?"),
]);

/** `getHistory` */
export const checkHistory: Check = conversation([
  controls(),
  ["conversationId", text()],
  ["limit?", limit],
  ["offset?", offset],
  ["sortOrder?", sortOrder],
  ["since", dateRange("since", "until")],
  ["until"],
  [
    "roles?",
    eachOf(INVALID_ROLE, ROLES),
  ],
]);

const inFilters: Test[] = [
  must(
    INVALID_DATE_RANGE,
    (value) =>
      value == null || isRecord(value) && hasOnly(value, ["start", "end"]),
    "%f must be an object with start or end",
  ),
  dateRange("filters.dateRange.start", "filters.dateRange.end"),
];

/** `search` */
export const checkSearch: Check = conversation([
  ["query", text(EMPTY_STRING)],
  metadata(FORMAT, "filters"),
  metadata(FORMAT, "options"),
  ...membersOf(
    "filters",
    ["type?", type],
    ["limit?", limit],
    ofTenant,
    ...texts("userId?", "memorySpaceId?"),
  ),
  ["filters.dateRange", ...inFilters],
  ["options:searchIn?", oneOf(FORMAT, ["content", "metadata", "both"])],
  ["options:matchMode?", oneOf(FORMAT, ["contains", "exact", "fuzzy"])],
]);

/** `export` */
export const checkExport: Check = conversation([
  ["filters.!"],
  ["format", oneOf(FORMAT, ["json", "csv"])],
  metadata(FORMAT, "filters"),
  ...membersOf(
    "filters",
    ["type?", type],
    ofTenant,
    ...texts("userId?", "memorySpaceId?", "participantId?"),
  ),
  ["filters.conversationIds?", ...ids],
  ["filters.dateRange", ...inFilters],
  ...flags(FORMAT, "includeMetadata?"),
]);

/** Whether an object, or nothing, has only these members: another name would select more than the caller meant. */
function hasOnly(value: unknown, members: readonly string[]): boolean {
  return Object.keys(Object(value)).every((name) => members.includes(name));
}

function isCount(value: unknown): boolean {
  const bounds = typeof value === "object" && value !== null
    ? [lookUp(value, "min"), lookUp(value, "max")]
    : [value ?? NaN];
  return hasOnly(value, ["min", "max"]) &&
    bounds.every((bound) => bound === undefined || isNumber(bound));
}
