/**
 * Tables of the backend.
 *
 * A record is named by `(tenantId, id)`; an absent tenant is a scope of its own, so every index that serves callers
 * starts with `tenantId`. Fields marked "internal" are never part of what a function returns.
 *
 * @module
 */
import { defineSchema, defineTable } from "convex/server";
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
} from "./lib/fields.ts";

const scoped = {
  tenantId: v.optional(v.string()),
  organizationId: v.optional(v.string()),
};

/** A free-form field: native where a document can hold it, otherwise JSON text in the sibling. */
const metadata = {
  metadata: v.optional(v.any()),
  metadataJson: v.optional(v.string()),
};

const embeddingFields = {
  /** Tenant or nothing, NUL, memory space: the only filter of vector searches, since Convex joins filters by OR. */
  scopeKey: v.string(),
  /** Length of `embedding`. */
  dims: v.number(),
  embedding: v.array(v.float64()),
};

const memoryEmbeddingFields = {
  ...embeddingFields,
  memoryDocId: v.id("memories"),
  memoryId: v.string(),
};

const factEmbeddingFields = {
  ...embeddingFields,
  factDocId: v.id("facts"),
  factId: v.string(),
  factType: factType,
};

/** Rows of these lengths have a vector index `by_embedding_<length>` in `memoryEmbeddings` and `factEmbeddings`. */
export const INDEXED_DIMENSIONS: readonly number[] = [384, 768, 1024, 1536];
/** Likewise in `memoryEmbeddingsWide` and `factEmbeddingsWide`; Convex allows four vector indexes a table. */
export const WIDE_DIMENSIONS: readonly number[] = [256, 512, 2048, 3072];

function vectorIndex(dimensions: number) {
  return {
    vectorField: "embedding" as const,
    dimensions,
    filterFields: ["scopeKey" as const],
  };
}

/** The schema that Convex deploys and the embedded engine opens. */
const schema = defineSchema({
  memorySpaces: defineTable({
    ...scoped,
    memorySpaceId: v.string(),
    name: v.optional(v.string()),
    type: v.union(
      v.literal("personal"),
      v.literal("team"),
      v.literal("project"),
      v.literal("custom"),
    ),
    participants: v.array(
      v.object({ id: v.string(), type: v.string(), joinedAt: v.number() }),
    ),
    ...metadata,
    status: v.union(v.literal("active"), v.literal("archived")),
    /** Internal: set while the space is being deleted. */
    deletingSince: v.optional(v.number()),
    /** Internal: id, name and metadata as text. */
    searchText: v.string(),
    createdAt: v.number(),
    updatedAt: v.number(),
  })
    .index("by_tenant_spaceId", ["tenantId", "memorySpaceId"])
    .index("by_tenant_created", ["tenantId", "createdAt"])
    .index("by_tenant_updated", ["tenantId", "updatedAt"])
    .index("by_tenant_name", ["tenantId", "name"])
    .index("by_tenant_status", ["tenantId", "status", "createdAt"])
    .index("by_tenant_type", ["tenantId", "type", "createdAt"])
    .index("by_org", ["organizationId", "memorySpaceId"])
    .searchIndex("by_text", {
      searchField: "searchText",
      filterFields: ["tenantId", "type", "status"],
    }),

  /** Versioned records; user profiles are those of type `user`. */
  immutable: defineTable({
    ...scoped,
    type: v.string(),
    id: v.string(),
    data: v.optional(v.any()),
    dataJson: v.optional(v.string()),
    userId: v.optional(v.string()),
    version: v.number(),
    ...metadata,
    searchText: v.string(),
    bytes: v.number(),
    createdAt: v.number(),
    updatedAt: v.number(),
  })
    .index("by_tenant_type_id", ["tenantId", "type", "id"])
    .index("by_tenant_type_created", ["tenantId", "type", "createdAt"])
    .index("by_tenant_type_updated", ["tenantId", "type", "updatedAt"])
    .index("by_tenant_user_created", ["tenantId", "userId", "createdAt"])
    .index("by_tenant_created", ["tenantId", "createdAt"])
    .index("by_tenant_updated", ["tenantId", "updatedAt"])
    .index("by_org_updated", ["organizationId", "updatedAt"])
    .searchIndex("by_text", {
      searchField: "searchText",
      filterFields: ["tenantId", "type", "userId"],
    }),

  agents: defineTable({
    ...scoped,
    agentId: v.string(),
    name: v.string(),
    description: v.optional(v.string()),
    ...metadata,
    config: v.optional(v.any()),
    configJson: v.optional(v.string()),
    status: v.union(
      v.literal("active"),
      v.literal("inactive"),
      v.literal("archived"),
    ),
    registeredAt: v.number(),
    updatedAt: v.number(),
    lastActive: v.optional(v.number()),
  })
    .index("by_tenant_agentId", ["tenantId", "agentId"])
    .index("by_tenant_registered", ["tenantId", "registeredAt"])
    .index("by_tenant_status", ["tenantId", "status", "registeredAt"])
    .index("by_tenant_name", ["tenantId", "name"])
    .index("by_tenant_lastActive", ["tenantId", "lastActive"]),

  conversations: defineTable({
    ...scoped,
    conversationId: v.string(),
    memorySpaceId: v.string(),
    participantId: v.optional(v.string()),
    type: conversationType,
    participants,
    messageCount: v.number(),
    /** Internal: UTF-8 bytes of all contents. */
    messageBytes: v.number(),
    /** Internal: `seq` of the next message. */
    nextSeq: v.number(),
    lastMessageAt: v.optional(v.number()),
    ...metadata,
    archivedAt: v.optional(v.number()),
    /** Internal: sorted memory spaces of an agent-agent conversation, joined by `|`. */
    pairKey: v.optional(v.string()),
    createdAt: v.number(),
    updatedAt: v.number(),
  })
    .index("by_tenant_conversationId", ["tenantId", "conversationId"])
    .index("by_tenant_created", ["tenantId", "createdAt"])
    .index("by_tenant_updated", ["tenantId", "updatedAt"])
    .index("by_tenant_space_created", [
      "tenantId",
      "memorySpaceId",
      "createdAt",
    ])
    .index("by_tenant_space_updated", [
      "tenantId",
      "memorySpaceId",
      "updatedAt",
    ])
    .index("by_tenant_user", ["tenantId", "participants.userId", "createdAt"])
    .index("by_tenant_agent", ["tenantId", "participants.agentId", "createdAt"])
    .index("by_tenant_participant", ["tenantId", "participantId", "createdAt"])
    .index("by_tenant_space_user", [
      "tenantId",
      "memorySpaceId",
      "participants.userId",
      "createdAt",
    ])
    .index("by_tenant_space_agent", [
      "tenantId",
      "memorySpaceId",
      "participants.agentId",
      "createdAt",
    ])
    .index("by_tenant_type", ["tenantId", "type", "createdAt"])
    .index("by_tenant_pair", ["tenantId", "pairKey"])
    .index("by_org_updated", ["organizationId", "updatedAt"]),

  messages: defineTable({
    ...scoped,
    conversationDocId: v.id("conversations"),
    conversationId: v.string(),
    memorySpaceId: v.string(),
    id: v.string(),
    /** Position in the conversation, from 0, without gaps at insert. */
    seq: v.number(),
    role: messageRole,
    content: v.string(),
    timestamp: v.number(),
    participantId: v.optional(v.string()),
    ...metadata,
    /** Internal: user that the message is attributed to, for erasure. */
    userId: v.optional(v.string()),
  })
    .index("by_conversation_seq", ["conversationDocId", "seq"])
    .index("by_conversation_time", ["conversationDocId", "timestamp"])
    .index("by_conversation_messageId", ["conversationDocId", "id"])
    .index("by_tenant_user", ["tenantId", "userId", "timestamp"])
    .index("by_tenant_space_time", ["tenantId", "memorySpaceId", "timestamp"]),

  memories: defineTable({
    ...scoped,
    memoryId: v.string(),
    memorySpaceId: v.string(),
    participantId: v.optional(v.string()),
    content: v.string(),
    contentType,
    sourceType: memorySourceType,
    sourceUserId: v.optional(v.string()),
    sourceUserName: v.optional(v.string()),
    sourceTimestamp: v.number(),
    messageRole: v.optional(messageRole),
    userId: v.optional(v.string()),
    agentId: v.optional(v.string()),
    conversationRef: v.optional(conversationRef),
    immutableRef: v.optional(immutableRef),
    mutableRef: v.optional(mutableRef),
    factsRef: v.optional(factsRef),
    importance: v.number(),
    tags: v.array(v.string()),
    enrichedContent: v.optional(v.string()),
    factCategory: v.optional(v.string()),
    ...metadata,
    version: v.number(),
    createdAt: v.number(),
    updatedAt: v.number(),
    lastAccessed: v.optional(v.number()),
    accessCount: v.number(),
    isPartial: v.optional(v.boolean()),
    partialMetadata: v.optional(v.any()),
    archivedAt: v.optional(v.number()),
    importanceBeforeArchive: v.optional(v.number()),
    /** Internal: length of the embedding, which lies in a table of its own. */
    embeddingDims: v.optional(v.number()),
    /** Internal: true while search and recall may return it (neither archived nor partial). */
    isActive: v.boolean(),
    /** Internal: first message of `conversationRef`, to find the memory of a message. */
    sourceMessageId: v.optional(v.string()),
    /** Internal: what the text index holds: stems of content, speaker, date and neighbouring memories. */
    searchText: v.string(),
    pairKey: v.optional(v.string()),
    bytes: v.number(),
  })
    .index("by_tenant_space_memoryId", [
      "tenantId",
      "memorySpaceId",
      "memoryId",
    ])
    .index("by_tenant_memoryId", ["tenantId", "memoryId"])
    .index("by_tenant_space_created", [
      "tenantId",
      "memorySpaceId",
      "createdAt",
    ])
    .index("by_tenant_space_updated", [
      "tenantId",
      "memorySpaceId",
      "updatedAt",
    ])
    .index("by_tenant_space_user", [
      "tenantId",
      "memorySpaceId",
      "userId",
      "createdAt",
    ])
    .index("by_tenant_space_agent", [
      "tenantId",
      "memorySpaceId",
      "agentId",
      "createdAt",
    ])
    .index("by_tenant_space_participant", [
      "tenantId",
      "memorySpaceId",
      "participantId",
      "createdAt",
    ])
    .index("by_tenant_space_source", [
      "tenantId",
      "memorySpaceId",
      "sourceType",
      "createdAt",
    ])
    .index("by_tenant_space_conversation", [
      "tenantId",
      "memorySpaceId",
      "conversationRef.conversationId",
      "sourceTimestamp",
    ])
    .index("by_tenant_user", ["tenantId", "userId", "createdAt"])
    .index("by_tenant_sourceUser", ["tenantId", "sourceUserId", "createdAt"])
    .index("by_tenant_agent", ["tenantId", "agentId", "createdAt"])
    .index("by_tenant_participant", ["tenantId", "participantId", "createdAt"])
    .index("by_tenant_conversation", [
      "tenantId",
      "conversationRef.conversationId",
      "sourceMessageId",
    ])
    .index("by_org_updated", ["organizationId", "updatedAt"])
    .searchIndex("by_text", {
      searchField: "searchText",
      filterFields: [
        "tenantId",
        "memorySpaceId",
        "isActive",
        "userId",
        "sourceType",
      ],
    }),

  memoryEmbeddings: defineTable(memoryEmbeddingFields)
    .index("by_memory", ["memoryDocId"])
    .index("by_scope_dims", ["scopeKey", "dims"])
    .vectorIndex("by_embedding_384", vectorIndex(384))
    .vectorIndex("by_embedding_768", vectorIndex(768))
    .vectorIndex("by_embedding_1024", vectorIndex(1024))
    .vectorIndex("by_embedding_1536", vectorIndex(1536)),

  memoryEmbeddingsWide: defineTable(memoryEmbeddingFields)
    .index("by_memory", ["memoryDocId"])
    .index("by_scope_dims", ["scopeKey", "dims"])
    .vectorIndex("by_embedding_256", vectorIndex(256))
    .vectorIndex("by_embedding_512", vectorIndex(512))
    .vectorIndex("by_embedding_2048", vectorIndex(2048))
    .vectorIndex("by_embedding_3072", vectorIndex(3072)),

  facts: defineTable({
    ...scoped,
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
    ...metadata,
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
    /** Internal: time of a soft delete. */
    deletedAt: v.optional(v.number()),
    /** Internal: memory together with which it was archived. */
    archivedByMemoryId: v.optional(v.string()),
    /** Internal: true while neither superseded, deleted nor archived. */
    isCurrent: v.boolean(),
    /** Internal: normalised texts, to find duplicates. */
    textKey: v.string(),
    subjectKey: v.optional(v.string()),
    predicateKey: v.optional(v.string()),
    /** Internal: first and last of `sourceRef.messageIds`, to find the facts of a message. */
    firstMessageId: v.optional(v.string()),
    lastMessageId: v.optional(v.string()),
    /** Internal: length of the embedding. */
    embeddingDims: v.optional(v.number()),
    /** Internal: what the text index holds. */
    searchText: v.string(),
    bytes: v.number(),
  })
    .index("by_tenant_space_factId", ["tenantId", "memorySpaceId", "factId"])
    .index("by_tenant_factId", ["tenantId", "factId"])
    .index("by_tenant_space_created", [
      "tenantId",
      "memorySpaceId",
      "createdAt",
    ])
    .index("by_tenant_space_current", [
      "tenantId",
      "memorySpaceId",
      "isCurrent",
      "createdAt",
    ])
    .index("by_tenant_space_subject", [
      "tenantId",
      "memorySpaceId",
      "subjectKey",
      "isCurrent",
      "createdAt",
    ])
    .index("by_tenant_space_type", [
      "tenantId",
      "memorySpaceId",
      "factType",
      "isCurrent",
      "createdAt",
    ])
    .index("by_tenant_space_text", [
      "tenantId",
      "memorySpaceId",
      "textKey",
      "isCurrent",
    ])
    .index("by_tenant_space_user", [
      "tenantId",
      "memorySpaceId",
      "userId",
      "createdAt",
    ])
    .index("by_tenant_user", ["tenantId", "userId", "createdAt"])
    .index("by_tenant_participant", ["tenantId", "participantId", "createdAt"])
    .index("by_tenant_conversation", [
      "tenantId",
      "sourceRef.conversationId",
      "firstMessageId",
    ])
    .index("by_tenant_conversation_current", [
      "tenantId",
      "sourceRef.conversationId",
      "memorySpaceId",
      "isCurrent",
    ])
    .index("by_tenant_conversation_last", [
      "tenantId",
      "sourceRef.conversationId",
      "lastMessageId",
    ])
    .index("by_tenant_memory", ["tenantId", "sourceRef.memoryId"])
    .index("by_tenant_subject", ["tenantId", "subjectKey"])
    .index("by_org_updated", ["organizationId", "updatedAt"])
    .searchIndex("by_text", {
      searchField: "searchText",
      filterFields: [
        "tenantId",
        "memorySpaceId",
        "isCurrent",
        "factType",
        "userId",
      ],
    }),

  factEmbeddings: defineTable(factEmbeddingFields)
    .index("by_fact", ["factDocId"])
    .index("by_scope_dims", ["scopeKey", "dims"])
    .index("by_scope_type_dims", ["scopeKey", "factType", "dims"])
    .vectorIndex("by_embedding_384", vectorIndex(384))
    .vectorIndex("by_embedding_768", vectorIndex(768))
    .vectorIndex("by_embedding_1024", vectorIndex(1024))
    .vectorIndex("by_embedding_1536", vectorIndex(1536)),

  factEmbeddingsWide: defineTable(factEmbeddingFields)
    .index("by_fact", ["factDocId"])
    .index("by_scope_dims", ["scopeKey", "dims"])
    .index("by_scope_type_dims", ["scopeKey", "factType", "dims"])
    .vectorIndex("by_embedding_256", vectorIndex(256))
    .vectorIndex("by_embedding_512", vectorIndex(512))
    .vectorIndex("by_embedding_2048", vectorIndex(2048))
    .vectorIndex("by_embedding_3072", vectorIndex(3072)),

  factHistory: defineTable({
    ...scoped,
    eventId: v.string(),
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
    timestamp: v.number(),
  })
    .index("by_eventId", ["eventId"])
    .index("by_tenant_factId", ["tenantId", "factId", "timestamp"])
    .index("by_tenant_space_time", ["tenantId", "memorySpaceId", "timestamp"])
    .index("by_tenant_space_action", [
      "tenantId",
      "memorySpaceId",
      "action",
      "timestamp",
    ])
    .index("by_tenant_user", ["tenantId", "userId", "timestamp"]),
});

export default schema;
