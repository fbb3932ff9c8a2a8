/** Deleting a memory space with everything in it. */
import { type EraseArgs, eraseStep } from "./eraseJob.ts";
import { fail } from "../errors.ts";
import type { MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import {
  changeParticipants,
  countSpace,
  findSpace,
  requireSpace,
} from "../spaces/spaceStore.ts";
import { spaceSubject } from "./subjects.ts";

/** What a deletion says. */
export interface DeleteSpaceArgs extends EraseArgs {
  memorySpaceId: string;
  cascade: boolean;
  reason: string;
  confirmId?: string;
}

/**
 * Does one step of the deletion of a space, which takes no writes from the first one on; the space itself goes last.
 *
 * @throws {ConvexError} `CASCADE_REQUIRED`, `CONFIRM_ID_MISMATCH`, `MEMORYSPACE_NOT_FOUND`.
 */
export async function deleteSpaceStep(
  ctx: MutationCtx,
  scope: Scope,
  args: DeleteSpaceArgs,
) {
  const { memorySpaceId, reason } = args;
  if (!args.cascade) {
    fail("CASCADE_REQUIRED", "a space is deleted with everything in it");
  }
  if (args.confirmId !== undefined && args.confirmId !== memorySpaceId) {
    fail("CONFIRM_ID_MISMATCH", "confirmId differs from memorySpaceId");
  }
  const space = await requireSpace(ctx, scope, memorySpaceId);
  if (space.deletingSince === undefined) {
    await ctx.db.patch(space._id, { deletingSince: scope.now });
  }
  const step = await eraseStep(
    ctx,
    scope,
    spaceSubject(scope, memorySpaceId),
    args,
    () => finishSpace(ctx, scope, memorySpaceId),
  );
  const { conversations = 0, memories = 0, facts = 0 } = step.counts;
  return {
    memorySpaceId,
    deleted: true,
    cascade: {
      conversationsDeleted: conversations,
      memoriesDeleted: memories,
      factsDeleted: facts,
      totalBytes: step.bytes,
    },
    reason,
    deletedAt: scope.now,
    done: step.done,
    ...(step.cursor !== undefined && { cursor: step.cursor }),
    ...(step.requestId !== undefined && { requestId: step.requestId }),
  };
}

/** Deletes the row of a space that is empty; nothing where it is gone, such as by a purge during the deletion. */
export async function finishSpace(
  ctx: MutationCtx,
  scope: Scope,
  memorySpaceId: string,
): Promise<void> {
  const space = await findSpace(ctx, scope, memorySpaceId);
  if (space === null) return;
  await ctx.db.delete(space._id);
  await countSpace(ctx, space, -1);
}

/** Deletes registrations of spaces, with the mirrors of their participants: 50 a step. */
export async function purgeSpaces(
  ctx: MutationCtx,
  scope: Scope,
): Promise<{ deleted: number; done: boolean }> {
  const spaces = await ctx.db.query("memorySpaces")
    .withIndex("by_tenant_created", (q) => q.eq("tenantId", scope.tenantId))
    .take(MAX_PURGED);
  for (const space of spaces) {
    const { participants, memorySpaceId } = space;
    const ids = participants.map(({ id }) => id);
    await changeParticipants(ctx, scope, space, [], ids);
    await finishSpace(ctx, scope, memorySpaceId);
  }
  return { deleted: spaces.length, done: spaces.length < MAX_PURGED };
}

const MAX_PURGED = 50;
