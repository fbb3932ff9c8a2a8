/** Tables of conversations. */
import { defineTable } from "convex/server";
import { v } from "convex/values";
import { scoped } from "./common.ts";
import { metadata } from "../fields.ts";
import { conversationFields, messageFields } from "./shownFields.ts";

/** Conversations; their messages are rows of their own. */
export const conversations = defineTable({
  ...scoped,
  ...conversationFields,
  /** Internal: UTF-8 bytes of all contents. */
  messageBytes: v.number(),
  /** Internal: `seq` of the next message. */
  nextSeq: v.number(),
  lastMessageAt: v.optional(v.number()),
  ...metadata,
  archivedAt: v.optional(v.number()),
  /** Internal: sorted memory spaces of an agent-agent conversation, joined by `|`. */
  pairKey: v.optional(v.string()),
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
  .index("by_tenant_speaker", [
    "tenantId",
    "participants.participantId",
    "createdAt",
  ])
  .index("by_tenant_space_user", [
    "tenantId",
    "memorySpaceId",
    "participants.userId",
    "createdAt",
  ])
  .index("by_tenant_space_user_agent", [
    "tenantId",
    "memorySpaceId",
    "participants.userId",
    "participants.agentId",
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
  .index("by_org_updated", ["organizationId", "updatedAt"]);

/** Messages, one row each. */
export const messages = defineTable({
  ...scoped,
  conversationDocId: v.id("conversations"),
  conversationId: v.string(),
  memorySpaceId: v.string(),
  ...messageFields,
  /** Position in the conversation, from 0, without gaps at insert. */
  seq: v.number(),
  ...metadata,
  /** Internal: user that the message is attributed to, for erasure and to search. */
  userId: v.optional(v.string()),
})
  .index("by_conversation_seq", ["conversationDocId", "seq"])
  .index("by_conversation_time", ["conversationDocId", "timestamp"])
  .index("by_conversation_messageId", ["conversationDocId", "id"])
  .index("by_tenant_user", ["tenantId", "userId", "timestamp"])
  .index("by_tenant_space_time", ["tenantId", "memorySpaceId", "timestamp"])
  .searchIndex("by_content", {
    searchField: "content",
    filterFields: [
      "tenantId",
      "memorySpaceId",
      "conversationDocId",
      "role",
      "userId",
    ],
  });
