import type { CallRunner } from "./call_runner.ts";
import { lacking, tell } from "../at_once.ts";
import { bearMany } from "./deadline.ts";
import { LatestResults } from "./latest_results.ts";
import type { Call, CallOptions, QueryObserver } from "./types.ts";

/** A query that is followed. */
export interface Subscription {
  /** Stops following it. */
  unsubscribe(): void;
  /** The latest result; `undefined` before the first, and after a failure. */
  getCurrentValue(): unknown;
  /** What the query logged when it last ran. */
  getQueryLogs(): readonly string[] | undefined;
}

/** The results of a query as an iterator; `timeoutMs` limits the time to the first one, or to a failure. */
export function latestResults(
  runner: CallRunner,
  call: Call,
  { signal, timeoutMs }: Pick<CallOptions, "signal" | "timeoutMs">,
): LatestResults<unknown> {
  return new LatestResults((onValue, onError, onEnd) => {
    // Before it follows: with a signal that was aborted before, nothing is opened.
    const onAbort = () => onEnd({ error: signal!.reason });
    bearMany(signal);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) queueMicrotask(onAbort);
    const isLate = () => onEnd({ error: runner.late(call.name, timeoutMs!) });
    const timer = timeoutMs && setTimeout(isLate, timeoutMs);
    const { unsubscribe } = subscribe(runner, call, {
      onValue(value) {
        clearTimeout(timer);
        onValue(value);
      },
      onError(error) {
        clearTimeout(timer);
        onError(error);
      },
      onEnd,
    });
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      unsubscribe();
    };
  });
}

/** Follows a query through a runner's connection. Every failure, opening included, goes to `observer.onError`. */
export function subscribe(
  runner: CallRunner,
  call: Call,
  observer: QueryObserver & { onEnd?(): void },
): Subscription {
  let current: unknown;
  let logLines: readonly string[] | undefined;
  let isOver = false;
  let stop: (() => void) | undefined;

  const onError = (error: Error) => {
    if (isOver) return;
    current = undefined;
    tell(() => observer.onError(error), error);
  };
  const end = () => {
    if (isOver) return;
    isOver = true;
    forget();
    // The unsubscribing of a wrapped client may throw, which must not keep others from ending.
    tell(stop, undefined);
  };
  const forget = runner.onClose(() => {
    end();
    observer.onEnd?.();
  });
  // Who was closed meanwhile opens nothing.
  Promise.resolve().then(() => isOver ? undefined : runner.open()).then((
    connection,
  ) => {
    if (isOver) return;
    if (!connection!.subscribe) throw lacking("live queries");
    stop = connection!.subscribe(call, {
      onValue(value, lines) {
        if (isOver) return;
        current = value;
        logLines = lines;
        // What the program throws must not upset what else is followed.
        tell(() => observer.onValue(value, lines), value);
      },
      onError,
    });
    if (isOver) tell(stop, undefined);
  }).catch(onError);

  return {
    unsubscribe: end,
    getCurrentValue: () => current,
    getQueryLogs: () => logLines,
  };
}
