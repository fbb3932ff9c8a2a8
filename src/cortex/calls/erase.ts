/** Erasure of users and agents, in steps, with counts and verification. */
import { IDEMPOTENCY_CONFLICT } from "../../convex/lib/moduleCodes.ts";
import { CascadeDeletionError, isCortexError } from "../../errors.ts";
import type { CallArgs, Calls } from "./calls.ts";
import { fingerprint } from "./fingerprint.ts";
import { type KeyedControls, partOf } from "./idempotency.ts";
import type { Step } from "./in_steps.ts";
import type { Progress, ProgressControls } from "../types/common.ts";
import type { VerificationResult } from "../types/users.ts";
import { cut } from "../rules/rules.ts";
import { INVALID_ARGUMENT } from "../rules/words.ts";

/** Answer of one step of an erasure; its numbers are of the whole job so far. */
interface EraseStep extends Step {
  /** Id of the job; absent in a dry run. */
  requestId?: string;
  /** Rows by table. */
  counts: Counts;
  /** Spaces that rows were deleted from. */
  memorySpaceIds: string[];
  /** What the final verification found left. */
  issues: string[];
  /** When, in ms. */
  deletedAt: number;
}

type Counts = Readonly<Record<string, number>>;
type Controls = (KeyedControls & ProgressControls) | undefined;

/** For each table, its layer and the field of the result that counts its rows. */
export type Layers<Result> = Readonly<
  Record<string, readonly [layer: string, field?: keyof Result & string]>
>;

/** An erasure. */
export interface Erasure<Result> {
  /** Name of the mutation that does a step. */
  name: string;
  /** Who is erased. */
  subject: CallArgs;
  /** What may be deleted. */
  layers: Layers<Result>;
  /** Kind and id of who is erased, for the error. */
  whose: [kind: string, id: string];
  /** Class of the error of one that fails. */
  errorClass: typeof CascadeDeletionError;
}

/** Rows that were deleted, as results report them. */
export interface ErasedRows {
  graphNodesDeleted: number;
  totalDeleted: number;
  /** Layers of which at least one row was deleted. */
  deletedLayers: string[];
}

/** Erases, or counts what would be erased; at the end the backend checks what is left. */
export async function eraseAll<Result>(
  calls: Calls,
  { name, subject, layers, whose: [kind, id], errorClass }: Erasure<Result>,
  { dryRun = false, verify = true }: { verify?: boolean; dryRun?: boolean },
  controls: Controls,
): Promise<
  & ErasedRows
  & {
    memorySpaceIds: string[];
    verification: VerificationResult;
    deletedAt: number;
  }
> {
  try {
    const steps = await calls.steps<EraseStep>(
      {
        kind: "mutation",
        name,
        count: growth(({ counts }) => total(Object.values(counts))),
      },
      { ...subject, ...(dryRun && { dryRun }) },
      controls,
    );
    const { counts, memorySpaceIds } = sumOfJobs(steps);
    const { issues, deletedAt } = steps.at(-1)!;
    const rows = erasedRows<Result>(layers, counts);
    return {
      ...rows,
      memorySpaceIds,
      deletedAt,
      verification: dryRun
        ? {
          complete: true,
          issues: [`DRY RUN: ${rows.totalDeleted} rows would be deleted`],
        }
        : {
          complete: !verify || issues.length === 0,
          issues: verify ? issues : [],
        },
    };
  } catch (error) {
    if (isEndedByCaller(error, controls)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new errorClass(
      `Cascade deletion failed for ${kind} ${cut(id)}: ${reason}`,
      error,
    );
  }
}

/**
 * The sum of what the steps did. As a rule they belong to one job, whose last step reports the whole. If a concurrent
 * call that erases the same subject ended that job, the next step began another one.
 */
function sumOfJobs(
  steps: readonly EraseStep[],
): Pick<EraseStep, "counts" | "memorySpaceIds"> {
  const counts: Record<string, number> = {};
  const spaces = new Set<string>();
  const jobs = new Map(steps.map((step) => [step.requestId, step]));
  for (const job of jobs.values()) {
    for (const [table, count] of Object.entries(job.counts)) {
      counts[table] = (counts[table] ?? 0) + count;
    }
    for (const id of job.memorySpaceIds) spaces.add(id);
  }
  return { counts, memorySpaceIds: [...spaces] };
}

/** Converts counts by table to the fields of a result. */
export function erasedRows<Result>(
  layers: Layers<Result>,
  counts: Counts,
): ErasedRows {
  const fields: Record<string, number> = {};
  const deletedLayers = new Set<string>();
  let totalDeleted = 0;
  for (const [table, [layer, field]] of Object.entries(layers)) {
    const count = counts[table] ?? 0;
    if (field) fields[field] = count;
    if (count > 0) deletedLayers.add(layer);
    totalDeleted += count;
  }
  return {
    ...fields,
    graphNodesDeleted: 0,
    totalDeleted,
    deletedLayers: [...deletedLayers],
  };
}

/** Codes that mean wrong controls: nothing was erased. */
const REFUSED = [INVALID_ARGUMENT, IDEMPOTENCY_CONFLICT];

/** Whether the caller aborted the call or passed wrong controls, as opposed to a failed erasure. */
function isEndedByCaller(error: unknown, controls: Controls): boolean {
  if (controls?.signal?.aborted) return true;
  if (!isCortexError(error)) return false;
  return REFUSED.includes(error.code) ||
    controls?.timeoutMs !== undefined && error.code === "TIMEOUT";
}

/**
 * Erases subjects one after another. A failure does not stop the others; once all were tried, it throws one error for
 * all failures.
 */
export async function eraseEach<Result>(
  ids: readonly string[],
  controls: KeyedControls & ProgressControls,
  eraseOne: (id: string, controls: Controls) => Promise<Result>,
  errorClass: typeof CascadeDeletionError,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: Error[] = [];
  let before = 0;
  for (const id of ids) {
    let own = 0;
    const onProgress = ({ processed, done }: Progress) => {
      own = processed;
      controls.onProgress?.({
        processed: before + own,
        done: done && id === ids.at(-1),
      });
    };
    // The key outlives the erased subject, so it must not name it.
    const each = { ...partOf(controls, fingerprint(id)), onProgress };
    try {
      results.push(await eraseOne(id, each));
    } catch (error) {
      if (!(error instanceof CascadeDeletionError)) throw error;
      failures.push(error);
    }
    before += own;
  }
  if (failures.length === 0) return results;
  throw new errorClass(
    failures.map(({ message }) => message).join("; "),
    failures[0]?.cause,
  );
}

/**
 * Returns a function that takes the steps of a job in order, each of which reports a running total, and returns what
 * the step added. A lower total than before means that a new job began.
 */
export function growth<Step>(
  total: (step: Step) => number,
): (step: Step) => number {
  let before = 0;
  return (step) => {
    const now = total(step);
    const added = now < before ? now : now - before;
    before = now;
    return added;
  };
}

function total(rows: readonly number[]): number {
  return rows.reduce((sum, count) => sum + count, 0);
}
