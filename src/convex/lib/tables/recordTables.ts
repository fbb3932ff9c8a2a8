/** Tables of versioned records and of mutable values. */
import { defineTable } from "convex/server";
import { v } from "convex/values";
import { scoped } from "./common.ts";
import { metadata } from "../fields.ts";

/** The caller's data in a record: native if a document can hold it, otherwise JSON text in the sibling. */
const data = { data: v.optional(v.any()), dataJson: v.optional(v.string()) };

/** Current versions of records; user profiles are those of type `user`. */
export const immutable = defineTable({
  ...scoped,
  type: v.string(),
  id: v.string(),
  ...data,
  userId: v.optional(v.string()),
  version: v.number(),
  ...metadata,
  /** Internal: the JSON text of `data` in lower case, at most 64 KiB. */
  searchText: v.string(),
  /** Internal: UTF-8 bytes of `data` as JSON. */
  bytes: v.number(),
  /** Internal: how many superseded versions are left, if there are gaps between them. */
  held: v.optional(v.number()),
  /** Internal: when the current version began, if it was changed since. */
  versionStartedAt: v.optional(v.number()),
  createdAt: v.number(),
  updatedAt: v.number(),
})
  .index("by_tenant_type_id", ["tenantId", "type", "id"])
  .index("by_tenant_type_created", ["tenantId", "type", "createdAt"])
  .index("by_tenant_type_updated", ["tenantId", "type", "updatedAt"])
  .index("by_tenant_type_user", ["tenantId", "type", "userId", "createdAt"])
  .index("by_tenant_user_created", ["tenantId", "userId", "createdAt"])
  .index("by_tenant_created", ["tenantId", "createdAt"])
  .index("by_tenant_updated", ["tenantId", "updatedAt"])
  .index("by_org_updated", ["organizationId", "updatedAt"])
  .searchIndex("by_text", {
    searchField: "searchText",
    filterFields: ["tenantId", "type", "userId"],
  });

/** Superseded versions of records, one row each. */
export const immutableVersions = defineTable({
  tenantId: v.optional(v.string()),
  immutableDocId: v.id("immutable"),
  /** Whose record it was, so that the version goes with that user, even if the record is another's by now. */
  userId: v.optional(v.string()),
  version: v.number(),
  ...data,
  ...metadata,
  /** When the version was written, in ms. */
  timestamp: v.number(),
  bytes: v.number(),
})
  .index("by_entry_version", ["immutableDocId", "version"])
  .index("by_entry_time", ["immutableDocId", "timestamp"])
  .index("by_tenant_user", ["tenantId", "userId"]);

/** Values that change in place, by namespace and key. */
export const mutable = defineTable({
  ...scoped,
  namespace: v.string(),
  key: v.string(),
  value: v.optional(v.any()),
  valueJson: v.optional(v.string()),
  userId: v.optional(v.string()),
  ...metadata,
  /** Internal: incremented by each write; compared by compare-and-set. */
  revision: v.number(),
  /** Internal: UTF-8 bytes of the value as JSON. */
  bytes: v.number(),
  createdAt: v.number(),
  updatedAt: v.number(),
})
  .index("by_tenant_namespace_key", ["tenantId", "namespace", "key"])
  .index("by_tenant_namespace_updated", ["tenantId", "namespace", "updatedAt"])
  .index("by_tenant_namespace_user", [
    "tenantId",
    "namespace",
    "userId",
    "key",
  ])
  .index("by_tenant_user", ["tenantId", "userId"])
  .index("by_tenant_created", ["tenantId", "createdAt"])
  .index("by_tenant_updated", ["tenantId", "updatedAt"])
  .index("by_org_updated", ["organizationId", "updatedAt"]);
