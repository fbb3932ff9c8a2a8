/** User profiles: immutable records of type `user`. */
import { queryGeneric } from "convex/server";
import { v } from "convex/values";
import { accessArgs, enter } from "./lib/access.ts";
import { readFreeForm } from "./lib/freeForm.ts";
import type { QueryCtx } from "./lib/model.ts";
import { findUser } from "./lib/registry.ts";

/** One profile of the tenant as an immutable record, or null. */
export const get = queryGeneric({
  args: { ...accessArgs, userId: v.string() },
  returns: v.union(
    v.null(),
    v.object({
      _id: v.id("immutable"),
      type: v.string(),
      id: v.string(),
      tenantId: v.optional(v.string()),
      userId: v.optional(v.string()),
      data: v.optional(v.any()),
      dataJson: v.optional(v.string()),
      version: v.number(),
      createdAt: v.number(),
      updatedAt: v.number(),
    }),
  ),
  handler: async (ctx: QueryCtx, args) => {
    const scope = await enter(ctx, args);
    const row = await findUser(ctx, scope, args.userId);
    if (row === null) return null;
    return {
      _id: row._id,
      type: row.type,
      id: row.id,
      ...(row.tenantId !== undefined && { tenantId: row.tenantId }),
      ...(row.userId !== undefined && { userId: row.userId }),
      ...readFreeForm("data", row),
      version: row.version,
      createdAt: row.createdAt,
      updatedAt: row.updatedAt,
    };
  },
});
