import type { PendingTask } from "./task_queue.ts";

/** Times that a task is handed over at most, when its workers die. */
const MAX_ATTEMPTS = 3;

/** Prepares a task whose worker died to wait again; false when it may not. `fresh`: it had not begun. */
export function prepareAgain(task: PendingTask, fresh: boolean): boolean {
  const { extras } = task;
  if (task.state !== "running") return false;
  if (!fresh && (!extras?.idempotent || extras.hasItems)) return false;
  // What moved away is gone; what kills each worker must not kill all.
  if (extras?.transfer?.length) return false;
  if (extras && extras.attempts >= MAX_ATTEMPTS) return false;
  if (extras) {
    extras.runTimer?.stop();
    extras.runTimer = undefined;
  }
  task.state = "waiting";
  return true;
}
