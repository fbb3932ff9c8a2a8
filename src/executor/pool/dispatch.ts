import type { Meter } from "./meter.ts";
import type { PendingTask } from "./pending_task.ts";
import type { DispatchQueue } from "./dispatch_queue.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** Sends the waiting tasks to the workers that have room, in even shares. Workers that are starting keep their share. */
export function dispatch(
  waiting: DispatchQueue,
  all: Iterable<WorkerSlot>,
  meter: Meter,
): void {
  const now = performance.now();
  if (waiting.size === 1 && waiting.free === 1) {
    const slot = leastBusy(all);
    if (slot) give(slot, 1);
    return;
  }
  const slots = [...all].filter((slot) => slot.isAlive);
  if (slots.length > 1) slots.sort((a, b) => a.load - b.load);
  const room = slots.map((slot) => slot.room);
  let sharers = slots
    .filter((slot, at) => room[at]! > 0 || !slot.isReady).length;
  for (let at = 0; at < slots.length; at++) {
    if (room[at]! <= 0) continue;
    const slot = slots[at]!;
    const share = Math.ceil(waiting.free / sharers--) +
      waiting.pinned(slot.index);
    give(slot, Math.min(share, room[at]!, slot.most));
  }

  function give(slot: WorkerSlot, most: number): void {
    const tasks: PendingTask[] = [];
    while (tasks.length < most) {
      const task = waiting.shift(slot.index);
      if (!task) break;
      meter.waited(now - task.submittedAt);
      task.state = "sending";
      tasks.push(task);
    }
    if (tasks.length > 0) slot.send(tasks, now);
    for (const task of tasks) {
      // It was given up while it was read.
      if (task.state !== "settled") continue;
      slot.abandon(task, task.extras?.signal?.reason);
    }
  }
}

/** The worker that has room and holds the fewest tasks. */
function leastBusy(all: Iterable<WorkerSlot>): WorkerSlot | undefined {
  let best: WorkerSlot | undefined;
  for (const slot of all) {
    if (best && slot.load >= best.load) continue;
    if (slot.room > 0) best = slot;
  }
  return best;
}
