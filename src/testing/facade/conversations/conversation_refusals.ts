/** Wrong arguments of `conversations`. */
import { type CallsByName, type Refusal, refusals } from "../refusals.ts";
import type { ContractCase } from "../../types.ts";

const calls = {
  count: (cortex, wrong) => cortex.conversations.count(wrong),
  delete: (cortex, { conversationId = "c" }) =>
    cortex.conversations.delete(conversationId),
  deleteMany: (cortex, { filter = {}, ...options }) =>
    cortex.conversations.deleteMany(filter, options),
  getMessage: (cortex, { conversationId = "c", messageId = "m" }) =>
    cortex.conversations.getMessage(conversationId, messageId),
  getMessagesByIds: (cortex, { conversationId = "c", ...wrong }) =>
    cortex.conversations.getMessagesByIds(conversationId, wrong.messageIds),
  findConversation: (cortex, wrong) =>
    cortex.conversations.findConversation({
      memorySpaceId: "space",
      type: "user-agent",
      userId: "ada",
      ...wrong,
    }),
  getOrCreate: (cortex, wrong) =>
    cortex.conversations.getOrCreate({
      memorySpaceId: "space",
      type: "user-agent",
      participants: { userId: "ada", agentId: "helper" },
      ...wrong,
    }),
  getHistory: (cortex, { conversationId = "c", ...options }) =>
    cortex.conversations.getHistory(conversationId, options),
  search: (cortex, wrong) =>
    cortex.conversations.search({ query: "key", ...wrong }),
  export: (cortex, wrong) =>
    cortex.conversations.export({ format: "json", ...wrong }),
} satisfies CallsByName;

const missing = "MISSING_REQUIRED_FIELD";
const agents = (memorySpaceIds?: unknown) => ({
  type: "agent-agent",
  memorySpaceIds,
});
const filters = (filters: object) => ({ filters });
const dates = (start: unknown, end: unknown) =>
  filters({ dateRange: { start, end } });

// deno-fmt-ignore
const rows: readonly Refusal<keyof typeof calls>[] = [
  ["count", { userId: 7 }, "INVALID_FORMAT", "userId", "userId must be a string"],
  ["count", { type: "chat" }, "INVALID_TYPE", "type"],
  ["count", { tenantId: "" }, "INVALID_FORMAT", "tenantId"],
  ["delete", { conversationId: " " }, missing, "conversationId"],
  ["delete", { conversationId: 7 }, missing, "conversationId"],
  ["deleteMany", {}, missing, undefined],
  ["deleteMany", { filter: null }, missing, undefined],
  ["deleteMany", { filter: { userId: undefined } }, missing, undefined],
  ["deleteMany", { filter: { userId: "", memorySpaceId: " " } }, missing, undefined],
  ["deleteMany", { filter: { type: "chat" } }, "INVALID_TYPE", "type"],
  ["deleteMany", { filter: { userId: "u" }, confirmationThreshold: -1 }, "INVALID_RANGE", "confirmationThreshold"],
  ["deleteMany", { filter: { userId: "u" }, confirmationThreshold: NaN }, "INVALID_RANGE", "confirmationThreshold"],
  ["getMessage", { conversationId: "" }, missing, "conversationId"],
  ["getMessage", { messageId: "" }, missing, "messageId"],
  ["getMessagesByIds", { conversationId: "", messageIds: ["m"] }, missing, "conversationId"],
  ["getMessagesByIds", { messageIds: "m" }, "INVALID_RANGE", "messageIds"],
  ["getMessagesByIds", { messageIds: [] }, "EMPTY_ARRAY", "messageIds"],
  ["getMessagesByIds", { messageIds: ["m", "n", "m"] }, "DUPLICATE_VALUES", "messageIds"],
  ["findConversation", { memorySpaceId: "" }, missing, "memorySpaceId"],
  ["findConversation", { type: "chat" }, "INVALID_TYPE", "type"],
  ["findConversation", { userId: undefined }, missing, "userId"],
  ["findConversation", agents(), "INVALID_ARRAY_LENGTH", "memorySpaceIds"],
  ["findConversation", agents(["a"]), "INVALID_ARRAY_LENGTH", "memorySpaceIds"],
  ["findConversation", agents(["a", "a"]), "DUPLICATE_VALUES", "memorySpaceIds"],
  ["getOrCreate", { memorySpaceId: " " }, missing, "memorySpaceId"],
  ["getOrCreate", { type: undefined }, "INVALID_TYPE", "type"],
  ["getOrCreate", { conversationId: "a\0" }, "INVALID_ID_FORMAT", "conversationId"],
  ["getOrCreate", { participants: null }, missing, "participants"],
  ["getOrCreate", { participants: { userId: "ada" } }, "INVALID_PARTICIPANTS", "participants.agentId", "agentId is required when userId is provided"],
  ["getOrCreate", { type: "agent-agent", participants: { memorySpaceIds: ["a"] } }, "INVALID_PARTICIPANTS", "participants.memorySpaceIds", "agent-agent conversations require at least 2 memorySpaceIds"],
  ["getHistory", { conversationId: "" }, missing, "conversationId"],
  ["getHistory", { limit: 0 }, "INVALID_RANGE", "limit"],
  ["getHistory", { limit: 1001 }, "INVALID_RANGE", "limit"],
  ["getHistory", { offset: -1 }, "INVALID_RANGE", "offset"],
  ["getHistory", { offset: 0.5 }, "INVALID_RANGE", "offset"],
  ["getHistory", { sortOrder: "up" }, "INVALID_SORT_ORDER", "sortOrder"],
  ["getHistory", { since: 2, until: 1 }, "INVALID_DATE_RANGE", undefined],
  ["getHistory", { since: 1, until: 1 }, "INVALID_DATE_RANGE", undefined],
  ["getHistory", { since: "1", until: 2 }, "INVALID_DATE_RANGE", undefined],
  ["getHistory", { roles: ["bot"] }, "INVALID_ROLE", "roles"],
  ["search", { query: "" }, "EMPTY_STRING", "query"],
  ["search", { query: " " }, "EMPTY_STRING", "query"],
  ["search", { query: undefined }, "EMPTY_STRING", "query"],
  ["search", filters({ type: "chat" }), "INVALID_TYPE", "type"],
  ["search", filters({ limit: 0 }), "INVALID_RANGE", "limit"],
  ["search", filters({ dateRange: 5 }), "INVALID_DATE_RANGE", "filters.dateRange", "start or end"],
  ["search", { filters: "today" }, "INVALID_FORMAT", "filters"],
  ["search", { options: ["exact"] }, "INVALID_FORMAT", "options"],
  ["search", dates(2, 1), "INVALID_DATE_RANGE", undefined],
  ["search", dates(1, 1), "INVALID_DATE_RANGE", undefined],
  ["search", { options: { searchIn: "title" } }, "INVALID_FORMAT", "searchIn"],
  ["search", { options: { matchMode: "regex" } }, "INVALID_FORMAT", "matchMode"],
  ["export", { format: "xml" }, "INVALID_FORMAT", "format"],
  ["export", { format: undefined }, "INVALID_FORMAT", "format"],
  ["export", filters({ type: "chat" }), "INVALID_TYPE", "type"],
  ["export", filters({ dateRange: { from: 1 } }), "INVALID_DATE_RANGE", "filters.dateRange", "start or end"],
  ["count", { messageCount: { most: 5 } }, "INVALID_RANGE", "messageCount", "min or max"],
  ["export", filters({ conversationIds: [] }), "EMPTY_ARRAY", "filters.conversationIds"],
  ["export", filters({ conversationIds: "c" }), "INVALID_RANGE", "filters.conversationIds"],
  ["export", { filters: "today" }, "INVALID_FORMAT", "filters"],
  ["export", dates(5, 1), "INVALID_DATE_RANGE", undefined],
];

/** One case per row. */
export const conversationRefusals: ContractCase<void>[] = refusals(
  "ConversationValidationError",
  Object.fromEntries(
    Object.entries(calls).map((
      [name, call],
    ) => [`conversations.${name}`, call]),
  ),
  rows.map(([method, ...rest]) => [`conversations.${method}`, ...rest]),
);
