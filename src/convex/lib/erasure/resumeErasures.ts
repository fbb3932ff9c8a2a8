/** Continues erasures whose caller is gone, by a crash or a lost connection. */
import { makeFunctionReference } from "convex/server";
import { eraseStep } from "./eraseJob.ts";
import type { Subject } from "./erasure.ts";
import type { Doc, Id, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { sha256 } from "../sha256.ts";
import { finishSpace } from "./spaceDelete.ts";
import { agentSubject, spaceSubject, userSubject } from "./subjects.ts";

const IDLE_MS = 10 * 60_000;
const MAX_JOBS = 100;

type Kind = Doc<"deletionRequests">["kind"];

const SUBJECTS: Record<Kind, (scope: Scope, id: string) => Subject> = {
  user: userSubject,
  agent: agentSubject,
  memorySpace: spaceSubject,
};

const RESUME = makeFunctionReference<"mutation">("users:resumeDeletion");

/**
 * Schedules the next step of each job whose last step is ten minutes old, or as far ahead, at most a hundred. Marks
 * them as tried at once; otherwise a hundred jobs whose steps always fail would come first for ever.
 */
export async function resumeErasures(
  ctx: MutationCtx,
  now: number,
): Promise<{ resumed: number }> {
  const idle = await ctx.db.query("deletionRequests")
    .withIndex(
      "by_status",
      (q) => q.eq("status", "running").lt("steppedAt", now - IDLE_MS),
    )
    .take(MAX_JOBS);
  // The clock was ahead, and has been set back since.
  const early = await ctx.db.query("deletionRequests")
    .withIndex(
      "by_status",
      (q) => q.eq("status", "running").gt("steppedAt", now + IDLE_MS),
    )
    .take(MAX_JOBS - idle.length);
  const jobs = [...idle, ...early];
  const steppedAt = Math.min(now, Date.now());
  for (const { _id } of jobs) {
    await ctx.db.patch(_id, { steppedAt });
    await ctx.scheduler.runAfter(0, RESUME, { request: _id });
  }
  return { resumed: jobs.length };
}

/**
 * Does one step of a job and schedules the next, so that no job waits for another. A job without a subject, or whose
 * subject does not match its hash, is marked as failed: an import may have brought it.
 */
export async function resumeErasure(
  ctx: MutationCtx,
  request: Id<"deletionRequests">,
  now: number,
): Promise<void> {
  const job = await ctx.db.get(request);
  if (job?.status !== "running") return;
  const { tenantId, organizationId, kind, subjectId, requestId } = job;
  if (
    subjectId === undefined || await sha256(subjectId) !== job.subjectHash
  ) {
    const changes = { status: "failed", subjectId: undefined } as const;
    return await ctx.db.patch(request, changes);
  }
  const scope = { tenantId, organizationId, now };
  const { done } = await eraseStep(
    ctx,
    scope,
    SUBJECTS[kind](scope, subjectId),
    { requestId },
    kind === "memorySpace"
      ? () => finishSpace(ctx, scope, subjectId)
      : undefined,
  );
  if (!done) await ctx.scheduler.runAfter(0, RESUME, { request });
}
