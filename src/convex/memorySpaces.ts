/** Registry of memory spaces. */
import { queryGeneric } from "convex/server";
import { v } from "convex/values";
import { accessArgs, enter } from "./lib/access.ts";
import { readFreeForm } from "./lib/freeForm.ts";
import type { QueryCtx } from "./lib/model.ts";
import { findSpace } from "./lib/registry.ts";

/** One registered space of the tenant, or null. */
export const get = queryGeneric({
  args: { ...accessArgs, memorySpaceId: v.string() },
  returns: v.union(
    v.null(),
    v.object({
      _id: v.id("memorySpaces"),
      memorySpaceId: v.string(),
      tenantId: v.optional(v.string()),
      name: v.optional(v.string()),
      type: v.string(),
      participants: v.array(
        v.object({ id: v.string(), type: v.string(), joinedAt: v.number() }),
      ),
      metadata: v.optional(v.any()),
      metadataJson: v.optional(v.string()),
      status: v.string(),
      createdAt: v.number(),
      updatedAt: v.number(),
    }),
  ),
  handler: async (ctx: QueryCtx, args) => {
    const scope = await enter(ctx, args);
    const row = await findSpace(ctx, scope, args.memorySpaceId);
    if (row === null) return null;
    return {
      _id: row._id,
      memorySpaceId: row.memorySpaceId,
      ...(row.tenantId !== undefined && { tenantId: row.tenantId }),
      ...(row.name !== undefined && { name: row.name }),
      type: row.type,
      participants: row.participants,
      ...readFreeForm("metadata", row),
      status: row.status,
      createdAt: row.createdAt,
      updatedAt: row.updatedAt,
    };
  },
});
