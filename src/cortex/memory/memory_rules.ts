/** Argument checks of `cortex.memory`, in the order in which they run. */
import { INVALID_IMPORTANCE } from "../../convex/lib/codes.ts";
import {
  FINITE_NUMBER,
  INVALID_DATE_RANGE,
  INVALID_FILTER,
  INVALID_ID_FORMAT,
  INVALID_MEMORYSPACE_ID,
  NON_EMPTY_STRING,
} from "../rules/words.ts";
import { MemoryValidationError } from "../../errors.ts";
import {
  CONTENT_TYPES,
  flags,
  INVALID_CONFIDENCE,
  INVALID_EMBEDDING,
  memoryDetails,
  metadata,
  ofTenant,
  sourceType,
  texts,
  toMs,
  vector,
} from "../rules/field_rules.ts";
import {
  arrayOf,
  as,
  between,
  callback,
  type Check,
  controls,
  current,
  eachOf,
  FORMAT,
  isText,
  lookUp,
  MISSING,
  must,
  notBlank,
  notEmpty,
  object,
  oneOf,
  ownId,
  positiveInteger,
  type Row,
  rules,
  someOf,
  string,
  type Test,
  timestamp,
  timeUpTo,
  when,
} from "../rules/rules.ts";

/** Layers that `remember` can leave out. */
const SKIPPABLE_LAYERS: readonly string[] = [
  "users",
  "agents",
  "conversations",
  "vector",
  "facts",
  "graph",
];

/** Strategies for recognising duplicate facts. */
const DEDUPLICATIONS = ["semantic", "structural", "exact", false];

const memory = (rows: readonly Row[]): Check =>
  rules(MemoryValidationError, rows);

const required: Test[] = [string(), notBlank()];
const importance = between(INVALID_IMPORTANCE, 0, 100);
const tags = arrayOf(FORMAT, isText, NON_EMPTY_STRING);
const NEGATIVE = "NEGATIVE_NUMBER";
const limit = positiveInteger(NEGATIVE);

const memorySpaceId: Row = ["memorySpaceId", ...required];
const memoryId: Row = ["memoryId", ...required];
const query: Row = ["query", ...required];
const userId: Row = ["userId?", ...required];
const participantId: Row = [
  "participantId?",
  string(FORMAT),
  notBlank(FORMAT),
];
const ofSource: Row = ["sourceType?", sourceType];
const ofImportance: Row = ["importance?", importance];
const ofTags: Row = ["tags?", tags];
const ofEmbedding: Row = [
  "embedding?",
  vector(FINITE_NUMBER),
  notEmpty(INVALID_EMBEDDING),
];
const ofLimit: Row = ["limit?", limit];

/** Two optional dates, in order. */
const datesInOrder: Test = (_, field, { createdAfter, createdBefore }) => {
  const dates = [createdAfter, createdBefore];
  // An invalid date is NaN, which fails every comparison.
  const [from = -Infinity, until = Infinity] = dates.map(toMs);
  return from <= until ? undefined : {
    code: INVALID_DATE_RANGE,
    field,
    message: `${field} must be Dates in order: ${
      dates.map(current).join(", ")
    }`,
  };
};

const owner = must(
  "OWNER_REQUIRED",
  (_, all) => isText(all.userId) || isText(all.agentId),
  "Either userId or agentId must be provided",
);
const requiredWithUser = (code: string): Test =>
  when(
    (all) => isText(all.userId),
    must(
      code,
      isText,
      "%f is required when userId is provided",
    ),
  );

/** A callback, or null for none. */
const callbackOrNull = (name: string): Row => [
  name,
  when((all) => all[name] != null, callback()),
];

/** Callbacks that both the params and the options accept. */
const makers: Row[] = [
  ...["extractContent", "generateEmbedding"].map(callbackOrNull),
  ...flags(FORMAT, "autoEmbed?"),
];

/** `remember` */
export const checkRemember: Check = memory([
  ["conversationId", ...required],
  ["userMessage", ...required],
  ["agentResponse", ...required],
  ["memorySpaceId?", string(), notBlank(INVALID_MEMORYSPACE_ID)],
  ["userId/agentId", owner],
  // A memory without an owner would belong to nobody, and no erasure would delete it.
  ["userId", when((all) => all.userId != null, string())],
  ["agentId", requiredWithUser("AGENT_REQUIRED_FOR_USER_CONVERSATION")],
  ["userName", requiredWithUser(MISSING)],
  ofImportance,
  ofTags,
  participantId,
  ofTenant,
  [
    "skipLayers?",
    eachOf(FORMAT, SKIPPABLE_LAYERS),
  ],
  ["timestamp?", timestamp],
  ["userMessageId?", ownId()],
  ["agentMessageId?", ownId()],
  [
    "agentMessageId",
    when(
      (all) => all.userMessageId !== undefined,
      must(
        INVALID_ID_FORMAT,
        (id, all) => id !== all.userMessageId,
        "%f must differ from userMessageId",
      ),
    ),
  ],
  ["factDeduplication?", oneOf(FORMAT, DEDUPLICATIONS)],
  ...makers,
  callbackOrNull("extractFacts"),
]);

/** The options of `remember` */
export const checkRememberOptions: Check = memory([
  ...makers,
  ...flags(
    FORMAT,
    "extractFacts?",
    "beliefRevision.enabled?",
    "beliefRevision.slotMatching?",
    "beliefRevision.llmResolution?",
  ),
  controls(),
]);

/** `recall` */
export const checkRecall: Check = memory([
  memorySpaceId,
  query,
  ofEmbedding,
  userId,
  ofTenant,
  ["minImportance?", importance],
  ["minConfidence?", between(INVALID_CONFIDENCE, 0, 100)],
  ofTags,
  ["createdAfter/createdBefore", datesInOrder],
  ofLimit,
  ["maxTokens?", limit],
  ["citeBy?", oneOf(FORMAT, ["id", "number"])],
  metadata(FORMAT, "sources"),
  ["graphExpansion.maxDepth?", between("INVALID_GRAPH_DEPTH", 1, 5)],
  ["graphExpansion.relationshipTypes?", tags],
  ...flags(
    FORMAT,
    "sources.vector?",
    "sources.facts?",
    "includeConversation?",
    "formatForLLM?",
    "explain?",
  ),
]);

/** `search` */
export const checkSearch: Check = memory([
  controls(),
  memorySpaceId,
  query,
  ofEmbedding,
  userId,
  ofTags,
  ofSource,
  ["minImportance?", importance],
  ofLimit,
  ["minScore?", between(FORMAT, 0, 1)],
  ofTenant,
  ...texts("queryCategory?"),
  ...flags(FORMAT, "enrichConversation?", "hybrid?"),
]);

/** `store` */
export const checkStore: Check = memory([
  memorySpaceId,
  ["content", ...required],
  ["contentType", oneOf(FORMAT, CONTENT_TYPES)],
  ["source", object()],
  ["source.type", as("sourceType", sourceType)],
  ["metadata", object()],
  ["metadata:importance", importance],
  ["metadata:tags", tags],
  ofEmbedding,
  userId,
  participantId,
  [
    "conversationRef",
    when(
      (all) => lookUp(all, "source.type") === "conversation",
      must(
        "MISSING_CONVERSATION_REF",
        (ref) => ref != null,
        '%f is required for the source "conversation"',
      ),
    ),
  ],
  ofTenant,
  ["memoryId?", ownId()],
  ["source:timestamp?", timestamp],
  ...memoryDetails,
  callbackOrNull("extractFacts"),
]);

const someUpdate = (...fields: string[]): Row => [
  "-updates",
  someOf(FORMAT, fields, "At least one update field must be provided"),
];

/** `get` */
export const checkGet: Check = memory([
  controls(),
  memorySpaceId,
  memoryId,
  ...flags(FORMAT, "includeConversation?"),
]);

/** `delete`, `archive`, `restoreFromArchive`, `getHistory` */
export const checkNamed: Check = memory([
  controls(),
  memorySpaceId,
  memoryId,
  ...flags(FORMAT, "cascadeDeleteFacts?"),
]);

/** `forget` */
export const checkForget: Check = memory([
  controls(),
  memorySpaceId,
  memoryId,
  ...flags(FORMAT, "deleteConversation?", "deleteEntireConversation?"),
]);

/** `update` */
export const checkUpdate: Check = memory([
  memorySpaceId,
  memoryId,
  ["content?", ...required],
  ofImportance,
  ofTags,
  ofEmbedding,
  someUpdate("content", "embedding", "importance", "tags"),
  ...flags(FORMAT, "reextractFacts?"),
  callbackOrNull("extractFacts"),
]);

/** `list`, `count` */
export const checkList: Check = memory([
  memorySpaceId,
  userId,
  ofSource,
  ofTenant,
  ofLimit,
  ...texts("participantId?"),
  ...flags(FORMAT, "enrichFacts?"),
]);

/** The filter of `updateMany` */
export const checkFilter: Check = memory([
  ["!"],
  memorySpaceId,
  userId,
  ofSource,
  ofTenant,
]);

/** The updates of `updateMany` */
export const checkUpdates: Check = memory([
  ofImportance,
  ofTags,
  someUpdate("importance", "tags"),
]);

/** `deleteMany` */
export const checkDeleteMany: Check = memory([
  ["!"],
  memorySpaceId,
  userId,
  ofSource,
  ofTenant,
  [
    "-filter",
    someOf(
      INVALID_FILTER,
      ["userId", "sourceType"],
      "Filter must include at least one criterion",
    ),
  ],
]);

/** `export` */
export const checkExport: Check = memory([
  ["!"],
  memorySpaceId,
  userId,
  ofTenant,
  ["format", oneOf(FORMAT, ["json", "csv"])],
  ...flags(FORMAT, "includeEmbeddings?", "includeFacts?"),
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
  ["timestamp", timeUpTo(Infinity)],
]);
