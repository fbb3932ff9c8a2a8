/** Erasures that were given up, by a crash or a lost connection, go on by themselves. */
import { eraseStep } from "./eraseJob.ts";
import type { Subject } from "./erasure.ts";
import type { Doc, MutationCtx } from "./model.ts";
import type { Scope } from "./scope.ts";
import { finishSpace } from "./spaceDelete.ts";
import { agentSubject, spaceSubject, userSubject } from "./subjects.ts";

const IDLE_MS = 10 * 60_000;
const MAX_JOBS = 5;

type Kind = Doc<"deletionRequests">["kind"];

const SUBJECTS: Record<Kind, (scope: Scope, id: string) => Subject> = {
  user: userSubject,
  agent: agentSubject,
  memorySpace: spaceSubject,
};

/** Does one step of each of at most five jobs whose last step is ten minutes old. */
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
  for (const { tenantId, organizationId, kind, subjectId, requestId } of idle) {
    if (subjectId === undefined) continue;
    const scope = { tenantId, organizationId, now };
    const subject = SUBJECTS[kind](scope, subjectId);
    await eraseStep(
      ctx,
      scope,
      subject,
      { requestId },
      kind === "memorySpace"
        ? () => finishSpace(ctx, scope, subjectId)
        : undefined,
    );
  }
  return { resumed: idle.length };
}
