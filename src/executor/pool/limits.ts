import { runTimeout, taskTimeout } from "../failures.ts";
import type { Signals } from "./signals.ts";
import { addCallerStack } from "../wire/error_data.ts";
import type { PendingTask, TaskExtras } from "./pending_task.ts";
import { startTimer } from "../timer.ts";

type GiveUp = (task: PendingTask, reason: unknown) => void;

/** Gives a task up when its signal is aborted, or at its timeout since submission. */
export function limit(
  task: PendingTask,
  giveUp: GiveUp,
  signals: Signals,
): void {
  const end = (reason: unknown) => giveUp(task, reason);
  limitCall(task.extras!, end, signals, task.origin);
}

/** Calls `giveUp` when the signal is aborted, or after the timeout, counted from now. The call came from `origin`. */
export function limitCall(
  extras: TaskExtras,
  giveUp: (reason: unknown) => void,
  signals: Signals,
  origin?: Error,
): void {
  const { signal, timeoutMs } = extras;
  if (signal) {
    const abort = () => giveUp(signal.reason);
    extras.release = signals.whenAborted(signal, abort);
  }
  if (timeoutMs === undefined) return;
  extras.timer = startTimer(
    () => giveUp(traced(taskTimeout(timeoutMs), origin)),
    timeoutMs,
  );
}

/** Starts the run timeout of a task that begins now. */
export function limitRun(task: PendingTask, giveUp: GiveUp): void {
  const { extras } = task;
  if (!extras?.runTimeoutMs || extras.runTimer) return;
  const { runTimeoutMs } = extras;
  extras.runTimer = startTimer(
    () => giveUp(task, traced(runTimeout(runTimeoutMs), task.origin)),
    runTimeoutMs,
  );
}

/** The error of a timer, whose own stack says nothing of the call that took too long. */
function traced(error: Error, origin: Error | undefined): Error {
  if (origin) addCallerStack(error, origin);
  return error;
}
