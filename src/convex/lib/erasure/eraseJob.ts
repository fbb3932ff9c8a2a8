/** Erasures as jobs: each step is one transaction, and a row records the progress. */
import { v } from "convex/values";
import { readCursor } from "../paging/cursor.ts";
import { CountStep } from "./eraseCount.ts";
import {
  countRemaining,
  EraseStep,
  type Subject,
  type Tallied,
} from "./erasure.ts";
import { stepFields } from "../fields.ts";
import { makeId } from "../ids.ts";
import type { Doc, MutationCtx, NewDoc } from "../model.ts";
import { owner, type Scope } from "../scope.ts";
import { sha256 } from "../sha256.ts";

/** Most passes over all rows if rows keep being written behind the current one. */
const MAX_PASSES = 3;
const MAX_SPACES = 1000;

/** Arguments of a step besides the subject. */
export const eraseArgs = {
  cursor: v.optional(v.string()),
  requestId: v.optional(v.string()),
  dryRun: v.optional(v.boolean()),
};

/** Validator of a step's result. */
export const eraseResult = v.object({
  /** The job; absent in a dry run. */
  requestId: v.optional(v.string()),
  /** Rows by table, of the whole job so far. */
  counts: v.record(v.string(), v.number()),
  bytes: v.number(),
  memorySpaceIds: v.array(v.string()),
  issues: v.array(v.string()),
  /** When, in ms: a repeat with the idempotency key returns the same time. */
  deletedAt: v.number(),
  ...stepFields,
});

/** A step's result. */
export type EraseResult = typeof eraseResult.type;

/** Arguments of a step. */
export interface EraseArgs {
  cursor?: string;
  requestId?: string;
  dryRun?: boolean;
  reason?: string;
}

/**
 * Does one step: 200 rows or 4 MiB. Without a cursor it continues with whatever is left, so a new call completes an
 * abandoned job. Its counts are those of the whole job.
 *
 * @param finish Deletes what must go last, in the transaction that deletes the last row.
 */
export async function eraseStep(
  ctx: MutationCtx,
  scope: Scope,
  subject: Subject,
  args: EraseArgs,
  finish?: (tally: Tallied) => Promise<void>,
): Promise<EraseResult> {
  if (args.dryRun === true) {
    return {
      ...await countStep(new CountStep(ctx, scope, subject), args.cursor),
      deletedAt: scope.now,
    };
  }
  const job = await jobOf(ctx, scope, subject, args.requestId);
  const step = new EraseStep(ctx, scope, subject);
  const end = await step.run(args.cursor);
  const { issues, passes, done } = await endingOf(ctx, subject, job, end.done);
  if (done) await finish?.(step.tally);
  const sum = added(job, step.tally);
  const { requestId, requestedAt, requestedBy } = job ?? {
    requestId: makeId("erase", scope.now),
    requestedAt: scope.now,
    requestedBy: scope.caller,
  };
  // A caller that continues a job need not know its reason.
  const reason = args.reason ?? job?.reason;
  const next = end.cursor === undefined ? {} : { cursor: end.cursor };
  const row = {
    // Continuing a job does not change its owner.
    ...owner(job ?? scope),
    requestId,
    kind: subject.kind,
    subjectHash: await sha256(subject.id),
    ...(!done && { subjectId: subject.id }),
    ...next,
    passes,
    // A space, or an agent's inbox, has the id of the subject. A space with the id of a user is there for itself.
    memorySpaceIds: done && subject.kind !== "user"
      ? sum.memorySpaceIds.filter((id) => id !== subject.id)
      : sum.memorySpaceIds,
    ...(reason !== undefined && { reason }),
    ...(requestedBy !== undefined && { requestedBy }),
    status: statusOf(done, issues),
    counts: { ...sum.counts, bytes: sum.bytes },
    issues,
    requestedAt,
    // The caller's clock may be ahead; an abandoned job would then be continued late or never.
    steppedAt: Math.min(scope.now, Date.now()),
    ...(done && { completedAt: scope.now }),
  };
  if (job === null) await ctx.db.insert("deletionRequests", row);
  else await ctx.db.replace(job._id, row);
  return { requestId, ...sum, issues, deletedAt: scope.now, done, ...next };
}

/** Where a caller's next step continues: the job, and its cursor. */
interface Place {
  requestId: string;
  at?: string;
}

/**
 * Does a step for a caller. Its cursor names the job, which may have ended by the steps of another caller or of the
 * scheduler: then it returns the result of that job, instead of beginning another one.
 *
 * @param run Does the step of a job that has not ended. Default: {@link eraseStep}.
 */
export async function callersStep(
  ctx: MutationCtx,
  scope: Scope,
  subject: Subject,
  args: EraseArgs,
  run: (args: EraseArgs) => Promise<EraseResult> = (asked) =>
    eraseStep(ctx, scope, subject, asked),
): Promise<EraseResult> {
  if (args.dryRun === true) return await run(args);
  const { cursor, requestId: asked, ...rest } = args;
  const { requestId = asked, at }: Partial<Place> = cursor === undefined
    ? {}
    : readPlace(cursor);
  const ended = requestId === undefined
    ? null
    : await endedJob(ctx, scope, subject, requestId);
  const step = ended ?? await run({
    ...rest,
    ...(requestId !== undefined && { requestId }),
    ...(at !== undefined && { cursor: at }),
  });
  if (step.done) return step;
  const place = { requestId: step.requestId, at: step.cursor };
  return { ...step, cursor: JSON.stringify(place) };
}

function readPlace(cursor: string): Place {
  return readCursor<Place>(
    cursor,
    ({ requestId, at }) =>
      typeof requestId === "string" &&
      (at === undefined || typeof at === "string"),
  );
}

/** Verifies a pass over all rows that has ended, and decides whether the job ends with it. */
async function endingOf(
  ctx: MutationCtx,
  subject: Subject,
  job: Doc<"deletionRequests"> | null,
  isPassOver: boolean,
): Promise<
  Pick<Doc<"deletionRequests">, "issues" | "passes"> & { done: boolean }
> {
  const before = job?.passes ?? 0;
  if (!isPassOver) return { issues: [], passes: before, done: false };
  const left = await countRemaining(ctx, subject);
  const issues = Object.entries(left)
    .map(([name, rows]) => `${name}: ${rows} remaining`);
  const passes = before + 1;
  const done = issues.length === 0 || passes >= MAX_PASSES;
  return { issues, passes, done };
}

/** The result of a subject's job that has ended; null if it has not. */
async function endedJob(
  ctx: MutationCtx,
  scope: Scope,
  subject: Subject,
  requestId: string,
): Promise<EraseResult | null> {
  const hash = await sha256(subject.id);
  const jobs = ctx.db.query("deletionRequests")
    .withIndex(
      "by_tenant_subject",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("kind", subject.kind)
          .eq("subjectHash", hash),
    )
    // A running job comes first.
    .order("desc");
  for await (const job of jobs) {
    if (job.requestId !== requestId) continue;
    if (job.completedAt === undefined) return null;
    const { issues, completedAt: deletedAt } = job;
    const sum = added(job, { counts: {}, bytes: 0, spaces: new Set() });
    return { requestId, ...sum, issues, deletedAt, done: true };
  }
  return null;
}

function statusOf(
  done: boolean,
  issues: readonly string[],
): NewDoc<"deletionRequests">["status"] {
  if (!done) return "running";
  return issues.length === 0 ? "complete" : "partial";
}

/** The job that a step belongs to: the subject's running one. */
async function jobOf(
  ctx: MutationCtx,
  scope: Scope,
  subject: Subject,
  requestId: string | undefined,
): Promise<Doc<"deletionRequests"> | null> {
  const hash = await sha256(subject.id);
  const running = await ctx.db.query("deletionRequests")
    .withIndex(
      "by_tenant_subject",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("kind", subject.kind)
          .eq("subjectHash", hash).eq("status", "running"),
    )
    .order("desc").take(10);
  return running.find((row) => row.requestId === requestId) ?? running[0] ??
    null;
}

/** The counts so far, and where the next step continues. */
type Counted = Pick<Doc<"deletionRequests">, "counts" | "memorySpaceIds"> & {
  at?: string;
};

function added(job: Counted | null, tally: Tallied) {
  const { bytes = 0, ...before } = (job?.counts ?? {}) as Record<
    string,
    number
  >;
  const counts = { ...before };
  for (const [name, rows] of Object.entries(tally.counts)) {
    counts[name] = (counts[name] ?? 0) + rows;
  }
  const spaces = new Set([...job?.memorySpaceIds ?? [], ...tally.spaces]);
  return {
    counts,
    bytes: bytes + tally.bytes,
    memorySpaceIds: [...spaces].slice(0, MAX_SPACES),
  };
}

/** One step of a dry run, whose cursor carries the counts so far. */
async function countStep(
  step: CountStep,
  cursor: string | undefined,
): Promise<Omit<EraseResult, "deletedAt">> {
  const before = cursor === undefined ? null : readCursor<Counted>(
    cursor,
    ({ counts, memorySpaceIds }) =>
      Object.values(counts).every(Number.isInteger) &&
      Array.isArray(memorySpaceIds) &&
      memorySpaceIds.every((id) => typeof id === "string"),
  );
  const end = await step.run(before?.at);
  const { bytes, ...sum } = added(before, step.tally);
  const counted = { ...sum, counts: { ...sum.counts, bytes }, at: end.cursor };
  return {
    ...sum,
    bytes,
    issues: [],
    done: end.done,
    ...(!end.done && { cursor: JSON.stringify(counted) }),
  };
}
