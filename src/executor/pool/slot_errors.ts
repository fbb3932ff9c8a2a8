import { ExecutorError, WorkerLostError } from "../../errors.ts";

interface Who {
  kind: string;
  name?: string;
}

/** The error of a worker that would not start. */
export function refused(
  who: Who,
  reason: string,
  cause: unknown,
): ExecutorError {
  const data = { kind: who.kind, reason };
  const message = `the ${nameOf(who)} ${reason}`;
  return new ExecutorError("WORKER_REFUSED", message, { data, cause });
}

/** The error of a worker that died while so many tasks were waited for. */
export function lost(
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
