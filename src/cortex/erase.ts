/** Erasures, of users and of agents: in steps, counted, looked after. */
import { CascadeDeletionError } from "../errors.ts";
import type { CallArgs, Calls } from "./calls.ts";
import type { KeyedControls } from "./idempotency.ts";
import type { Step } from "./in_steps.ts";
import type { ProgressControls } from "./types/common.ts";
import type { VerificationResult } from "./types/users.ts";

/** What a step of an erasure answers. */
export interface EraseStep extends Step {
  /** Rows by table: of the whole job so far, of this step alone in a dry run. */
  counts: Record<string, number>;
  /** Spaces that rows lay in. */
  memorySpaceIds: string[];
  /** What the backend found left in the end. */
  issues: string[];
}

/** An erasure. */
export interface Erasure {
  /** Name of the mutation that does a step. */
  erase: string;
  /** Name of the query that counts what is left. */
  verify: string;
  /** Who is erased. */
  args: CallArgs;
  /** Name of each layer by its table. */
  layers: Readonly<Record<string, string>>;
}

/** What an erasure did. */
export interface Erased {
  /** Rows by table. */
  counts: Record<string, number>;
  /** Layers of which at least one row was deleted. */
  deletedLayers: string[];
  /** Spaces that rows lay in. */
  memorySpaceIds: string[];
  /** What was found afterwards. */
  verification: VerificationResult;
}

/** Erases, or counts what would be erased, and looks afterwards what is left. */
export async function eraseAll(
  calls: Calls,
  { erase, verify, args, layers }: Erasure,
  options: { verify?: boolean; dryRun?: boolean },
  controls: (KeyedControls & ProgressControls) | undefined,
): Promise<Erased> {
  const { dryRun = false } = options;
  const all = ({ counts }: EraseStep) => total(counts, Object.keys(counts));
  const steps = await calls.steps<EraseStep>(
    { kind: "mutation", name: erase, count: dryRun ? all : growth(all) },
    { ...args, ...(dryRun && { dryRun }) },
    controls,
  );
  const last = steps[steps.length - 1] as EraseStep;
  const counts = dryRun ? sumOfAll(steps) : last.counts;
  const erased = {
    counts,
    deletedLayers: Object.entries(layers)
      .filter(([table]) => (counts[table] ?? 0) > 0)
      .map(([, layer]) => layer),
    memorySpaceIds: dryRun
      ? [...new Set(steps.flatMap(({ memorySpaceIds }) => memorySpaceIds))]
      : last.memorySpaceIds,
  };
  if (dryRun) {
    const rows = total(counts, Object.keys(layers));
    const issues = [`DRY RUN: ${rows} rows would be deleted`];
    return { ...erased, verification: { complete: true, issues } };
  }
  if (options.verify === false) {
    return { ...erased, verification: { complete: true, issues: [] } };
  }
  const left = await calls.query<Record<string, number>>(
    verify,
    args,
    controls,
  );
  const issues = Object.entries(left).map(([table, rows]) =>
    `${layers[table] ?? table}: ${rows} remaining`
  );
  return {
    ...erased,
    verification: { complete: issues.length === 0, issues },
  };
}

/**
 * Erases one after the other; one that fails does not stop those after it. After all were tried the failures become one
 * error.
 */
export async function eraseEach<Result>(
  ids: readonly string[],
  eraseOne: (id: string) => Promise<Result>,
  errorClass: typeof CascadeDeletionError,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: Error[] = [];
  for (const id of ids) {
    try {
      results.push(await eraseOne(id));
    } catch (error) {
      if (!(error instanceof CascadeDeletionError)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 0) return results;
  throw new errorClass(
    failures.map(({ message }) => message).join("; "),
    failures[0]?.cause,
  );
}

/** What a step adds to a number that every step tells in all. */
export function growth<Step>(
  total: (step: Step) => number,
): (step: Step) => number {
  let before = 0;
  return (step) => {
    const added = total(step) - before;
    before += added;
    return added;
  };
}

/** Sums the rows of tables. */
export function total(
  counts: Readonly<Record<string, number>>,
  tables: readonly string[],
): number {
  return tables.reduce((sum, table) => sum + (counts[table] ?? 0), 0);
}

function sumOfAll(steps: readonly EraseStep[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const step of steps) {
    for (const [table, rows] of Object.entries(step.counts)) {
      counts[table] = (counts[table] ?? 0) + rows;
    }
  }
  return counts;
}
