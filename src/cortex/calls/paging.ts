/** Lists that the backend reads in steps: usually one call, more if many rows must be examined. */
import type { CallArgs, Calls } from "./calls.ts";
import { within } from "./deadline.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";

/** What each step of a page answers. */
export interface PageStep {
  /** Matches that the step saw. */
  matched: number;
  /** Whether no further step is needed. */
  done: boolean;
  /** Where the next step continues. */
  cursor?: string;
  /** Number of all matches, if the backend keeps a count of them. */
  total?: number;
}

/** A list in steps. */
export interface Listing<Step extends PageStep, Row> {
  /** Name of the query. */
  name: string;
  /** The rows of a step. */
  rows: (step: Step) => Row[];
  /** Filter, order and tenant. */
  args: CallArgs;
  /** Rows to skip. Default: 0. */
  offset?: number | undefined;
  /** Rows wanted. Default: all; 0 counts only. */
  limit?: number | undefined;
  /** Whether to count all matches, beyond the page. */
  counts?: boolean;
}

/** Reads a page and counts the matches. The caller's time limit covers all steps together. */
export function readPages<Step extends PageStep, Row>(
  calls: Calls,
  listing: Listing<Step, Row>,
  controls?: CallControls & ProgressControls,
): Promise<{ rows: Row[]; total: number }> {
  return within(
    controls,
    (signal) => readSteps(calls, listing, signal, controls?.onProgress),
  );
}

async function readSteps<Step extends PageStep, Row>(
  calls: Calls,
  { name, rows, args, offset = 0, limit, counts = true }: Listing<Step, Row>,
  signal: AbortSignal | undefined,
  onProgress: ProgressControls["onProgress"],
): Promise<{ rows: Row[]; total: number }> {
  const found: Row[] = [];
  let passed = 0;
  let cursor: string | undefined;
  for (;;) {
    const step: Step = await calls.query<Step>(name, {
      ...args,
      offset: Math.max(0, offset - passed),
      limit: limit === undefined ? undefined : limit - found.length,
      cursor,
    }, { signal });
    found.push(...rows(step));
    passed += step.matched;
    const total = step.total ?? passed;
    const isFull = !counts && limit !== undefined && found.length >= limit;
    const done = step.done || isFull;
    onProgress?.({ processed: total, done });
    if (done) return { rows: found, total };
    cursor = step.cursor;
  }
}
