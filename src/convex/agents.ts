/** Registry of agents. */
import { queryGeneric } from "convex/server";
import { v } from "convex/values";
import { accessArgs, enter } from "./lib/access.ts";
import { readFreeForm } from "./lib/freeForm.ts";
import type { QueryCtx } from "./lib/model.ts";
import { findAgent } from "./lib/registry.ts";

/** One registered agent of the tenant, or null. */
export const get = queryGeneric({
  args: { ...accessArgs, agentId: v.string() },
  returns: v.union(
    v.null(),
    v.object({
      _id: v.id("agents"),
      agentId: v.string(),
      tenantId: v.optional(v.string()),
      name: v.string(),
      description: v.optional(v.string()),
      metadata: v.optional(v.any()),
      metadataJson: v.optional(v.string()),
      config: v.optional(v.any()),
      configJson: v.optional(v.string()),
      status: v.string(),
      registeredAt: v.number(),
      updatedAt: v.number(),
      lastActive: v.optional(v.number()),
    }),
  ),
  handler: async (ctx: QueryCtx, args) => {
    const scope = await enter(ctx, args);
    const row = await findAgent(ctx, scope, args.agentId);
    if (row === null) return null;
    return {
      _id: row._id,
      agentId: row.agentId,
      ...(row.tenantId !== undefined && { tenantId: row.tenantId }),
      name: row.name,
      ...(row.description !== undefined && { description: row.description }),
      ...readFreeForm("metadata", row),
      ...readFreeForm("config", row),
      status: row.status,
      registeredAt: row.registeredAt,
      updatedAt: row.updatedAt,
      ...(row.lastActive !== undefined && { lastActive: row.lastActive }),
    };
  },
});
