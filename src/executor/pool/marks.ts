import type { TaskMark } from "../wire/protocol.ts";
import { mayBeEnded } from "./task_extras.ts";
import type { PendingTask } from "./task_queue.ts";

/** What the worker must know of single tasks beside the payload; mostly nothing. */
export function marksOf(tasks: PendingTask[]): TaskMark[] | undefined {
  let marks: TaskMark[] | undefined;
  for (let at = 0; at < tasks.length; at++) {
    const { extras } = tasks[at]!;
    const hard = extras !== undefined && mayBeEnded(extras);
    const timed = hard || extras?.runTimeoutMs !== undefined;
    if (!timed && !extras?.buffer) continue;
    (marks ??= []).push({ at, timed, hard, buffer: extras?.buffer });
  }
  return marks;
}
