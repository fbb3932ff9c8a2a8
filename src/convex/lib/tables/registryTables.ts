/** Tables of what is registered: spaces, agents, users. */
import { defineTable } from "convex/server";
import { v } from "convex/values";
import { metadata, scoped } from "./common.ts";

/** Registry of memory spaces. */
export const memorySpaces = defineTable({
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
  });

/** Versioned records; user profiles are those of type `user`. */
export const immutable = defineTable({
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
  });

/** Registry of agents. */
export const agents = defineTable({
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
  .index("by_tenant_lastActive", ["tenantId", "lastActive"]);
