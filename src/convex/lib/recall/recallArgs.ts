/** Arguments and results of recall. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { packedRows } from "../paging/packedRows.ts";
import { conversationView, factRecord, messageView } from "../shapes.ts";
import { factHits, memoryHits } from "../ranking/vectorSearch.ts";

/** Arguments of every form of recall. */
const questionArgs = {
  memorySpaceId: v.string(),
  query: v.string(),
  userId: v.optional(v.string()),
  sources: v.object({ vector: v.boolean(), facts: v.boolean() }),
  /** Memories only, 0 to 100. */
  minImportance: v.optional(v.number()),
  /** Facts only, 0 to 100. */
  minConfidence: v.optional(v.number()),
  /** At least one of these tags; an empty list is no condition. */
  tags: v.optional(v.array(v.string())),
  /** Bounds of `createdAt` in ms since the Unix epoch, inclusive. */
  createdAfter: v.optional(v.number()),
  createdBefore: v.optional(v.number()),
  /** Most items, 1 to 1000. */
  limit: v.number(),
  includeConversation: v.boolean(),
  /** Whether to explain each item's score. */
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
 * Arguments of the internal second half of `memory:recallWithEmbedding`, whose caller is authorised already. Either the
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

/** An item of a recall: the next memory or the next fact of the lists. */
const recallItem = v.object({
  type: v.union(v.literal("memory"), v.literal("fact")),
  id: v.string(),
  /** 0 to 1. */
  score: v.number(),
  source: v.union(v.literal("vector"), v.literal("facts")),
  explanation: v.optional(explanation),
  /** Where the answering passage starts in a long text, in UTF-16 code units. */
  passageStart: v.optional(v.number()),
  /** Index of its conversation in `conversations`. */
  conversation: v.optional(v.number()),
  /** The messages that it was made from, if the conversation as sent lacks one of them. */
  sourceMessages: v.optional(v.array(messageView)),
});

/** An item of a recall: a memory or a fact. */
export type RecallItem = typeof recallItem.type;

/** A conversation whose messages are packed. */
const packedConversation = v.object({
  ...conversationView.fields,
  messages: packedRows,
});

/**
 * Result of a recall. Whatever items share is sent once, because a long conversation with each item would be too much.
 */
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
  /** If the space has no embedding of the searched length: another length that it has, or 0 if it has none. */
  otherDimensions: v.optional(v.number()),
});

/** Result of a recall. */
export type RecallResult = typeof recallResult.type;

/** Values of the arguments that all forms of recall share. */
export type RecallQuestion = ObjectType<typeof questionArgs>;
/** Values of {@link rankedRecallArgs}. */
export type RankedRecallArgs = ObjectType<typeof rankedRecallArgs>;
