/**
 * Deletes and relabels memories: per call, 100 rows are deleted or 200 relabelled, or 4 MiB.
 *
 * @module
 */
import { type ObjectType, v } from "convex/values";
import { accessArgs, requirePurgeable } from "../access.ts";
import { Tallies } from "../counters.ts";
import { memoryName, memorySourceType, stepFields } from "../fields.ts";
import { defineMutation } from "../functions.ts";
import { relabel, requireMemory } from "./memoryChange.ts";
import { isListed, memoryRange, rangesOfUser } from "./memoryRanges.ts";
import { deleteMemory, findMemory } from "./memoryStore.ts";
import type { Doc, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { pick } from "../shapes.ts";
import { rowsTaken } from "../spaces/spaceTally.ts";
import { isGone } from "../paging/cursor.ts";
import { type IndexRange, inStep, StepBudget } from "../paging/walk.ts";

/** Most memories that one call deletes: each has neighbours, versions and facts. */
const MAX_DELETED = 100;
/** Most bytes that one call touches. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Work on a memory in the same transaction, before the memory is deleted or after it was relabelled. Uses the step's
 * budget; returns false if it needs a further step, before which the memory is not deleted.
 */
export type Along = (
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  budget: StepBudget,
) => Promise<boolean | void>;

/**
 * `memories:deleteMemory`: to be called with the cursor of the call before until `done`.
 *
 * @throws {ConvexError} `MEMORY_NOT_FOUND`, `PERMISSION_DENIED`, `INVALID_CURSOR`.
 */
export const deleteMemoryMutation = defineMutation({
  args: { ...accessArgs, ...memoryName, cursor: v.optional(v.string()) },
  returns: v.object({
    deleted: v.boolean(),
    memoryId: v.string(),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, memoryId, cursor } = args;
    const found = await findMemory(ctx, scope, memorySpaceId, memoryId);
    if (isGone(ctx, "memories", found, cursor)) {
      return { deleted: true, memoryId, done: true };
    }
    const memory = found ??
      await requireMemory(ctx, scope, memorySpaceId, memoryId);
    const { done } = await deleteMemory(ctx, scope, memory);
    return {
      deleted: done,
      memoryId,
      done,
      ...(!done && { cursor: memory._id }),
    };
  },
});

/** Arguments of `deleteMany`. */
export const deleteManyArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  /** Memories about this user, or of what this user said. */
  userId: v.optional(v.string()),
  sourceType: v.optional(memorySourceType),
  cursor: v.optional(v.string()),
};

const deletedFields = {
  deleted: v.number(),
  memoryIds: v.array(v.string()),
  ...stepFields,
};

/** Deletes the memories of ranges while the budget lasts. */
export async function deleteInStep(
  ctx: MutationCtx,
  scope: Scope,
  ranges: readonly IndexRange<"memories">[],
  cursor: string | undefined,
  along?: Along,
): Promise<ObjectType<typeof deletedFields>> {
  const budget = new StepBudget(MAX_DELETED, MAX_BYTES);
  const tallies = new Tallies();
  const memoryIds: string[] = [];
  const end = await inStep(ctx, ranges, cursor, budget, async (memory) => {
    if (await along?.(ctx, scope, memory, budget) === false) return false;
    const { done } = await deleteMemory(ctx, scope, memory, budget, tallies);
    if (done) memoryIds.push(memory.memoryId);
    return done;
  });
  await tallies.write(ctx);
  return { deleted: memoryIds.length, memoryIds, ...end };
}

/** `memories:deleteMany`: to be called with the cursor of the call before until `done`. */
export const deleteManyMutation = defineMutation({
  args: deleteManyArgs,
  returns: v.object(deletedFields),
  handler: async (ctx, args, scope) => {
    return await deleteInStep(
      ctx,
      scope,
      rangesOfUser(scope, args),
      args.cursor,
    );
  },
});

/** `memories:deleteByIds`: in any space; unknown ids are skipped. To be called again with the same ids until `done`. */
export const deleteByIdsMutation = defineMutation({
  args: { ...accessArgs, memoryIds: v.array(v.string()) },
  returns: v.object(deletedFields),
  handler: async (ctx, args, scope) => {
    const ranges = [...new Set(args.memoryIds)].map((
      memoryId,
    ): IndexRange<"memories"> => ({
      table: "memories",
      index: "by_tenant_memoryId",
      equals: [["tenantId", scope.tenantId], ["memoryId", memoryId]],
      by: "_creationTime",
    }));
    const { cursor: _, ...step } = await deleteInStep(
      ctx,
      scope,
      ranges,
      undefined,
    );
    return step;
  },
});

/**
 * `memories:purgeAll`: deletes every memory of the tenant, or those without a tenant; to be called until `done`.
 *
 * @throws {ConvexError} `PURGE_DISABLED_IN_PRODUCTION`.
 */
export const purgeAllMutation = defineMutation({
  args: accessArgs,
  returns: v.object({ deleted: v.number(), done: v.boolean() }),
  handler: async (ctx, _args, scope) => {
    requirePurgeable();
    const { deleted, done } = await deleteInStep(ctx, scope, [{
      table: "memories",
      index: "by_tenant_memoryId",
      equals: [["tenantId", scope.tenantId]],
      by: "memoryId",
    }], undefined);
    return { deleted, done };
  },
});

/** Arguments of `updateMany`. */
export const updateManyArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  userId: v.optional(v.string()),
  sourceType: v.optional(memorySourceType),
  importance: v.optional(v.number()),
  tags: v.optional(v.array(v.string())),
  cursor: v.optional(v.string()),
};

const updatedFields = {
  updated: v.number(),
  memoryIds: v.array(v.string()),
  ...stepFields,
};

/** Relabels the selected memories while the budget lasts. */
export async function updateInStep(
  ctx: MutationCtx,
  scope: Scope,
  args: ObjectType<typeof updateManyArgs>,
  along?: Along,
): Promise<ObjectType<typeof updatedFields>> {
  const budget = new StepBudget();
  const tallies = new Tallies();
  const memoryIds: string[] = [];
  const changes = pick(args, ["importance", "tags"]);
  const { tags = [] } = changes;
  const range = {
    ...memoryRange(scope, args, "asc"),
    selects: (row: Doc<"memories">) => isListed(row, args),
  };
  const end = await inStep(
    ctx,
    [range],
    args.cursor,
    budget,
    async (memory) => {
      // The old tags are uncounted, and the new ones counted.
      const rows = rowsTaken({ tags: [...memory.tags, ...tags] });
      if (memoryIds.length > 0 && rows > budget.rows) return false;
      budget.take(memory.bytes, rows);
      await relabel(ctx, scope, memory, changes, tallies);
      await along?.(ctx, scope, memory, budget);
      memoryIds.push(memory.memoryId);
    },
  );
  await tallies.write(ctx);
  return { updated: memoryIds.length, memoryIds, ...end };
}

/** `memories:updateMany`: to be called with the cursor of the call before until `done`. */
export const updateManyMutation = defineMutation({
  args: updateManyArgs,
  returns: v.object(updatedFields),
  handler: async (ctx, args, scope) => await updateInStep(ctx, scope, args),
});
