/** Tables of memories. */
import { defineTable } from "convex/server";
import { v } from "convex/values";
import { embeddingFields, scoped, vectorIndex } from "./common.ts";
import { metadata } from "../fields.ts";
import { memoryFields } from "./shownFields.ts";

const memoryEmbeddingFields = {
  ...embeddingFields,
  memoryDocId: v.id("memories"),
  memoryId: v.string(),
};

/** Searchable memories. */
export const memories = defineTable({
  ...scoped,
  ...memoryFields,
  ...metadata,
  /** Internal: when this version became current; absent: at creation. */
  versionStartedAt: v.optional(v.number()),
  isPartial: v.optional(v.boolean()),
  partialMetadata: v.optional(v.any()),
  partialMetadataJson: v.optional(v.string()),
  archivedAt: v.optional(v.number()),
  importanceBeforeArchive: v.optional(v.number()),
  /** Internal: the job that archives or restores its facts, while it takes several steps. */
  archiveJob: v.optional(v.string()),
  /** Internal: length of the embedding, which is in a table of its own. */
  embeddingDims: v.optional(v.number()),
  /**
   * Internal: `_id` of the embedding. A string, because an `_id` field would mean that the memory belongs to the
   * embedding.
   */
  embeddingDocId: v.optional(v.string()),
  /** Internal: true while search and recall may return it (neither archived nor partial). */
  isActive: v.boolean(),
  /** Internal: first message of `conversationRef`, to find the memory of a message. */
  sourceMessageId: v.optional(v.string()),
  /** Internal: the text for the text index: stems of content, speaker, date and neighbouring memories. */
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
  .index("by_tenant_created", ["tenantId", "createdAt"])
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
  .index("by_tenant_space_sourceUser", [
    "tenantId",
    "memorySpaceId",
    "sourceUserId",
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
  .index("by_embedding", ["embeddingDocId"])
  .searchIndex("by_text", {
    searchField: "searchText",
    filterFields: [
      "tenantId",
      "memorySpaceId",
      "isActive",
      "userId",
      "sourceUserId",
      "sourceType",
    ],
  });

/** Embeddings of memories: of the lengths in `INDEXED_DIMENSIONS`, and of lengths without a vector index. */
export const memoryEmbeddings = defineTable(memoryEmbeddingFields)
  .index("by_memory", ["memoryDocId"])
  .index("by_scope_dims", ["scopeKey", "dims"])
  .vectorIndex("by_embedding_384", vectorIndex(384))
  .vectorIndex("by_embedding_768", vectorIndex(768))
  .vectorIndex("by_embedding_1024", vectorIndex(1024))
  .vectorIndex("by_embedding_1536", vectorIndex(1536));

/** Embeddings of memories, of the lengths in `WIDE_DIMENSIONS`. */
export const memoryEmbeddingsWide = defineTable(memoryEmbeddingFields)
  .index("by_memory", ["memoryDocId"])
  .index("by_scope_dims", ["scopeKey", "dims"])
  .vectorIndex("by_embedding_256", vectorIndex(256))
  .vectorIndex("by_embedding_512", vectorIndex(512))
  .vectorIndex("by_embedding_2048", vectorIndex(2048))
  .vectorIndex("by_embedding_3072", vectorIndex(3072));

/** Superseded versions of memories. */
export const memoryVersions = defineTable({
  memoryDocId: v.id("memories"),
  version: v.number(),
  content: v.string(),
  embedding: v.optional(v.array(v.float64())),
  /** Internal: kept so that a version can be restored completely. */
  importance: v.number(),
  tags: v.array(v.string()),
  /** When the version became current. */
  timestamp: v.number(),
  bytes: v.number(),
})
  .index("by_memory_version", ["memoryDocId", "version"])
  .index("by_memory_time", ["memoryDocId", "timestamp"]);
