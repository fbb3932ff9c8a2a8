import type { PendingTask } from "./pending_task.ts";
import { PriorityQueue } from "./priority_queue.ts";
import { TaskQueue } from "./task_queue.ts";

/** Every so many turns the oldest task goes first, whatever its priority, so that none starves. */
const TURNS_OF_PRIORITY = 8;

const NONE: readonly number[] = [];

/** The tasks of one key: one is queued or runs, the others wait for it. */
interface Lane {
  current: PendingTask;
  waiting: TaskQueue;
}

/**
 * The tasks waiting for a worker: those that any worker may take, those pinned to one worker, and those of a key, which
 * run one after another. Tasks without these options are in a single priority queue, and pay nothing for the rest.
 */
export class DispatchQueue {
  readonly #free = new PriorityQueue();
  readonly #pinned = new Map<number, PriorityQueue>();
  readonly #lanes = new Map<string | number, Lane>();
  #isOneWorkers = false;
  #size = 0;
  /** How many of them wait for another one with their key. */
  #behind = 0;

  /** Number of waiting tasks. */
  get size(): number {
    return this.#size;
  }

  /** Number of tasks that wait only for a worker. */
  get ready(): number {
    return this.#size - this.#behind;
  }

  /** Number of tasks that any worker may take now. */
  get free(): number {
    return this.#free.size;
  }

  /** True once tasks have had different priorities. */
  get hasPriorities(): boolean {
    return this.#free.hasPriorities;
  }

  /** Number of tasks pinned to a worker. */
  pinned(worker: number): number {
    return this.#pinned.get(worker)?.size ?? 0;
  }

  /** Workers that have pinned tasks waiting. */
  pinnedWorkers(): readonly number[] {
    if (this.#pinned.size === 0) return NONE;
    const workers: number[] = [];
    for (const [worker, queue] of this.#pinned) {
      if (queue.size > 0) workers.push(worker);
    }
    return workers;
  }

  /** Lets one worker take all tasks, including those pinned to others. */
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

  /** Adds a task at the end. */
  push(task: PendingTask): void {
    this.#size++;
    const key = task.extras?.key;
    if (key !== undefined) {
      const lane = this.#lanes.get(key);
      if (lane) {
        lane.waiting.push(task);
        this.#behind++;
        return;
      }
      this.#lanes.set(key, { current: task, waiting: new TaskQueue() });
    }
    this.#queueOf(task).push(task);
  }

  /** Returns a task that was taken to the front. It keeps its key's turn. */
  putBack(task: PendingTask): void {
    this.#size++;
    this.#queueOf(task).push(task, true);
  }

  /** Removes and returns the next task that a worker may run. */
  shift(worker: number): PendingTask | undefined {
    const pinned = this.#pinned.get(worker);
    const queue = pinned && pinned.size > 0 ? pinned : this.#free;
    const task = this.#next(queue);
    if (!task) return undefined;
    this.#size--;
    this.#queueOf(task).take(task);
    return task;
  }

  /** Removes and returns any task, whatever its worker or key. Used to reject them all. */
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
        this.#behind--;
        return task;
      }
    }
    return undefined;
  }

  /** Removes a waiting task. The caller has already changed its state. */
  remove(task: PendingTask): void {
    this.#size--;
    const { extras } = task;
    if (extras?.key !== undefined) {
      const lane = this.#lanes.get(extras.key);
      if (lane && lane.current !== task) {
        lane.waiting.remove(task);
        this.#behind--;
        return;
      }
    }
    this.#queueOf(task).remove(task);
    this.release(task);
  }

  /** Called when a task has ended, in its worker too: queues the next one with its key. */
  release(task: PendingTask): void {
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
    this.#behind--;
    this.#queueOf(next).push(next);
  }

  /** The next task among those pinned to a worker, if it has any, and those that any worker may take. */
  #next(own: PriorityQueue): PendingTask | undefined {
    const free = this.#free;
    if (own === free && !free.hasPriorities) return free.highest();
    // Counted for each worker: with one shared counter, workers that alternate would give every such turn to the same one.
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
