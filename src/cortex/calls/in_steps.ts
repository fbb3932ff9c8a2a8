/** Jobs that the backend does in bounded steps, each one call and one transaction. */
import type { CallControls, ProgressControls } from "../types/common.ts";

/** What every step answers besides its own results. */
export interface Step {
  /** Whether nothing is left to do. */
  done: boolean;
  /** Where the next step continues; absent if each step finds the remaining work by itself. */
  cursor?: string;
}

/** Controls of a job: the signal that `within` returned, and the observer of its progress. */
export type StepControls = Pick<CallControls, "signal"> & ProgressControls;

/**
 * Calls `step` until it is done and returns what every step answered, in order. What the steps before a failure did
 * stays done; the same call made again does the rest.
 *
 * @param count Returns the number of rows that a step processed, for `onProgress`.
 */
export async function inSteps<Result extends Step>(
  step: (cursor: string | undefined, at: number) => Promise<Result>,
  controls: StepControls = {},
  count: (result: Result) => number = () => 0,
): Promise<[Result, ...Result[]]> {
  const results: Result[] = [];
  let processed = 0;
  let cursor: string | undefined;
  for (;;) {
    controls.signal?.throwIfAborted();
    const result = await step(cursor, results.length);
    results.push(result);
    processed += count(result);
    // An answer without `done` is the last one.
    const done = result.done !== false;
    controls.onProgress?.({ processed, done });
    if (done) return results as [Result, ...Result[]];
    cursor = result.cursor;
  }
}

/**
 * Combines fields of the steps' answers: numbers are added, lists and texts concatenated, and a boolean is true if any
 * step's is. Steps without a field are ignored; a field that all steps lack is absent.
 */
export function combineSteps<Result extends object, Name extends keyof Result>(
  results: readonly Result[],
  names: readonly Name[] = [],
): Pick<Result, Name> {
  const whole: Partial<Pick<Result, Name>> = {};
  for (const name of names) {
    const parts = results.map((result) => result[name])
      .filter((part) => part !== undefined);
    if (parts.length > 0) whole[name] = joined(parts) as Result[Name];
  }
  return whole as Pick<Result, Name>;
}

function joined(parts: unknown[]): unknown {
  if (typeof parts[0] === "boolean") return parts.includes(true);
  return typeof parts[0] === "object"
    ? parts.flat()
    // `+` adds numbers and concatenates texts.
    : (parts as number[]).reduce((whole, part) => whole + part);
}
