import type { PendingTask } from "./pending_task.ts";
import { PriorityQueue } from "./priority_queue.ts";
import { TaskQueue } from "./task_queue.ts";

/** Every time after this many turns, the oldest task goes first, whatever its priority. */
const TURNS_OF_PRIORITY = 8;

const NONE: readonly number[] = [];

/** Tasks of one key: one is on its way, the others wait for it. */
interface Lane {
  current: PendingTask;
  waiting: TaskQueue;
}

/**
 * Tasks that wait: those that any worker may take, those that belong to one, and those of a key that must follow one
 * another. Plain tasks are in one queue, and cost what that costs.
 */
export class WaitingRoom {
  readonly #free = new PriorityQueue();
  readonly #pinned = new Map<number, PriorityQueue>();
  readonly #lanes = new Map<string | number, Lane>();
  #isOneWorkers = false;
  #size = 0;

  /** All that wait. */
  get size(): number {
    return this.#size;
  }

  /** Those that any worker may take now. */
  get free(): number {
    return this.#free.size;
  }

  /** True once tasks had different priorities. */
  get hasPriorities(): boolean {
    return this.#free.hasPriorities;
  }

  /** Those that only one worker may take. */
  pinned(worker: number): number {
    return this.#pinned.get(worker)?.size ?? 0;
  }

  /** Workers that tasks wait for. */
  pinnedWorkers(): readonly number[] {
    if (this.#pinned.size === 0) return NONE;
    const workers: number[] = [];
    for (const [worker, queue] of this.#pinned) {
      if (queue.size > 0) workers.push(worker);
    }
    return workers;
  }

  /** There is one worker for all tasks, those that belong to others included. */
  unpin(): void {
    this.#isOneWorkers = true;
    const tasks: PendingTask[] = [];
    for (const queue of this.#pinned.values()) {
      for (let task = queue.oldest(); task; task = queue.oldest()) {
        queue.take(task);
        tasks.push(task);
      }
    }
    for (const task of tasks.sort((a, b) => a.id - b.id)) this.#free.push(task);
  }

  /** Lets a task in at the end. */
  push(task: PendingTask): void {
    this.#size++;
    const key = task.extras?.key;
    if (key !== undefined) {
      const lane = this.#lanes.get(key);
      if (lane) {
        lane.waiting.push(task);
        return;
      }
      this.#lanes.set(key, { current: task, waiting: new TaskQueue() });
    }
    this.#queueOf(task).push(task);
  }

  /** Lets a task that was taken in again, at the front; it still has its key's turn. */
  putBack(task: PendingTask): void {
    this.#size++;
    this.#queueOf(task).push(task, true);
  }

  /** Takes the next task that a worker may run. */
  shift(worker: number): PendingTask | undefined {
    const pinned = this.#pinned.get(worker);
    const queue = pinned && pinned.size > 0 ? pinned : this.#free;
    const task = this.#next(queue);
    if (!task) return undefined;
    this.#size--;
    this.#queueOf(task).take(task);
    return task;
  }

  /** Takes any task, of any worker or key: to reject them all. */
  shiftAny(): PendingTask | undefined {
    for (const worker of this.#pinned.keys()) {
      if (this.pinned(worker) > 0) return this.shift(worker);
    }
    const free = this.shift(-1);
    if (free) return free;
    for (const { waiting } of this.#lanes.values()) {
      const task = waiting.shift();
      if (task) {
        this.#size--;
        return task;
      }
    }
    return undefined;
  }

  /** Counts out a waiting task whose state was changed by the caller. */
  remove(task: PendingTask): void {
    this.#size--;
    const { extras } = task;
    if (extras?.key !== undefined) {
      const lane = this.#lanes.get(extras.key);
      if (lane && lane.current !== task) {
        lane.waiting.remove(task);
        return;
      }
    }
    this.#queueOf(task).remove(task);
    this.leave(task);
  }

  /** A task with a key has ended, in its worker too: the next one with the key may go. */
  leave(task: PendingTask): void {
    const key = task.extras?.key;
    if (key === undefined) return;
    const lane = this.#lanes.get(key);
    if (lane?.current !== task) return;
    const next = lane.waiting.shift();
    if (!next) {
      this.#lanes.delete(key);
      return;
    }
    lane.current = next;
    this.#queueOf(next).push(next);
  }

  /** The next one of the tasks of a worker, if it has some of its own, and of those that any may take. */
  #next(own: PriorityQueue): PendingTask | undefined {
    const free = this.#free;
    if (own === free && !free.hasPriorities) return free.highest();
    // Each worker's own turns: those of workers that take turns fall on the same one every time.
    const isOldest = ++own.turns % TURNS_OF_PRIORITY === 0;
    const [first, other] = isOldest
      ? [own.oldest(), free.oldest()]
      : [own.highest(), free.highest()];
    if (!first || !other) return first ?? other;
    const ahead = isOldest ? 0 : priorityOf(other) - priorityOf(first);
    return ahead > 0 || (ahead === 0 && other.id < first.id) ? other : first;
  }

  #queueOf({ extras }: PendingTask): PriorityQueue {
    const worker = extras?.worker;
    if (worker === undefined || this.#isOneWorkers) return this.#free;
    let queue = this.#pinned.get(worker);
    if (!queue) this.#pinned.set(worker, queue = new PriorityQueue());
    return queue;
  }
}

function priorityOf({ extras }: PendingTask): number {
  return extras?.priority ?? 0;
}
