/** What `cortex.conversations` asks of its arguments, in the order in which it is checked. */
import { ConversationValidationError } from "../errors.ts";
import { tenant } from "./field_rules.ts";
import {
  type Arguments,
  as,
  type Check,
  distinct,
  FORMAT,
  integerBetween,
  isText,
  lookUp,
  must,
  object,
  oneOf,
  optional,
  ownId,
  type Row,
  rules,
  type Test,
  text,
  timestamp,
  when,
} from "./rules.ts";

const conversation = (rows: readonly Row[]): Check =>
  rules(ConversationValidationError, rows);

const type = oneOf("INVALID_TYPE", ["user-agent", "agent-agent"]);
const RANGE = "INVALID_RANGE";
const PARTICIPANTS = "INVALID_PARTICIPANTS";

const isUserAgent = (all: Arguments) => all.type === "user-agent";
const isAgentAgent = (all: Arguments) => all.type === "agent-agent";

const spaces: Test[] = [
  must(
    PARTICIPANTS,
    Array.isArray,
    (field) => `${field} is required for agent-agent conversations`,
  ),
  must(
    PARTICIPANTS,
    (ids) => (ids as unknown[]).length >= 2,
    (_, ids) =>
      `agent-agent conversations require at least 2 memorySpaceIds: got ${
        (ids as unknown[]).length
      }`,
  ),
  must(
    PARTICIPANTS,
    (ids) => (ids as unknown[]).every(isText),
    (field) => `${field} must hold non-empty strings only`,
  ),
  distinct("DUPLICATE_VALUES"),
];

/** `create` */
export const checkCreate: Check = conversation([
  ["memorySpaceId", text()],
  ["type", type],
  ["conversationId", optional(ownId())],
  ["participants", object()],
  [
    "participants.userId",
    when(
      isUserAgent,
      must(
        PARTICIPANTS,
        isText,
        (field) => `${field} is required for user-agent conversations`,
      ),
    ),
  ],
  [
    "participants.agentId",
    when(
      isUserAgent,
      must(
        PARTICIPANTS,
        isText,
        () => "agentId is required when userId is provided",
      ),
    ),
  ],
  ["participants.memorySpaceIds", when(isAgentAgent, ...spaces)],
  ["tenantId", tenant],
]);

/** `addMessage` */
export const checkAddMessage: Check = conversation([
  ["conversationId", text()],
  ["message.content", text()],
  [
    "message.role",
    as("role", oneOf("INVALID_ROLE", ["user", "agent", "system"])),
  ],
  ["message.id", optional(ownId())],
  ["message.timestamp", optional(timestamp)],
]);

/** `get` */
export const checkGet: Check = conversation([
  ["conversationId", text()],
  ["messageLimit", optional(integerBetween(RANGE, 1))],
]);

/** `list` */
export const checkList: Check = conversation([
  ["type", optional(type)],
  ["limit", optional(integerBetween(RANGE, 1, 1000))],
  ["offset", optional(integerBetween(RANGE, 0))],
  ["sortOrder", optional(oneOf("INVALID_SORT_ORDER", ["asc", "desc"]))],
  [
    "sortBy",
    optional(
      oneOf(FORMAT, [
        "createdAt",
        "updatedAt",
        "lastMessageAt",
        "messageCount",
      ]),
    ),
  ],
  [
    "messageCount",
    optional(
      must(
        RANGE,
        isCount,
        (field) => `${field} must be a number or an object with min or max`,
      ),
    ),
  ],
  ["tenantId", tenant],
]);

function isCount(value: unknown): boolean {
  const bounds = typeof value === "object" && value !== null
    ? [lookUp(value, "min"), lookUp(value, "max")]
    : [value ?? NaN];
  return bounds.every((bound) =>
    bound === undefined || typeof bound === "number" && !Number.isNaN(bound)
  );
}
