/** Errors of tasks for which the executor is to blame, not the handler. */
import { ExecutorError, WorkerLostError } from "../errors.ts";

interface Who {
  kind: string;
  name?: string;
}

/** The error of a task submitted to a closed executor. */
export function executorClosed(): ExecutorError {
  return new ExecutorError("EXECUTOR_CLOSED", "the executor is closed");
}

/** The error of a task submitted while the queue is full. */
export function queueFull(waiting: number, maxQueue: number): ExecutorError {
  return new ExecutorError(
    "QUEUE_FULL",
    `the executor's queue is full: ${waiting} tasks wait, maxQueue is ${maxQueue}`,
    { data: { waiting, maxQueue } },
  );
}

/** The error of a task that was not finished in time after its submission. */
export function taskTimeout(timeoutMs: number): ExecutorError {
  const message =
    `the task was not finished ${timeoutMs} ms after its submission`;
  return new ExecutorError("TASK_TIMEOUT", message, { data: { timeoutMs } });
}

/** The error of a task that was not finished in time after it began. */
export function runTimeout(runTimeoutMs: number): ExecutorError {
  const message = `the task was not finished ${runTimeoutMs} ms after it began`;
  return new ExecutorError("RUN_TIMEOUT", message, { data: { runTimeoutMs } });
}

/** The error of a worker that would not start. */
export function workerRefused(
  who: Who,
  reason: string,
  cause: unknown,
): ExecutorError {
  const data = { kind: who.kind, reason };
  const message = `the ${nameOf(who)} ${reason}`;
  return new ExecutorError("WORKER_REFUSED", message, { data, cause });
}

/** The error for a worker that died while this many tasks were awaited. */
export function workerLost(
  who: Who,
  reason: string,
  cause: unknown,
  inFlight: number,
): WorkerLostError {
  const data = { kind: who.kind, reason };
  const message = `the ${nameOf(who)} ${reason}; tasks in flight: ${inFlight}`;
  return new WorkerLostError("WORKER_LOST", message, { data, cause });
}

function nameOf({ kind, name }: Who): string {
  return name === undefined ? `${kind} worker` : `${kind} worker ${name}`;
}
