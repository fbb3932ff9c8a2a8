/** Tables of facts. */
import { defineTable } from "convex/server";
import { v } from "convex/values";
import { factType, metadata } from "../fields.ts";
import { embeddingFields, scoped, vectorIndex } from "./common.ts";
import { factEventFields, factFields } from "./shownFields.ts";

const factEmbeddingFields = {
  ...embeddingFields,
  factDocId: v.id("facts"),
  factId: v.string(),
  factType: factType,
};

/** Facts; superseded and soft-deleted ones stay. */
export const facts = defineTable({
  ...scoped,
  ...factFields,
  ...metadata,
  /** Internal: time of a soft delete. */
  deletedAt: v.optional(v.number()),
  /** Internal: the memory that it was archived with. */
  archivedByMemoryId: v.optional(v.string()),
  /** Internal: true while neither superseded, deleted nor archived. */
  isCurrent: v.boolean(),
  /** Internal: normalised texts, to find duplicates. */
  textKey: v.string(),
  subjectKey: v.optional(v.string()),
  predicateKey: v.optional(v.string()),
  objectKey: v.optional(v.string()),
  /** Internal: slot of the predicate by the built-in classes. */
  slotKey: v.optional(v.string()),
  /** Internal: first and last of `sourceRef.messageIds`, to find the facts of a message. */
  firstMessageId: v.optional(v.string()),
  lastMessageId: v.optional(v.string()),
  /** Internal: set when there are others between those two. */
  hasMoreMessages: v.optional(v.literal(true)),
  /** Internal: length of the embedding. */
  embeddingDims: v.optional(v.number()),
  /** Internal: `_id` of the embedding, as in a memory. */
  embeddingDocId: v.optional(v.string()),
  /** Internal: the text for the text index. */
  searchText: v.string(),
  bytes: v.number(),
})
  .index("by_tenant_space_factId", ["tenantId", "memorySpaceId", "factId"])
  .index("by_tenant_factId", ["tenantId", "factId"])
  .index("by_tenant_created", ["tenantId", "createdAt"])
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
  .index("by_tenant_space_slot", [
    "tenantId",
    "memorySpaceId",
    "subjectKey",
    "slotKey",
    "isCurrent",
    "createdAt",
  ])
  .index("by_tenant_space_object", [
    "tenantId",
    "memorySpaceId",
    "subjectKey",
    "objectKey",
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
    "isCurrent",
    "createdAt",
  ])
  .index("by_tenant_space_user_subject", [
    "tenantId",
    "memorySpaceId",
    "userId",
    "subjectKey",
    "isCurrent",
    "createdAt",
  ])
  .index("by_tenant_space_user_slot", [
    "tenantId",
    "memorySpaceId",
    "userId",
    "subjectKey",
    "slotKey",
    "isCurrent",
    "createdAt",
  ])
  .index("by_tenant_space_user_object", [
    "tenantId",
    "memorySpaceId",
    "userId",
    "subjectKey",
    "objectKey",
    "isCurrent",
    "createdAt",
  ])
  .index("by_tenant_space_user_dims", [
    "tenantId",
    "memorySpaceId",
    "userId",
    "factType",
    "embeddingDims",
    "isCurrent",
    "createdAt",
  ])
  .index("by_tenant_user", ["tenantId", "userId", "createdAt"])
  .index("by_tenant_participant", ["tenantId", "participantId", "createdAt"])
  .index("by_tenant_conversation", [
    "tenantId",
    "sourceRef.conversationId",
    "isCurrent",
    "memorySpaceId",
  ])
  .index("by_tenant_conversation_archived", [
    "tenantId",
    "sourceRef.conversationId",
    "memorySpaceId",
    "archivedByMemoryId",
  ])
  .index("by_tenant_message_first", [
    "tenantId",
    "sourceRef.conversationId",
    "firstMessageId",
    "isCurrent",
    "memorySpaceId",
    "sourceRef.memoryId",
  ])
  .index("by_tenant_message_last", [
    "tenantId",
    "sourceRef.conversationId",
    "lastMessageId",
    "isCurrent",
    "memorySpaceId",
    "sourceRef.memoryId",
  ])
  .index("by_tenant_message_more", [
    "tenantId",
    "sourceRef.conversationId",
    "hasMoreMessages",
    "isCurrent",
    "memorySpaceId",
    "sourceRef.memoryId",
  ])
  .index("by_tenant_memory", [
    "tenantId",
    "sourceRef.memoryId",
    "isCurrent",
    "memorySpaceId",
  ])
  .index("by_tenant_archivedBy", [
    "tenantId",
    "archivedByMemoryId",
    "memorySpaceId",
  ])
  .index("by_tenant_subject", ["tenantId", "subjectKey"])
  .index("by_org_updated", ["organizationId", "updatedAt"])
  .index("by_embedding", ["embeddingDocId"])
  .searchIndex("by_text", {
    searchField: "searchText",
    filterFields: [
      "tenantId",
      "memorySpaceId",
      "isCurrent",
      "factType",
      "userId",
    ],
  });

const embeddingTable = () =>
  defineTable(factEmbeddingFields)
    .index("by_fact", ["factDocId"])
    .index("by_scope_dims", ["scopeKey", "dims"])
    .index("by_scope_type_dims", ["scopeKey", "factType", "dims"])
    .index("by_user_type_dims", ["userKey", "factType", "dims"]);

/** Embeddings of current facts, like `memoryEmbeddings`. */
export const factEmbeddings = embeddingTable()
  .vectorIndex("by_embedding_384", vectorIndex(384))
  .vectorIndex("by_embedding_768", vectorIndex(768))
  .vectorIndex("by_embedding_1024", vectorIndex(1024))
  .vectorIndex("by_embedding_1536", vectorIndex(1536));

/** Embeddings of current facts, like `memoryEmbeddingsWide`. */
export const factEmbeddingsWide = embeddingTable()
  .vectorIndex("by_embedding_256", vectorIndex(256))
  .vectorIndex("by_embedding_512", vectorIndex(512))
  .vectorIndex("by_embedding_2048", vectorIndex(2048))
  .vectorIndex("by_embedding_3072", vectorIndex(3072));

/** The history of facts. */
export const factHistory = defineTable({
  ...scoped,
  ...factEventFields,
  eventId: v.string(),
  timestamp: v.number(),
})
  .index("by_eventId", ["eventId"])
  .index("by_tenant_factId", ["tenantId", "factId", "timestamp"])
  .index("by_tenant_supersededBy", ["tenantId", "supersededBy", "timestamp"])
  .index("by_tenant_time", ["tenantId", "timestamp"])
  .index("by_tenant_space_time", ["tenantId", "memorySpaceId", "timestamp"])
  .index("by_tenant_space_action", [
    "tenantId",
    "memorySpaceId",
    "action",
    "timestamp",
  ])
  .index("by_tenant_user", ["tenantId", "userId", "timestamp"]);
