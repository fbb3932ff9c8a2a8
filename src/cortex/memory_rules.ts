/** What `cortex.memory` asks of its arguments, in the order in which it is checked. */
import {
  FINITE_NUMBER,
  INVALID_DATE_RANGE,
  INVALID_ID_FORMAT,
  INVALID_MEMORYSPACE_ID,
  NON_EMPTY_STRING,
} from "./words.ts";
import { MemoryValidationError } from "../errors.ts";
import {
  CONTENT_TYPES,
  dateNotAfter,
  INVALID_CONFIDENCE,
  INVALID_EMBEDDING,
  names,
  sourceType,
  tenant,
  vector,
} from "./field_rules.ts";
import {
  arrayOf,
  as,
  between,
  callback,
  type Check,
  FORMAT,
  isText,
  lookUp,
  MISSING,
  must,
  notBlank,
  notEmpty,
  object,
  oneOf,
  optional,
  ownId,
  positiveInteger,
  type Row,
  rules,
  string,
  type Test,
  timestamp,
  when,
} from "./rules.ts";
import { INVALID_FILTER } from "./rule_words.ts";

/** Layers that `remember` can leave out. */
const SKIPPABLE_LAYERS: readonly string[] = [
  "users",
  "agents",
  "conversations",
  "vector",
  "facts",
  "graph",
];

/** How facts can be told apart. */
const DEDUPLICATIONS: readonly string[] = ["semantic", "structural", "exact"];

const memory = (rows: readonly Row[]): Check =>
  rules(MemoryValidationError, rows);

const required: Test[] = [string(), notBlank()];
const importance = between("INVALID_IMPORTANCE", 0, 100);
const tags = arrayOf(FORMAT, isText, NON_EMPTY_STRING);
const embedding: Test[] = [
  vector(FINITE_NUMBER),
  notEmpty(INVALID_EMBEDDING),
];
const NEGATIVE = "NEGATIVE_NUMBER";
const limit = positiveInteger(NEGATIVE);
const score = between(FORMAT, 0, 1);
const participant: Test[] = [string(FORMAT), notBlank(FORMAT)];

const owner = must(
  "OWNER_REQUIRED",
  (_, all) => names(all, "userId") || names(all, "agentId"),
  () => "Either userId or agentId must be provided",
);
const requiredWithUser = (code: string): Test =>
  when(
    (all) => names(all, "userId"),
    must(
      code,
      isText,
      (field) => `${field} is required when userId is provided`,
    ),
  );

/** `remember` */
export const checkRemember: Check = memory([
  ["conversationId", ...required],
  ["userMessage", ...required],
  ["agentResponse", ...required],
  ["memorySpaceId", optional(string(), notBlank(INVALID_MEMORYSPACE_ID))],
  ["userId/agentId", owner],
  ["agentId", requiredWithUser("AGENT_REQUIRED_FOR_USER_CONVERSATION")],
  ["userName", requiredWithUser(MISSING)],
  ["importance", optional(importance)],
  ["tags", optional(tags)],
  ["participantId", optional(...participant)],
  ["tenantId", tenant],
  [
    "skipLayers",
    optional(
      arrayOf(
        FORMAT,
        (layer) => SKIPPABLE_LAYERS.includes(layer as string),
        `must be one of ${SKIPPABLE_LAYERS.join(", ")}`,
      ),
    ),
  ],
  ["timestamp", optional(timestamp)],
  ["userMessageId", optional(ownId())],
  ["agentMessageId", optional(ownId())],
  [
    "agentMessageId",
    when(
      (all) => all.userMessageId !== undefined,
      must(
        INVALID_ID_FORMAT,
        (id, all) => id !== all.userMessageId,
        (field) => `${field} must differ from userMessageId`,
      ),
    ),
  ],
  [
    "factDeduplication",
    optional(
      must(
        FORMAT,
        (mode) => mode === false || DEDUPLICATIONS.includes(mode as string),
        (field) =>
          `Invalid ${field}: must be false or one of ${
            DEDUPLICATIONS.join(", ")
          }`,
      ),
    ),
  ],
  ...["extractContent", "generateEmbedding", "extractFacts"].map((
    name,
  ): Row => [
    name,
    when((all) => all[name] !== undefined && all[name] !== null, callback()),
  ]),
]);

/** `recall` */
export const checkRecall: Check = memory([
  ["memorySpaceId", ...required],
  ["query", ...required],
  ["embedding", optional(...embedding)],
  ["userId", optional(...required)],
  ["tenantId", tenant],
  ["minImportance", optional(importance)],
  ["minConfidence", optional(between(INVALID_CONFIDENCE, 0, 100))],
  ["tags", optional(tags)],
  [
    "createdAfter",
    as(
      "createdAfter/createdBefore",
      dateNotAfter(INVALID_DATE_RANGE, "createdBefore"),
    ),
  ],
  ["limit", optional(limit)],
  ["maxTokens", optional(limit)],
  [
    "graphExpansion.maxDepth",
    optional(between("INVALID_GRAPH_DEPTH", 1, 5)),
  ],
  ["graphExpansion.relationshipTypes", optional(tags)],
]);

/** `search` */
export const checkSearch: Check = memory([
  ["memorySpaceId", ...required],
  ["query", ...required],
  ["embedding", optional(...embedding)],
  ["userId", optional(...required)],
  ["tags", optional(tags)],
  ["sourceType", optional(sourceType)],
  ["minImportance", optional(importance)],
  ["limit", optional(limit)],
  ["minScore", optional(score)],
]);

/** `store` */
export const checkStore: Check = memory([
  ["memorySpaceId", ...required],
  ["content", ...required],
  ["contentType", oneOf(FORMAT, CONTENT_TYPES)],
  ["source", object()],
  ["source.type", as("sourceType", sourceType)],
  ["metadata", object()],
  ["metadata.importance", as("importance", importance)],
  ["metadata.tags", as("tags", tags)],
  ["embedding", optional(...embedding)],
  ["userId", optional(...required)],
  ["participantId", optional(...participant)],
  [
    "conversationRef",
    when(
      (all) => lookUp(all, "source.type") === "conversation",
      must(
        "MISSING_CONVERSATION_REF",
        (ref) => ref !== undefined && ref !== null,
        (field) => `${field} is required for the source "conversation"`,
      ),
    ),
  ],
  ["tenantId", tenant],
  ["memoryId", optional(ownId())],
  ["source.timestamp", as("timestamp", optional(timestamp))],
  ["extractFacts", when((all) => all.extractFacts != null, callback())],
]);

const memorySpaceId: Row = ["memorySpaceId", ...required];
const memoryId: Row = ["memoryId", ...required];
const userId: Row = ["userId", optional(...required)];
const source: Row = ["sourceType", optional(sourceType)];
const weight: Row = ["importance", optional(importance)];
const labels: Row = ["tags", optional(tags)];

/** At least one of these arguments is given. */
const someOf = (code: string, says: string, fields: string[]): Row => [
  fields.join("/"),
  as(
    undefined,
    must(
      code,
      (_, all) => fields.some((field) => all[field] !== undefined),
      () => `${says}: ${fields.join(", ")}`,
    ),
  ),
];

const someUpdate = (...fields: string[]) =>
  someOf(FORMAT, "At least one update field must be provided", fields);

/** `get`, `forget`, `delete`, `archive`, `restoreFromArchive`, `getHistory` */
export const checkNamed: Check = memory([memorySpaceId, memoryId]);

/** `update` */
export const checkUpdate: Check = memory([
  memorySpaceId,
  memoryId,
  ["content", optional(...required)],
  weight,
  labels,
  ["embedding", optional(...embedding)],
  someUpdate("content", "embedding", "importance", "tags"),
  ["extractFacts", when((all) => all.extractFacts != null, callback())],
]);

/** `list`, `count` */
export const checkList: Check = memory([
  memorySpaceId,
  userId,
  source,
  ["limit", optional(limit)],
  ["tenantId", tenant],
]);

/** `updateMany`: filter and updates. */
export const checkUpdateMany: Check = memory([
  memorySpaceId,
  userId,
  source,
  weight,
  labels,
  someUpdate("importance", "tags"),
]);

/** `deleteMany` */
export const checkDeleteMany: Check = memory([
  memorySpaceId,
  userId,
  source,
  someOf(INVALID_FILTER, "Filter must include at least one criterion", [
    "userId",
    "sourceType",
  ]),
]);

/** `export` */
export const checkExport: Check = memory([
  memorySpaceId,
  userId,
  ["format", oneOf(FORMAT, ["json", "csv"])],
]);

/** `getVersion` */
export const checkVersion: Check = memory([
  memorySpaceId,
  memoryId,
  ["version", positiveInteger(NEGATIVE)],
]);

/** `getAtTimestamp` */
export const checkAtTimestamp: Check = memory([
  memorySpaceId,
  memoryId,
  ["timestamp", timestamp],
]);
