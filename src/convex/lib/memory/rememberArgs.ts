/** Arguments and result of `memory:remember`. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import {
  factAction,
  factDecision,
  foundFactArgs,
  lateEmbeddings,
  revisionOptions,
} from "../facts/factArgs.ts";
import { contentType } from "../fields.ts";
import { refusedFact } from "./refusedFact.ts";
import { factRecord, memoryEntry } from "../shapes.ts";

const message = v.object({
  id: v.string(),
  content: v.string(),
  timestamp: v.number(),
});

/** Layers that a caller may skip. */
const layer = v.union(
  v.literal("users"),
  v.literal("agents"),
  v.literal("conversations"),
  v.literal("vector"),
  v.literal("facts"),
  v.literal("graph"),
);

/**
 * Validators of the arguments. A fact's type, confidence and embedding are checked later, so that a wrong one refuses
 * only that fact.
 */
export const rememberArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  conversationId: v.string(),
  userId: v.optional(v.string()),
  userName: v.optional(v.string()),
  agentId: v.optional(v.string()),
  participantId: v.optional(v.string()),
  skipLayers: v.array(layer),
  userMessage: message,
  agentMessage: message,
  memories: v.array(v.object({
    memoryId: v.string(),
    messageRole: v.union(v.literal("user"), v.literal("agent")),
    content: v.string(),
    contentType,
    sourceTimestamp: v.number(),
    embedding: v.optional(v.array(v.number())),
  })),
  importance: v.number(),
  tags: v.array(v.string()),
  facts: v.array(v.object({
    ...foundFactArgs,
    decision: v.optional(factDecision),
  })),
  factMode: v.union(
    v.literal("revise"),
    v.literal("plain"),
    v.literal("exact"),
    v.literal("structural"),
    v.literal("semantic"),
  ),
  revision: v.optional(revisionOptions),
  embeddings: lateEmbeddings,
};

/** The arguments. */
export type RememberArgs = ObjectType<typeof rememberArgs>;

/** Validator of the result. */
export const rememberResult = v.object({
  conversation: v.object({
    conversationId: v.string(),
    messageIds: v.array(v.string()),
  }),
  memories: v.array(memoryEntry),
  facts: v.array(factRecord),
  factRevisions: v.optional(v.array(v.object({
    action: factAction,
    fact: factRecord,
    superseded: v.optional(v.array(factRecord)),
    reason: v.optional(v.string()),
  }))),
  refusedFacts: v.optional(v.array(refusedFact)),
  repeated: v.boolean(),
});

/** The result. */
export type RememberResult = typeof rememberResult.type;
