/** Deleting a memory space with everything in it. */
import {
  endedJob,
  type EraseArgs,
  type EraseResult,
  eraseStep,
} from "./eraseJob.ts";
import type { Subject } from "./erasure.ts";
import { readCursor } from "../cursor.ts";
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

/** Where a step continues: in which job, and from where. */
interface Place {
  requestId: string;
  at?: string | undefined;
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
  const subject = spaceSubject(scope, memorySpaceId);
  const { requestId = args.requestId, at }: Partial<Place> =
    args.cursor === undefined ? {} : readCursor<Place>(
      args.cursor,
      ({ requestId }) => typeof requestId === "string",
    );
  // Who deletes the space at once may have ended the job: one of its name that is there by now is another one.
  const ended = requestId === undefined
    ? null
    : await endedJob(ctx, scope, subject, requestId);
  const step = ended ??
    await eraseSpace(ctx, scope, subject, { ...args, requestId, cursor: at });
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
    ...(!step.done && {
      cursor: JSON.stringify({ requestId: step.requestId, at: step.cursor }),
    }),
    ...(step.requestId !== undefined && { requestId: step.requestId }),
  };
}

async function eraseSpace(
  ctx: MutationCtx,
  scope: Scope,
  subject: Subject,
  args: DeleteSpaceArgs,
): Promise<EraseResult> {
  const { memorySpaceId } = args;
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
