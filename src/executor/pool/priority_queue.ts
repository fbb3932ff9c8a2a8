import type { PendingTask } from "./pending_task.ts";
import { TaskQueue } from "./task_queue.ts";

/**
 * Tasks by priority, those of one priority in the order of their calls. As long as no task has a priority, it costs no
 * more than a single queue.
 */
export class PriorityQueue {
  readonly #plain = new TaskQueue();
  /** Queues of other priorities than 0. */
  readonly #levels = new Map<number, TaskQueue>();
  /** Priorities, highest first, 0 included. */
  #order: number[] = [0];

  /** Tasks that wait. */
  size = 0;

  /** Number of attempts to take a task from this queue; every eighth takes the oldest. */
  turns = 0;

  /** True once tasks had different priorities. */
  get hasPriorities(): boolean {
    return this.#levels.size > 0;
  }

  /** Adds a task at the end of its priority, or one that was taken back at the front. */
  push(task: PendingTask, atFront = false): void {
    const queue = this.#queueOf(task);
    if (atFront) queue.unshift(task);
    else queue.push(task);
    this.size++;
  }

  /** Takes the given task, which must be the first one of its priority. */
  take(task: PendingTask): void {
    this.#queueOf(task).shift();
    this.size--;
  }

  /** Removes a waiting task, whose state the caller has already changed. */
  remove(task: PendingTask): void {
    this.#queueOf(task).remove(task);
    this.size--;
  }

  /** The oldest task of the highest priority. */
  highest(): PendingTask | undefined {
    if (this.#levels.size === 0) return this.#plain.peek();
    for (const priority of this.#order) {
      const task = this.#level(priority).peek();
      if (task) return task;
    }
    return undefined;
  }

  /** The oldest task, whatever its priority. */
  oldest(): PendingTask | undefined {
    let oldest: PendingTask | undefined;
    for (const priority of this.#order) {
      const task = this.#level(priority).peek();
      if (task && !(oldest && oldest.id < task.id)) oldest = task;
    }
    return oldest;
  }

  #queueOf({ extras }: PendingTask): TaskQueue {
    const priority = extras?.priority ?? 0;
    if (priority !== 0 && !this.#levels.has(priority)) {
      this.#levels.set(priority, new TaskQueue());
      this.#order = [...this.#order, priority].sort((a, b) => b - a);
    }
    return this.#level(priority);
  }

  #level(priority: number): TaskQueue {
    return priority === 0 ? this.#plain : this.#levels.get(priority)!;
  }
}
