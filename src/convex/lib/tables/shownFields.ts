/** Fields of rows that callers see as they are stored, besides `tenantId` and the free-form `metadata`. */
import { v } from "convex/values";
import {
  contentType,
  conversationRef,
  conversationType,
  factChange,
  factEntity,
  factPipeline,
  factRelation,
  factSourceRef,
  factSourceType,
  factsRef,
  factType,
  immutableRef,
  memorySourceType,
  messageRole,
  mutableRef,
  participants,
} from "../fields.ts";

/** Of a conversation. */
export const conversationFields = {
  conversationId: v.string(),
  memorySpaceId: v.string(),
  participantId: v.optional(v.string()),
  type: conversationType,
  participants,
  messageCount: v.number(),
  createdAt: v.number(),
  updatedAt: v.number(),
};

/** Of a message. */
export const messageFields = {
  id: v.string(),
  role: messageRole,
  content: v.string(),
  timestamp: v.number(),
  participantId: v.optional(v.string()),
};

/** Of a memory, as they are given. */
export const memoryInput = {
  memorySpaceId: v.string(),
  participantId: v.optional(v.string()),
  userId: v.optional(v.string()),
  agentId: v.optional(v.string()),
  content: v.string(),
  contentType,
  sourceType: memorySourceType,
  sourceUserId: v.optional(v.string()),
  sourceUserName: v.optional(v.string()),
  messageRole: v.optional(messageRole),
  conversationRef: v.optional(conversationRef),
  immutableRef: v.optional(immutableRef),
  mutableRef: v.optional(mutableRef),
  factsRef: v.optional(factsRef),
  importance: v.number(),
  tags: v.array(v.string()),
  enrichedContent: v.optional(v.string()),
  factCategory: v.optional(v.string()),
};

/** Of a memory. */
export const memoryFields = {
  ...memoryInput,
  memoryId: v.string(),
  sourceTimestamp: v.number(),
  version: v.number(),
  createdAt: v.number(),
  updatedAt: v.number(),
  lastAccessed: v.optional(v.number()),
  accessCount: v.number(),
};

/** Of a fact. */
export const factFields = {
  factId: v.string(),
  memorySpaceId: v.string(),
  participantId: v.optional(v.string()),
  userId: v.optional(v.string()),
  fact: v.string(),
  factType,
  subject: v.optional(v.string()),
  predicate: v.optional(v.string()),
  object: v.optional(v.string()),
  confidence: v.number(),
  sourceType: factSourceType,
  sourceRef: v.optional(factSourceRef),
  tags: v.array(v.string()),
  category: v.optional(v.string()),
  searchAliases: v.optional(v.array(v.string())),
  semanticContext: v.optional(v.string()),
  entities: v.optional(v.array(factEntity)),
  relations: v.optional(v.array(factRelation)),
  validFrom: v.optional(v.number()),
  validUntil: v.optional(v.number()),
  version: v.number(),
  supersededBy: v.optional(v.string()),
  supersedes: v.optional(v.string()),
  createdAt: v.number(),
  updatedAt: v.number(),
};

/** The shown fields of an event of a fact; the row has its id and time as well. */
export const factEventFields = {
  factId: v.string(),
  memorySpaceId: v.string(),
  action: factChange,
  oldValue: v.optional(v.string()),
  newValue: v.optional(v.string()),
  supersededBy: v.optional(v.string()),
  supersedes: v.optional(v.string()),
  reason: v.optional(v.string()),
  confidence: v.optional(v.number()),
  pipeline: v.optional(factPipeline),
  userId: v.optional(v.string()),
  participantId: v.optional(v.string()),
  conversationId: v.optional(v.string()),
};
