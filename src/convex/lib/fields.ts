/** Validators of fields that tables, arguments and results share. */
import { v } from "convex/values";

/** A free-form field: native where a document can hold it, otherwise JSON text in the sibling. */
export const metadata = {
  metadata: v.optional(v.any()),
  metadataJson: v.optional(v.string()),
};

/** Progress of a step: whether it was the last, and where the next one starts. */
export const stepFields = {
  done: v.boolean(),
  cursor: v.optional(v.string()),
};

/** Arguments that name a memory. */
export const memoryName = { memorySpaceId: v.string(), memoryId: v.string() };

/** Order of a list. */
export const sortOrder = v.union(v.literal("asc"), v.literal("desc"));

/** Kinds of memory spaces. */
export const spaceType = v.union(
  v.literal("personal"),
  v.literal("team"),
  v.literal("project"),
  v.literal("custom"),
);

/** States of memory spaces. */
export const spaceStatus = v.union(v.literal("active"), v.literal("archived"));

/** A participant of a memory space. */
export const spaceParticipant = v.object({
  id: v.string(),
  type: v.string(),
  joinedAt: v.number(),
});

/** States of agents. */
export const agentStatus = v.union(
  v.literal("active"),
  v.literal("inactive"),
  v.literal("archived"),
);

/** Kinds of conversations. */
export const conversationType = v.union(
  v.literal("user-agent"),
  v.literal("agent-agent"),
);

/** Who speaks in a message. */
export const messageRole = v.union(
  v.literal("user"),
  v.literal("agent"),
  v.literal("system"),
);

/** Who takes part in a conversation. */
export const participants = v.object({
  userId: v.optional(v.string()),
  agentId: v.optional(v.string()),
  participantId: v.optional(v.string()),
  memorySpaceIds: v.optional(v.array(v.string())),
});

/** Whether a memory's content is verbatim or a summary. */
export const contentType = v.union(
  v.literal("raw"),
  v.literal("summarized"),
  v.literal("fact"),
);

/** Where a memory comes from. */
export const memorySourceType = v.union(
  v.literal("conversation"),
  v.literal("system"),
  v.literal("tool"),
  v.literal("a2a"),
  v.literal("fact-extraction"),
);

/** Messages that a memory was made from. */
export const conversationRef = v.object({
  conversationId: v.string(),
  messageIds: v.array(v.string()),
});

/** Immutable record that a memory was made from. */
export const immutableRef = v.object({
  type: v.string(),
  id: v.string(),
  version: v.optional(v.number()),
});

/** Mutable value that a memory was made from, as it was then. */
export const mutableRef = v.object({
  namespace: v.string(),
  key: v.string(),
  /** Free-form: one of these two fields is set. */
  snapshotValue: v.optional(v.any()),
  snapshotValueJson: v.optional(v.string()),
  snapshotAt: v.number(),
});

/** Fact that a memory was made from. */
export const factsRef = v.object({
  factId: v.string(),
  version: v.optional(v.number()),
});

/** Kinds of facts. */
export const factType = v.union(
  v.literal("preference"),
  v.literal("identity"),
  v.literal("knowledge"),
  v.literal("relationship"),
  v.literal("event"),
  v.literal("observation"),
  v.literal("custom"),
);

/** Where a fact comes from. */
export const factSourceType = v.union(
  v.literal("conversation"),
  v.literal("system"),
  v.literal("tool"),
  v.literal("manual"),
  v.literal("a2a"),
);

/** Rows that a fact was drawn from. */
export const factSourceRef = v.object({
  conversationId: v.optional(v.string()),
  messageIds: v.optional(v.array(v.string())),
  memoryId: v.optional(v.string()),
});

/** An entity that a fact names. */
export const factEntity = v.object({
  name: v.string(),
  type: v.string(),
  fullValue: v.optional(v.string()),
});

/** A relation that a fact states. */
export const factRelation = v.object({
  subject: v.string(),
  predicate: v.string(),
  object: v.string(),
});

/** What happened to a fact. */
export const factChange = v.union(
  v.literal("CREATE"),
  v.literal("UPDATE"),
  v.literal("SUPERSEDE"),
  v.literal("DELETE"),
);

/** The stages of belief revision that found something. */
export const factPipeline = v.object({
  slotMatching: v.optional(v.boolean()),
  semanticMatching: v.optional(v.boolean()),
  subjectTypeMatching: v.optional(v.boolean()),
  llmResolution: v.optional(v.boolean()),
});
