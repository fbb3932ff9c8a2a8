import type { Meter } from "./meter.ts";
import type { PendingTask } from "./task_queue.ts";
import type { WaitingRoom } from "./waiting_room.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** Hands the waiting tasks to the workers that have room, evenly, counting those that will soon be ready. */
export function handOut(
  waiting: WaitingRoom,
  all: Iterable<WorkerSlot>,
  meter: Meter,
): void {
  const slots = [...all].filter((slot) => slot.isAlive);
  if (slots.length > 1) slots.sort((a, b) => a.load - b.load);
  const room = slots.map((slot) => slot.room);
  let sharers = slots
    .filter((slot, at) => room[at]! > 0 || !slot.isReady).length;
  const now = performance.now();
  for (let at = 0; at < slots.length; at++) {
    if (room[at]! <= 0) continue;
    const slot = slots[at]!;
    const share = Math.ceil(waiting.free / sharers--) +
      waiting.pinned(slot.index);
    const most = Math.min(share, room[at]!);
    const tasks: PendingTask[] = [];
    while (tasks.length < most) {
      const task = waiting.shift(slot.index);
      if (!task) break;
      meter.waited(now - task.submittedAt);
      tasks.push(task);
    }
    if (tasks.length > 0) slot.send(tasks, now);
  }
}
