/** Why tasks fail that their handlers did not fail. */
import { ExecutorError, WorkerLostError } from "../errors.ts";

interface Who {
  kind: string;
  name?: string;
}

/** What a closed executor answers. */
export function executorClosed(): ExecutorError {
  return new ExecutorError("EXECUTOR_CLOSED", "the executor is closed");
}

/** What a full queue answers. */
export function queueFull(waiting: number, maxQueue: number): ExecutorError {
  return new ExecutorError(
    "QUEUE_FULL",
    `the executor's queue is full: ${waiting} tasks wait, maxQueue is ${maxQueue}`,
    { data: { waiting, maxQueue } },
  );
}

/** The error of a task that had so long from its submission. */
export function taskTimeout(timeoutMs: number): ExecutorError {
  const message =
    `the task was not finished ${timeoutMs} ms after its submission`;
  return new ExecutorError("TASK_TIMEOUT", message, { data: { timeoutMs } });
}

/** The error of a task that had so long from its start. */
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
