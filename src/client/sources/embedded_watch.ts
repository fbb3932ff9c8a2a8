import { dataToError } from "../../executor/wire/error_data.ts";
import type { ErrorData, Executor } from "../../executor/types.ts";
import type { Value } from "../../values/types.ts";
import type { Call, QueryObserver } from "../types.ts";

/** Asks the embedded engine's worker to follow a query. */
export interface WatchTask {
  kind: "watch";
  name: string;
  args: { [name: string]: Value };
}

/** A new result of the query, or an error. */
export type WatchOutcome = { value: Value } | { error: ErrorData };

/**
 * Follows a query through an executor until the signal is aborted. Rejects when the worker is lost or the engine cannot
 * be opened.
 */
export async function follow(
  executor: Executor,
  { name, args }: Call,
  observer: QueryObserver,
  signal: AbortSignal,
): Promise<void> {
  const task: WatchTask = { kind: "watch", name, args };
  // With a buffer of one result, the worker keeps only the latest and a slow reader causes no queue.
  for await (const item of executor.stream(task, { buffer: 1, signal })) {
    const outcome = item as WatchOutcome;
    if ("value" in outcome) observer.onValue(outcome.value);
    else observer.onError(dataToError(outcome.error));
  }
}
