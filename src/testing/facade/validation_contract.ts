/**
 * Validation tables of the facade's modules: class, code, field and text of the error, thrown before anything is sent.
 */
import { type CallsByName, type Refusal, refusals } from "./refusals.ts";
import { exchange, note } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Each method with valid arguments, changed by what is wrong. */
const calls = {
  "memory.remember": (cortex, { options, ...wrong }) =>
    cortex.memory.remember({ ...exchange(), ...wrong }, options),
  "memory.recall": (cortex, wrong) =>
    cortex.memory.recall({ memorySpaceId: "space", query: "key", ...wrong }),
  "memory.search": (cortex, { memorySpaceId, query, ...options }) =>
    cortex.memory.search(
      memorySpaceId === undefined ? "space" : memorySpaceId as string,
      query === undefined ? "key" : query as string,
      options,
    ),
  "memory.list": (cortex, wrong) =>
    cortex.memory.list({ memorySpaceId: "space", ...wrong }),
  "memory.store": (cortex, { memorySpaceId = "space", ...wrong }) =>
    cortex.memory.store(memorySpaceId as string, { ...note(), ...wrong }),
  "memory.get": (
    cortex,
    { memorySpaceId = "space", memoryId = "mem-1", ...options },
  ) => cortex.memory.get(memorySpaceId as string, memoryId as string, options),
  "memory.forget": (cortex, { memorySpaceId = "space", memoryId = "mem-1" }) =>
    cortex.memory.forget(memorySpaceId as string, memoryId as string),
  "vector.store": (cortex, { memorySpaceId = "space", ...wrong }) =>
    cortex.vector.store(
      memorySpaceId as string,
      "input" in wrong ? wrong.input as never : { ...note(), ...wrong },
    ),
  "vector.get": (cortex, { memorySpaceId = "space", memoryId = "mem-1" }) =>
    cortex.vector.get(memorySpaceId as string, memoryId as string),
  "vector.search": (cortex, { memorySpaceId = "space", ...options }) =>
    cortex.vector.search(memorySpaceId as string, "key", options),
  "conversations.create": (cortex, wrong) =>
    cortex.conversations.create({
      memorySpaceId: "space",
      type: "user-agent",
      participants: { userId: "ada", agentId: "helper" },
      ...wrong,
    }),
  "conversations.addMessage": (cortex, { conversationId = "c", ...wrong }) =>
    cortex.conversations.addMessage({
      conversationId: conversationId as string,
      message: { role: "user", content: "Hello", ...wrong },
    }),
  "conversations.get": (cortex, { conversationId = "c", ...options }) =>
    cortex.conversations.get(conversationId as string, options),
  "conversations.list": (cortex, wrong) => cortex.conversations.list(wrong),
} satisfies CallsByName;

const missing = "MISSING_REQUIRED_FIELD";
const source = (type: string) => ({ source: { type } });
const metadata = (changes: object) => ({
  metadata: { importance: 1, tags: [], ...changes },
});
const agents = (memorySpaceIds?: unknown) => ({
  type: "agent-agent",
  participants: { memorySpaceIds },
});

// deno-fmt-ignore
const rows: readonly Refusal<keyof typeof calls>[] = [
  ["memory.remember", { conversationId: undefined }, missing, "conversationId", "conversationId is required"],
  ["memory.remember", { conversationId: 7 }, missing, "conversationId", "conversationId is required"],
  ["memory.remember", { conversationId: " " }, missing, "conversationId", "conversationId cannot be empty"],
  ["memory.remember", { userMessage: null }, missing, "userMessage", "userMessage is required"],
  ["memory.remember", { userMessage: "" }, missing, "userMessage", "userMessage cannot be empty"],
  ["memory.remember", { agentResponse: undefined }, missing, "agentResponse", "agentResponse is required"],
  ["memory.remember", { agentResponse: "\n" }, missing, "agentResponse", "agentResponse cannot be empty"],
  ["memory.remember", { memorySpaceId: "" }, "INVALID_MEMORYSPACE_ID", "memorySpaceId", "memorySpaceId cannot be empty"],
  ["memory.remember", { userId: undefined, agentId: " " }, "OWNER_REQUIRED", "userId/agentId", "Either userId or agentId must be provided"],
  ["memory.remember", { userId: 5 }, "MISSING_REQUIRED_FIELD", "userId", "userId is required and must be a string"],
  ["memory.remember", { userId: ["mia"] }, "MISSING_REQUIRED_FIELD", "userId", "userId is required and must be a string"],
  ["memory.remember", { agentId: undefined }, "AGENT_REQUIRED_FOR_USER_CONVERSATION", "agentId", "agentId is required when userId is provided"],
  ["memory.remember", { userName: " " }, missing, "userName", "userName is required when userId is provided"],
  ["memory.remember", { importance: 101 }, "INVALID_IMPORTANCE", "importance", "importance must be between 0 and 100: current value is 101"],
  ["memory.remember", { importance: "high" }, "INVALID_IMPORTANCE", "importance", "importance must be between 0 and 100"],
  ["memory.remember", { importance: NaN }, "INVALID_IMPORTANCE", "importance"],
  ["memory.remember", { tags: "a" }, "INVALID_FORMAT", "tags", "must be an array"],
  ["memory.remember", { tags: ["a", ""] }, "INVALID_FORMAT", "tags", "must be a non-empty string"],
  ["memory.remember", { participantId: "" }, "INVALID_FORMAT", "participantId"],
  ["memory.remember", { tenantId: " " }, "INVALID_FORMAT", "tenantId"],
  ["memory.remember", { skipLayers: ["vectors"] }, "INVALID_FORMAT", "skipLayers"],
  ["memory.remember", { timestamp: -1 }, "INVALID_TIMESTAMP", "timestamp", "timestamp cannot be negative"],
  ["memory.remember", { timestamp: "now" }, "INVALID_TIMESTAMP", "timestamp", "timestamp must be a valid timestamp"],
  ["memory.remember", { timestamp: new Date(NaN) }, "INVALID_TIMESTAMP", "timestamp"],
  ["memory.remember", { userMessageId: "a\nb" }, "INVALID_ID_FORMAT", "userMessageId"],
  ["memory.remember", { userMessageId: "m", agentMessageId: "m" }, "INVALID_ID_FORMAT", "agentMessageId"],
  ["memory.remember", { factDeduplication: "fuzzy" }, "INVALID_FORMAT", "factDeduplication"],
  ["memory.remember", { extractFacts: "yes" }, "INVALID_FORMAT", "extractFacts"],
  ["memory.remember", { options: { extractContent: "yes" } }, "INVALID_FORMAT", "extractContent", "must be a function"],
  ["memory.remember", { options: { generateEmbedding: 1 } }, "INVALID_FORMAT", "generateEmbedding", "must be a function"],
  ["memory.remember", { factDeduplication: true }, "INVALID_FORMAT", "factDeduplication", "must be one of semantic, structural, exact, false"],
  ["memory.remember", { autoEmbed: "false" }, "INVALID_FORMAT", "autoEmbed", "must be a boolean"],
  ["memory.remember", { options: { autoEmbed: 1 } }, "INVALID_FORMAT", "autoEmbed", "must be a boolean"],
  ["memory.remember", { options: { extractFacts: "no" } }, "INVALID_FORMAT", "extractFacts", "must be a boolean"],
  ["memory.remember", { options: { extractFact: false } }, "UNKNOWN_ARGUMENT", "extractFact", "did you mean extractFacts?"],
  ["memory.remember", { options: { beliefRevision: { enabled: 0 } } }, "INVALID_FORMAT", "beliefRevision.enabled", "must be a boolean"],
  ["memory.remember", { options: { beliefRevision: { slotMatching: "false" } } }, "INVALID_FORMAT", "beliefRevision.slotMatching", "must be a boolean"],
  ["memory.remember", { options: { beliefRevision: { llmResolution: 0 } } }, "INVALID_FORMAT", "beliefRevision.llmResolution", "must be a boolean"],
  ["memory.remember", { options: { beliefrevision: false } }, "UNKNOWN_ARGUMENT", "beliefrevision", "did you mean beliefRevision?"],
  ["memory.recall", { memorySpaceId: "" }, missing, "memorySpaceId", "memorySpaceId cannot be empty"],
  ["memory.recall", { memorySpaceId: undefined }, missing, "memorySpaceId", "memorySpaceId is required"],
  ["memory.recall", { query: "  " }, missing, "query", "query cannot be empty"],
  ["memory.recall", { embedding: [] }, "INVALID_EMBEDDING", "embedding", "embedding cannot be empty"],
  ["memory.recall", { embedding: [1, Infinity] }, "INVALID_EMBEDDING", "embedding", "must be a finite number"],
  ["memory.recall", { embedding: new Float32Array(8193) }, "INVALID_EMBEDDING", "embedding", "of at most 8192 numbers"],
  ["memory.recall", { embedding: "0.5" }, "INVALID_EMBEDDING", "embedding", "must be an array"],
  ["memory.recall", { userId: "" }, missing, "userId"],
  ["memory.recall", { minImportance: -1 }, "INVALID_IMPORTANCE", "minImportance", "minImportance must be between 0 and 100"],
  ["memory.recall", { minConfidence: 101 }, "INVALID_CONFIDENCE", "minConfidence"],
  ["memory.recall", { tags: [1] }, "INVALID_FORMAT", "tags"],
  ["memory.recall", { createdAfter: new Date(2), createdBefore: new Date(1) }, "INVALID_DATE_RANGE", "createdAfter/createdBefore"],
  ["memory.recall", { createdBefore: new Date(NaN) }, "INVALID_DATE_RANGE", "createdAfter/createdBefore", "current value is undefined, current value is Invalid Date"],
  ["memory.recall", { createdAfter: "2024-01-01" }, "INVALID_DATE_RANGE", "createdAfter/createdBefore", 'must be Dates in order: current value is "2024-01-01"'],
  ["memory.recall", { createdbefore: new Date(1) }, "UNKNOWN_ARGUMENT", "createdbefore", "did you mean createdBefore?"],
  ["memory.recall", { sources: { vector: "false" } }, "INVALID_FORMAT", "sources.vector", "must be a boolean"],
  ["memory.recall", { sources: ["facts"] }, "INVALID_FORMAT", "sources", "must be an object: got an array of 1"],
  ["memory.recall", { sources: { fact: false } }, "UNKNOWN_ARGUMENT", "fact", "did you mean facts?"],
  ["memory.recall", { includeConversation: 0 }, "INVALID_FORMAT", "includeConversation", "must be a boolean"],
  ["memory.recall", { formatForLLM: "false" }, "INVALID_FORMAT", "formatForLLM", "must be a boolean"],
  ["memory.recall", { explain: "false" }, "INVALID_FORMAT", "explain", "must be a boolean"],
  ["memory.recall", { formatForLlm: false }, "UNKNOWN_ARGUMENT", "formatForLlm", "did you mean formatForLLM?"],
  ["memory.recall", { limit: 0 }, "NEGATIVE_NUMBER", "limit", "limit must be a positive integer"],
  ["memory.recall", { limit: 1.5 }, "NEGATIVE_NUMBER", "limit"],
  ["memory.recall", { maxTokens: 0 }, "NEGATIVE_NUMBER", "maxTokens", "maxTokens must be a positive integer"],
  ["memory.recall", { graphExpansion: { maxDepth: 6 } }, "INVALID_GRAPH_DEPTH", "graphExpansion.maxDepth"],
  ["memory.recall", { graphExpansion: { relationshipTypes: [" "] } }, "INVALID_FORMAT", "graphExpansion.relationshipTypes"],
  ["memory.search", { memorySpaceId: " " }, missing, "memorySpaceId", "memorySpaceId cannot be empty"],
  ["memory.search", { query: "" }, missing, "query", "query cannot be empty"],
  ["memory.search", { minScore: 1.1 }, "INVALID_FORMAT", "minScore", "minScore must be between 0 and 1"],
  ["memory.search", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType", "Invalid sourceType"],
  ["memory.search", { embedding: [] }, "INVALID_EMBEDDING", "embedding"],
  ["memory.search", { limit: "5" }, "NEGATIVE_NUMBER", "limit"],
  ["memory.search", { enrichConversation: "false" }, "INVALID_FORMAT", "enrichConversation", "must be a boolean"],
  ["memory.list", { enrichFacts: 1 }, "INVALID_FORMAT", "enrichFacts", "must be a boolean"],
  ["memory.store", { content: "" }, missing, "content", "content cannot be empty"],
  ["memory.store", { content: 5 }, missing, "content", "content is required"],
  ["memory.store", { contentType: "html" }, "INVALID_FORMAT", "contentType", "Invalid contentType"],
  ["memory.store", { source: null }, missing, "source"],
  ["memory.store", source("mail"), "INVALID_SOURCE_TYPE", "sourceType", "Invalid sourceType"],
  ["memory.store", { metadata: undefined }, missing, "metadata"],
  ["memory.store", metadata({ importance: 200 }), "INVALID_IMPORTANCE", "importance"],
  ["memory.store", metadata({ tags: [""] }), "INVALID_FORMAT", "tags"],
  ["memory.store", { embedding: [] }, "INVALID_EMBEDDING", "embedding"],
  ["memory.store", { userId: " " }, missing, "userId"],
  ["memory.store", { participantId: "" }, "INVALID_FORMAT", "participantId"],
  ["memory.store", source("conversation"), "MISSING_CONVERSATION_REF", "conversationRef", "conversationRef is required"],
  ["memory.get", { memoryId: "" }, missing, "memoryId", "memoryId cannot be empty"],
  ["memory.get", { includeConversations: true }, "UNKNOWN_ARGUMENT", "includeConversations", "did you mean includeConversation?"],
  ["memory.get", { includeConversation: "false" }, "INVALID_FORMAT", "includeConversation", "must be a boolean"],
  ["memory.forget", { memorySpaceId: null }, missing, "memorySpaceId", "memorySpaceId is required"],
  ["vector.store", { memorySpaceId: " " }, "INVALID_MEMORY_SPACE_ID", "memorySpaceId", "memorySpaceId is required"],
  ["vector.store", { input: undefined }, missing, "input"],
  ["vector.store", { content: "" }, missing, "content", "content is required"],
  ["vector.store", { content: "  " }, missing, "content", "content cannot be empty"],
  ["vector.store", { contentType: undefined }, missing, "contentType", "contentType is required"],
  ["vector.store", { contentType: "html" }, "INVALID_CONTENT_TYPE", "contentType", "Invalid contentType"],
  ["vector.store", { source: undefined }, missing, "source", "source is required"],
  ["vector.store", { source: {} }, missing, "source.type", "source.type is required"],
  ["vector.store", source("mail"), "INVALID_SOURCE_TYPE", "source.type", "Invalid source.type"],
  ["vector.store", { metadata: null }, missing, "metadata", "metadata is required"],
  ["vector.store", metadata({ importance: null }), missing, "metadata.importance", "metadata.importance is required"],
  ["vector.store", metadata({ importance: "1" }), "INVALID_IMPORTANCE_RANGE", "metadata.importance", "must be a number"],
  ["vector.store", metadata({ importance: -0.1 }), "INVALID_IMPORTANCE_RANGE", "metadata.importance", "must be between 0 and 100"],
  ["vector.store", metadata({ tags: undefined }), missing, "metadata.tags", "metadata.tags is required"],
  ["vector.store", metadata({ tags: "a" }), "INVALID_TAGS", "metadata.tags", "must be an array"],
  ["vector.store", metadata({ tags: [1] }), "INVALID_TAGS", "metadata.tags", "must be a string"],
  ["vector.store", { embedding: {} }, "INVALID_EMBEDDING", "embedding", "must be an array"],
  ["vector.store", { embedding: [NaN] }, "INVALID_EMBEDDING", "embedding", "must be a number"],
  ["vector.store", { embedding: new Array(8193).fill(1) }, "INVALID_EMBEDDING", "embedding", "at most 8192 numbers: got an array of 8193"],
  ["vector.get", { memoryId: " " }, "INVALID_MEMORY_ID", "memoryId", "memoryId is required"],
  ["vector.search", { memorySpaceId: "" }, "INVALID_MEMORY_SPACE_ID", "memorySpaceId"],
  ["vector.search", { sourceType: "mail" }, "INVALID_SOURCE_TYPE", "sourceType", "Invalid sourceType"],
  ["vector.search", { minImportance: 101 }, "INVALID_IMPORTANCE_RANGE", "minImportance", "must be between 0 and 100"],
  ["vector.search", { minScore: "1" }, "INVALID_MIN_SCORE_RANGE", "minScore", "must be a number"],
  ["vector.search", { minScore: -1 }, "INVALID_MIN_SCORE_RANGE", "minScore", "must be between 0 and 1"],
  ["vector.search", { limit: "1" }, "INVALID_LIMIT", "limit", "must be a number"],
  ["vector.search", { limit: 0 }, "INVALID_LIMIT", "limit", "must be a positive integer"],
  ["vector.search", { queryCategory: 1 }, "INVALID_QUERY_CATEGORY", "queryCategory"],
  ["vector.search", { tags: {} }, "INVALID_TAGS", "tags", "must be an array"],
  ["conversations.create", { memorySpaceId: "" }, missing, "memorySpaceId"],
  ["conversations.create", { type: "chat" }, "INVALID_TYPE", "type"],
  ["conversations.create", { conversationId: "a\nb" }, "INVALID_ID_FORMAT", "conversationId"],
  ["conversations.create", { conversationId: "c".repeat(501) }, "INVALID_ID_FORMAT", "conversationId"],
  ["conversations.create", { participants: undefined }, missing, "participants"],
  ["conversations.create", { participants: { agentId: "a" } }, "INVALID_PARTICIPANTS", "participants.userId"],
  ["conversations.create", { participants: { userId: "u" } }, "INVALID_PARTICIPANTS", "participants.agentId", "agentId is required when userId is provided"],
  ["conversations.create", agents(), "INVALID_PARTICIPANTS", "participants.memorySpaceIds"],
  ["conversations.create", agents(["a"]), "INVALID_PARTICIPANTS", "participants.memorySpaceIds", "agent-agent conversations require at least 2 memorySpaceIds"],
  ["conversations.create", { metadata: "x" }, "INVALID_FORMAT", "metadata", "must be an object"],
  ["conversations.create", { participants: { userId: "u", agentId: "a", memorySpaceIds: ["b", "b"] } }, "DUPLICATE_VALUES", "participants.memorySpaceIds"],
  ["conversations.create", agents(["a", "b", "a"]), "DUPLICATE_VALUES", "participants.memorySpaceIds"],
  ["conversations.addMessage", { conversationId: " " }, missing, "conversationId"],
  ["conversations.addMessage", { content: "" }, missing, "message.content"],
  ["conversations.addMessage", { role: "bot" }, "INVALID_ROLE", "role"],
  ["conversations.addMessage", { id: " " }, "INVALID_ID_FORMAT", "message.id"],
  ["conversations.addMessage", { timestamp: NaN }, "INVALID_TIMESTAMP", "message.timestamp"],
  ["conversations.get", { conversationId: "" }, missing, "conversationId"],
  ["conversations.get", { messageLimit: 0 }, "INVALID_RANGE", "messageLimit"],
  ["conversations.list", { type: "chat" }, "INVALID_TYPE", "type"],
  ["conversations.list", { limit: 1001 }, "INVALID_RANGE", "limit"],
  ["conversations.list", { offset: -1 }, "INVALID_RANGE", "offset"],
  ["conversations.list", { sortOrder: "up" }, "INVALID_SORT_ORDER", "sortOrder"],
  ["conversations.list", { sortBy: "name" }, "INVALID_FORMAT", "sortBy"],
  ["conversations.list", { messageCount: "3" }, "INVALID_RANGE", "messageCount"],
];

const classes: Record<string, string> = {
  memory: "MemoryValidationError",
  vector: "VectorValidationError",
  conversations: "ConversationValidationError",
};

/** One case per wrong argument. They need no backend, because nothing may be sent. */
export const facadeValidationContract: ContractCase<void>[] = refusals(
  classes,
  calls,
  rows,
);
