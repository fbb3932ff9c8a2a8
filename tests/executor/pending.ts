import {
  type PendingTask,
  pendingTask,
  type TaskExtras,
} from "../../src/executor/pool/pending_task.ts";

/** A waiting task whose caller does not care what becomes of it. */
export function taskOf(id: number, extras?: TaskExtras): PendingTask {
  const ignore = () => {};
  return pendingTask({
    id,
    payload: id,
    submittedAt: 0,
    origin: undefined,
    extras,
    resolve: ignore,
    reject: ignore,
  });
}
