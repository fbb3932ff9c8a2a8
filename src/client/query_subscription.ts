import { ClientError } from "../errors.ts";
import type { CallRunner } from "./call_runner.ts";
import type { QueryObserver } from "./types.ts";

/** Stops a subscription when called; also tells what it knows. */
export interface Unsubscribe<Result> {
  /** Stops following the query. */
  (): void;
  /** Same as calling it. */
  unsubscribe(): void;
  /** The latest result; `undefined` before the first, and after a failure. */
  getCurrentValue(): Result | undefined;
  /** What the query logged when it last ran. */
  getQueryLogs(): readonly string[] | undefined;
}

/**
 * Follows a query through a runner's connection. Throws when ref or args are wrong; whatever goes wrong later, opening
 * included, is told to `observer.onError`.
 */
export function subscribe<Result>(
  runner: CallRunner,
  ref: unknown,
  args: unknown,
  observer: QueryObserver & { onEnd?(): void },
): Unsubscribe<Result> {
  const call = runner.prepare("query", ref, args);
  let current: Result | undefined;
  let logLines: readonly string[] | undefined;
  let isOver = false;
  let stop: (() => void) | undefined;

  const onError = (error: Error) => {
    if (isOver) return;
    current = undefined;
    observer.onError(error);
  };
  const end = () => {
    if (isOver) return;
    isOver = true;
    forget();
    stop?.();
  };
  const forget = runner.onClose(() => {
    end();
    observer.onEnd?.();
  });
  runner.open().then((connection) => {
    if (isOver) return;
    if (connection.subscribe === undefined) {
      throw new ClientError(
        "UNSUPPORTED",
        `Cannot watch ${call.name}: this source has no live queries`,
      );
    }
    stop = connection.subscribe(call, {
      onValue(value, lines) {
        if (isOver) return;
        current = value as Result;
        logLines = lines;
        observer.onValue(value, lines);
      },
      onError,
    });
  }).catch(onError);

  return Object.assign(end, {
    unsubscribe: end,
    getCurrentValue: () => current,
    getQueryLogs: () => logLines,
  });
}
