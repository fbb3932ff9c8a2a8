import { type PendingTask, TaskQueue } from "./task_queue.ts";

/** Every so many turns the oldest task goes first, whatever its priority. */
const TURNS_OF_PRIORITY = 8;

const NONE: readonly number[] = [];

/** Tasks of one key: one is on its way, the others wait for it. */
interface Lane {
  current: PendingTask;
  waiting: TaskQueue;
}

/**
 * Tasks that wait: by priority, by worker where they belong to one, by key where they must follow each other. Plain
 * tasks are in one queue, and cost what that costs.
 */
export class WaitingRoom {
  readonly #plain = new TaskQueue();
  /** Queues of other priorities than 0. */
  readonly #levels = new Map<number, TaskQueue>();
  /** Priorities, highest first, 0 included. */
  #order: number[] = [0];
  readonly #pinned = new Map<number, TaskQueue>();
  readonly #lanes = new Map<string | number, Lane>();
  #turn = 0;
  #size = 0;
  #free = 0;

  /** All that wait. */
  get size(): number {
    return this.#size;
  }

  /** Those that any worker may take now. */
  get free(): number {
    return this.#free;
  }

  /** True once tasks had different priorities. */
  get hasPriorities(): boolean {
    return this.#levels.size > 0;
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

  /** Lets a task in at the end. */
  push(task: PendingTask): void {
    this.#size++;
    const { extras } = task;
    if (extras === undefined) {
      this.#plain.push(task);
      this.#free++;
      return;
    }
    if (extras.key !== undefined) {
      const lane = this.#lanes.get(extras.key);
      if (lane) {
        lane.waiting.push(task);
        return;
      }
      this.#lanes.set(extras.key, { current: task, waiting: new TaskQueue() });
    }
    this.#enqueue(task, false);
  }

  /** Lets a task that was taken in again, at the front; it still has its key's turn. */
  putBack(task: PendingTask): void {
    this.#size++;
    this.#enqueue(task, true);
  }

  /** Takes the next task that a worker may run. */
  shift(worker: number): PendingTask | undefined {
    const pinned = this.#pinned.get(worker)?.shift();
    if (pinned) {
      this.#size--;
      return pinned;
    }
    const task = this.#shiftFree();
    if (task) {
      this.#size--;
      this.#free--;
    }
    return task;
  }

  /** Takes any task, of whatever worker or key: to reject them all. */
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
    if (extras?.worker === undefined) this.#free--;
    this.leave(task);
  }

  /** A task of a key is over, in its worker too: the next one of the key may go. */
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
    this.#enqueue(next, false);
  }

  #enqueue(task: PendingTask, atFront: boolean): void {
    const queue = this.#queueOf(task);
    if (atFront) queue.unshift(task);
    else queue.push(task);
    if (task.extras?.worker === undefined) this.#free++;
  }

  #queueOf({ extras }: PendingTask): TaskQueue {
    if (extras === undefined) return this.#plain;
    if (extras.worker !== undefined) {
      return queueIn(this.#pinned, extras.worker);
    }
    if (extras.priority === 0) return this.#plain;
    if (!this.#levels.has(extras.priority)) {
      this.#order = [...this.#order, extras.priority].sort((a, b) => b - a);
    }
    return queueIn(this.#levels, extras.priority);
  }

  #level(priority: number): TaskQueue {
    return priority === 0 ? this.#plain : this.#levels.get(priority)!;
  }

  #shiftFree(): PendingTask | undefined {
    if (this.#levels.size === 0) return this.#plain.shift();
    if (++this.#turn % TURNS_OF_PRIORITY === 0) {
      let oldest: TaskQueue | undefined;
      for (const priority of this.#order) {
        const queue = this.#level(priority);
        const id = queue.peek()?.id;
        if (id === undefined) continue;
        if (!oldest || id < oldest.peek()!.id) oldest = queue;
      }
      return oldest?.shift();
    }
    for (const priority of this.#order) {
      const task = this.#level(priority).shift();
      if (task) return task;
    }
    return undefined;
  }
}

function queueIn(queues: Map<number, TaskQueue>, key: number): TaskQueue {
  let queue = queues.get(key);
  if (!queue) queues.set(key, queue = new TaskQueue());
  return queue;
}
