/** What functions return: rows without their internal fields, and the validators of that. */
import { v } from "convex/values";
import {
  contentType,
  conversationRef,
  conversationType,
  factEntity,
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
} from "./fields.ts";
import { readFreeForm } from "./freeForm.ts";
import type { Doc } from "./model.ts";

const freeMetadata = {
  metadata: v.optional(v.any()),
  metadataJson: v.optional(v.string()),
};

/** Validator of a message as returned. */
export const messageView = v.object({
  id: v.string(),
  role: messageRole,
  content: v.string(),
  timestamp: v.number(),
  participantId: v.optional(v.string()),
  ...freeMetadata,
});

/** A message as returned. */
export type MessageView = typeof messageView.type;

/** Validator of a conversation as returned. */
export const conversationView = v.object({
  _id: v.id("conversations"),
  conversationId: v.string(),
  memorySpaceId: v.string(),
  tenantId: v.optional(v.string()),
  participantId: v.optional(v.string()),
  type: conversationType,
  participants,
  messages: v.array(messageView),
  messageCount: v.number(),
  ...freeMetadata,
  createdAt: v.number(),
  updatedAt: v.number(),
});

/** A conversation as returned. */
export type ConversationView = typeof conversationView.type;

/** Validator of an earlier state of a memory as returned. */
export const memoryVersionView = v.object({
  version: v.number(),
  content: v.string(),
  embedding: v.optional(v.array(v.number())),
  timestamp: v.number(),
});

/** An earlier state of a memory as returned. */
export type MemoryVersionView = typeof memoryVersionView.type;

/** Validator of a memory as returned. */
export const memoryEntry = v.object({
  _id: v.id("memories"),
  memoryId: v.string(),
  memorySpaceId: v.string(),
  tenantId: v.optional(v.string()),
  participantId: v.optional(v.string()),
  userId: v.optional(v.string()),
  agentId: v.optional(v.string()),
  content: v.string(),
  contentType,
  embedding: v.optional(v.array(v.number())),
  sourceType: memorySourceType,
  sourceUserId: v.optional(v.string()),
  sourceUserName: v.optional(v.string()),
  sourceTimestamp: v.number(),
  messageRole: v.optional(messageRole),
  conversationRef: v.optional(conversationRef),
  immutableRef: v.optional(immutableRef),
  mutableRef: v.optional(mutableRef),
  factsRef: v.optional(factsRef),
  importance: v.number(),
  tags: v.array(v.string()),
  enrichedContent: v.optional(v.string()),
  factCategory: v.optional(v.string()),
  ...freeMetadata,
  version: v.number(),
  previousVersions: v.array(memoryVersionView),
  createdAt: v.number(),
  updatedAt: v.number(),
  lastAccessed: v.optional(v.number()),
  accessCount: v.number(),
});

/** A memory as returned. */
export type MemoryEntry = typeof memoryEntry.type;

/** Validator of a fact as returned. */
export const factRecord = v.object({
  _id: v.id("facts"),
  factId: v.string(),
  memorySpaceId: v.string(),
  tenantId: v.optional(v.string()),
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
  ...freeMetadata,
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
});

/** A fact as returned. */
export type FactRecord = typeof factRecord.type;

const MESSAGE_FIELDS = [
  "id",
  "role",
  "content",
  "timestamp",
  "participantId",
] as const;

const CONVERSATION_FIELDS = [
  "_id",
  "conversationId",
  "memorySpaceId",
  "tenantId",
  "participantId",
  "type",
  "participants",
  "messageCount",
  "createdAt",
  "updatedAt",
] as const;

const MEMORY_FIELDS = [
  "_id",
  "memoryId",
  "memorySpaceId",
  "tenantId",
  "participantId",
  "userId",
  "agentId",
  "content",
  "contentType",
  "sourceType",
  "sourceUserId",
  "sourceUserName",
  "sourceTimestamp",
  "messageRole",
  "conversationRef",
  "immutableRef",
  "mutableRef",
  "factsRef",
  "importance",
  "tags",
  "enrichedContent",
  "factCategory",
  "version",
  "createdAt",
  "updatedAt",
  "lastAccessed",
  "accessCount",
] as const;

const FACT_FIELDS = [
  "_id",
  "factId",
  "memorySpaceId",
  "tenantId",
  "participantId",
  "userId",
  "fact",
  "factType",
  "subject",
  "predicate",
  "object",
  "confidence",
  "sourceType",
  "sourceRef",
  "tags",
  "category",
  "searchAliases",
  "semanticContext",
  "entities",
  "relations",
  "validFrom",
  "validUntil",
  "version",
  "supersededBy",
  "supersedes",
  "createdAt",
  "updatedAt",
] as const;

/** A message row as returned. */
export function toMessage(row: Doc<"messages">): MessageView {
  return { ...pick(row, MESSAGE_FIELDS), ...readFreeForm("metadata", row) };
}

/** A conversation row as returned, with the messages that were asked for, oldest first. */
export function toConversation(
  row: Doc<"conversations">,
  messages: readonly Doc<"messages">[] = [],
): ConversationView {
  return {
    ...pick(row, CONVERSATION_FIELDS),
    ...readFreeForm("metadata", row),
    messages: messages.map(toMessage),
  };
}

/** A memory row as returned; embedding and versions lie in other tables and are handed in where they were read. */
export function toMemoryEntry(
  row: Doc<"memories">,
  embedding?: readonly number[],
  previousVersions: MemoryVersionView[] = [],
): MemoryEntry {
  const { mutableRef: ref } = row;
  return {
    ...pick(row, MEMORY_FIELDS),
    ...(ref && { mutableRef: readMutableRef(ref) }),
    ...readFreeForm("metadata", row),
    ...(embedding !== undefined && { embedding: [...embedding] }),
    previousVersions,
  };
}

function readMutableRef(ref: typeof mutableRef.type): typeof mutableRef.type {
  const { snapshotValue: _, snapshotValueJson: __, ...rest } = ref;
  return { ...rest, ...readFreeForm("snapshotValue", ref) };
}

/** A fact row as returned. */
export function toFactRecord(row: Doc<"facts">): FactRecord {
  return { ...pick(row, FACT_FIELDS), ...readFreeForm("metadata", row) };
}

/** The fields of a row that there are, of those that are named. */
export function pick<Row, Field extends keyof Row>(
  row: Row,
  fields: readonly Field[],
): Pick<Row, Field> {
  const picked = {} as Pick<Row, Field>;
  for (const field of fields) {
    if (row[field] !== undefined) picked[field] = row[field];
  }
  return picked;
}
