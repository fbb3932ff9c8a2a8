/** Tables of registered spaces and agents, and of erasures. */
import { defineTable } from "convex/server";
import { v } from "convex/values";
import {
  agentStatus,
  metadata,
  spaceParticipant,
  spaceStatus,
  spaceType,
} from "../fields.ts";
import { scoped } from "./common.ts";

/** Registry of memory spaces. */
export const memorySpaces = defineTable({
  ...scoped,
  memorySpaceId: v.string(),
  name: v.optional(v.string()),
  type: spaceType,
  participants: v.array(spaceParticipant),
  ...metadata,
  status: spaceStatus,
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
  });

/** Participants of spaces, one row each: a mirror of `memorySpaces.participants`, to find spaces by participant. */
export const spaceParticipants = defineTable({
  ...scoped,
  participantId: v.string(),
  memorySpaceId: v.string(),
  type: v.string(),
  joinedAt: v.number(),
})
  .index("by_tenant_participant", ["tenantId", "participantId"])
  .index("by_tenant_space", ["tenantId", "memorySpaceId", "participantId"])
  .index("by_tenant_space_joined", ["tenantId", "memorySpaceId", "joinedAt"]);

/** Registry of agents. */
export const agents = defineTable({
  ...scoped,
  agentId: v.string(),
  name: v.string(),
  description: v.optional(v.string()),
  ...metadata,
  config: v.optional(v.any()),
  configJson: v.optional(v.string()),
  status: agentStatus,
  registeredAt: v.number(),
  updatedAt: v.number(),
  lastActive: v.optional(v.number()),
})
  .index("by_tenant_agentId", ["tenantId", "agentId"])
  .index("by_tenant_registered", ["tenantId", "registeredAt"])
  .index("by_tenant_status", ["tenantId", "status", "registeredAt"])
  .index("by_tenant_name", ["tenantId", "name"])
  .index("by_tenant_lastActive", ["tenantId", "lastActive"]);

/**
 * Erasures, running and done. A finished one names its subject only by a hash; the plain id is kept while the job runs.
 */
export const deletionRequests = defineTable({
  ...scoped,
  requestId: v.string(),
  kind: v.union(
    v.literal("user"),
    v.literal("agent"),
    v.literal("memorySpace"),
  ),
  /** SHA-256 of the id, as hexadecimal digits. */
  subjectHash: v.string(),
  subjectId: v.optional(v.string()),
  /** Where the next step starts. */
  cursor: v.optional(v.any()),
  /** Number of passes over all rows. */
  passes: v.number(),
  /** Spaces that were touched, at most 1,000. */
  memorySpaceIds: v.array(v.string()),
  reason: v.optional(v.string()),
  /** SHA-256 of the token identifier of whoever began it, in access mode `identity`. */
  requestedBy: v.optional(v.string()),
  status: v.union(
    v.literal("running"),
    v.literal("complete"),
    v.literal("partial"),
    v.literal("failed"),
  ),
  counts: v.any(),
  issues: v.array(v.string()),
  requestedAt: v.number(),
  /** Internal: time of the last step, in ms. */
  steppedAt: v.number(),
  completedAt: v.optional(v.number()),
})
  .index("by_tenant_subject", ["tenantId", "kind", "subjectHash", "status"])
  .index("by_tenant_time", ["tenantId", "requestedAt"])
  .index("by_tenant_org_time", ["tenantId", "organizationId", "requestedAt"])
  .index("by_status", ["status", "steppedAt"]);
