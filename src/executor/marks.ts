import type { TaskMark } from "./protocol.ts";
import type { PendingTask } from "./task_queue.ts";

/** What the worker must know of single tasks beside the payload; mostly nothing. */
export function marksOf(tasks: PendingTask[]): TaskMark[] | undefined {
  let marks: TaskMark[] | undefined;
  for (let at = 0; at < tasks.length; at++) {
    const { extras } = tasks[at]!;
    const timed = extras?.runTimeoutMs !== undefined ||
      extras?.graceMs !== undefined;
    if (!timed && !extras?.buffer) continue;
    (marks ??= []).push({ at, timed, buffer: extras?.buffer });
  }
  return marks;
}
