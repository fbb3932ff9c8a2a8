/** Deleting a memory space with everything in it. */
import { CASCADE_REQUIRED, CONFIRM_ID_MISMATCH } from "../moduleCodes.ts";
import {
  callersStep,
  type EraseArgs,
  type EraseResult,
  eraseStep,
} from "./eraseJob.ts";
import type { Subject } from "./erasure.ts";
import { fail } from "../errors.ts";
import type { MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { rowSize } from "../size.ts";
import {
  changeParticipants,
  countSpace,
  findSpace,
  requireSpace,
} from "../spaces/spaceStore.ts";
import { spaceSubject } from "./subjects.ts";

/** Arguments of a deletion. */
export interface DeleteSpaceArgs extends EraseArgs {
  memorySpaceId: string;
  cascade: boolean;
  reason: string;
  confirmId?: string;
}

/**
 * Does one step of deleting a space. From the first step on, the space refuses writes; its own row is deleted last.
 *
 * @throws {ConvexError} `CASCADE_REQUIRED`, `CONFIRM_ID_MISMATCH`, `CONTENT_TOO_LARGE`, `MEMORYSPACE_NOT_FOUND`.
 */
export async function deleteSpaceStep(
  ctx: MutationCtx,
  scope: Scope,
  args: DeleteSpaceArgs,
) {
  const { memorySpaceId, reason } = args;
  if (!args.cascade) {
    fail(CASCADE_REQUIRED, "a space is deleted with everything in it");
  }
  if (args.confirmId !== undefined && args.confirmId !== memorySpaceId) {
    fail(CONFIRM_ID_MISMATCH, "confirmId differs from memorySpaceId");
  }
  rowSize("the deletion's record", { reason });
  const subject = spaceSubject(scope, memorySpaceId);
  // If the job has ended, a space that has the name now is a new one.
  const step = await callersStep(
    ctx,
    scope,
    subject,
    args,
    (asked) => eraseSpace(ctx, scope, subject, memorySpaceId, asked),
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
    deletedAt: step.deletedAt,
    done: step.done,
    ...(step.cursor !== undefined && { cursor: step.cursor }),
    ...(step.requestId !== undefined && { requestId: step.requestId }),
  };
}

async function eraseSpace(
  ctx: MutationCtx,
  scope: Scope,
  subject: Subject,
  memorySpaceId: string,
  args: EraseArgs,
): Promise<EraseResult> {
  const space = await requireSpace(ctx, scope, memorySpaceId);
  if (space.deletingSince === undefined) {
    await ctx.db.patch(space._id, { deletingSince: scope.now });
  }
  return await eraseStep(
    ctx,
    scope,
    subject,
    args,
    () => finishSpace(ctx, scope, memorySpaceId),
  );
}

/** Deletes the row of an empty space, unless it is gone already, for example by a purge meanwhile. */
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

/** Deletes registrations of spaces, with the mirrors of their participants: 50 per step. */
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
