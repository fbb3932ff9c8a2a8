/** Arguments and results of recall. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { packedRows } from "../packedRows.ts";
import { conversationView, factRecord, messageView } from "../shapes.ts";
import { factHits, memoryHits } from "../ranking/vectorSearch.ts";

/** What a question may be limited by. */
const questionArgs = {
  memorySpaceId: v.string(),
  query: v.string(),
  userId: v.optional(v.string()),
  sources: v.object({ vector: v.boolean(), facts: v.boolean() }),
  /** Memories only, 0 to 100. */
  minImportance: v.optional(v.number()),
  /** Facts only, 0 to 100. */
  minConfidence: v.optional(v.number()),
  /** One of these at least; an empty list is no condition. */
  tags: v.optional(v.array(v.string())),
  /** Bounds of `createdAt` in ms since the Unix epoch, inclusive. */
  createdAfter: v.optional(v.number()),
  createdBefore: v.optional(v.number()),
  /** Most items, 1 to 1000. */
  limit: v.number(),
  includeConversation: v.boolean(),
  /** Tells with each item what its score is made of. */
  explain: v.optional(v.boolean()),
};

/** Arguments of `memory:recall`. */
export const recallArgs = { ...accessArgs, ...questionArgs };

/** Arguments of `memory:recallWithEmbedding`; an empty embedding counts as none. */
export const recallWithEmbeddingArgs = {
  ...recallArgs,
  embedding: v.array(v.number()),
};

/**
 * Arguments of the internal second half of `memory:recallWithEmbedding`: the caller has been let in already. Either the
 * hits of the vector searches, or an embedding of a length without an index, to be compared one by one.
 */
export const rankedRecallArgs = {
  memoryHits: v.optional(memoryHits),
  factHits: v.optional(factHits),
  embedding: v.optional(v.array(v.number())),
  /** Length of the embedding. */
  dimensions: v.number(),
  ...questionArgs,
  tenantId: v.optional(v.string()),
  organizationId: v.optional(v.string()),
  now: v.number(),
};

/** Validator of an `Explanation`. */
const explanation = v.object({
  words: v.number(),
  session: v.number(),
  phrase: v.number(),
  coverage: v.number(),
  date: v.number(),
  when: v.number(),
  length: v.number(),
  speaker: v.number(),
  question: v.number(),
  reply: v.number(),
  vector: v.number(),
  facts: v.number(),
  prior: v.number(),
  scale: v.number(),
});

/** An item of a recall: a memory or a fact, the next of those lists. */
const recallItem = v.object({
  type: v.union(v.literal("memory"), v.literal("fact")),
  id: v.string(),
  /** 0 to 1. */
  score: v.number(),
  source: v.union(v.literal("vector"), v.literal("facts")),
  explanation: v.optional(explanation),
  /** Where in a long text the passage begins that answers, in UTF-16 code units. */
  passageStart: v.optional(v.number()),
  /** Place of its conversation in `conversations`. */
  conversation: v.optional(v.number()),
  /** The messages that it was made of, where the conversation as it is sent lacks one of them. */
  sourceMessages: v.optional(v.array(messageView)),
});

/** An item of a recall: a memory or a fact. */
export type RecallItem = typeof recallItem.type;

/** A conversation whose messages are packed. */
const packedConversation = v.object({
  ...conversationView.fields,
  messages: packedRows,
});

/** Result of a recall. What items have in common is sent once: a long conversation for each would be too much. */
export const recallResult = v.object({
  /** Memories and facts together, best first, at most `limit`: each the next of its list. */
  items: v.array(recallItem),
  /** Memories found, best first, at most four times `limit`. */
  vector: packedRows,
  /** Facts found, best first, at most four times `limit`. */
  facts: v.array(factRecord),
  /** Conversations of the items, each once. */
  conversations: v.array(packedConversation),
  /** Length of both lists together. */
  totalResults: v.number(),
  /** Length of an embedding of the space, or 0, when it has none of the length that was searched. */
  otherDimensions: v.optional(v.number()),
});

/** Result of a recall. */
export type RecallResult = typeof recallResult.type;

/** Values of the arguments that all forms of recall share. */
export type RecallQuestion = ObjectType<typeof questionArgs>;
/** Values of {@link rankedRecallArgs}. */
export type RankedRecallArgs = ObjectType<typeof rankedRecallArgs>;
