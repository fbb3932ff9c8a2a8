import { ExecutorError } from "../errors.ts";
import type { PendingTask } from "./task_queue.ts";
import { startTimer } from "./timer.ts";

type GiveUp = (task: PendingTask, reason: unknown) => void;

/** Gives a task up when its signal, or the time since its submission, says so. */
export function limit(
  task: PendingTask,
  giveUp: GiveUp,
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
): void {
  const extras = task.extras!;
  if (signal) {
    extras.release = whenAborted(signal, () => giveUp(task, signal.reason));
  }
  if (timeoutMs === undefined) return;
  extras.timer = startTimer(() => {
    const message =
      `the task was not done ${timeoutMs} ms after its submission`;
    giveUp(
      task,
      new ExecutorError("TASK_TIMEOUT", message, { data: { timeoutMs } }),
    );
  }, timeoutMs);
}

/** Gives a task that begins now up when its time to run is over. */
export function limitRun(task: PendingTask, giveUp: GiveUp): void {
  const { extras } = task;
  if (!extras?.runTimeoutMs || extras.runTimer) return;
  const { runTimeoutMs } = extras;
  extras.runTimer = startTimer(() => {
    const message = `the task was not done ${runTimeoutMs} ms after it began`;
    giveUp(
      task,
      new ExecutorError("RUN_TIMEOUT", message, { data: { runTimeoutMs } }),
    );
  }, runTimeoutMs);
}

/** Calls back when a signal is aborted, or at once when it is. What is returned stops that. */
export function whenAborted(
  signal: AbortSignal | undefined,
  callback: () => void,
): () => void {
  if (!signal) return () => {};
  if (signal.aborted) callback();
  else signal.addEventListener("abort", callback, { once: true });
  return () => signal.removeEventListener("abort", callback);
}
