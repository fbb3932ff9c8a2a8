import type { PendingTask } from "./pending_task.ts";
import { startTimer } from "../timer.ts";

const PLACES = 2048;
const MASK = PLACES - 1;

/**
 * The tasks that a worker holds, by number. Numbers are successive and most tasks are short, so the low bits of the number
 * are the index in a ring. A task that is still there when its index is needed again moves to a map.
 */
export class HeldTasks {
  readonly #places: (PendingTask | undefined)[] = new Array(PLACES)
    .fill(undefined);
  readonly #others = new Map<number, PendingTask>();
  /** Number of tasks. */
  size = 0;
  /** Number of tasks that nobody awaits any more. */
  abandoned = 0;
  /** How many of these have gone on for so long that other tasks may take their places. */
  overdue = 0;
  /** Number of the last task that was added, and how many were. */
  last = 0;
  /** True once the worker has ended. */
  isClosed = false;
  readonly #onOverdue: (task: PendingTask) => void;

  /** `onOverdue` is called when an abandoned task has gone on for too long. */
  constructor(onOverdue: (task: PendingTask) => void) {
    this.#onOverdue = onOverdue;
  }

  /** Adds a task under the next number. */
  add(task: PendingTask): void {
    task.seq = this.last = (this.last + 1) | 0;
    const at = task.seq & MASK;
    const older = this.#places[at];
    if (older) this.#others.set(older.seq, older);
    this.#places[at] = task;
    this.size++;
  }

  /** Finds a task. */
  get(seq: number): PendingTask | undefined {
    const task = this.#places[seq & MASK];
    return task?.seq === seq ? task : this.#others.get(seq);
  }

  /** True when the condition holds for a task. */
  some(condition: (task: PendingTask) => unknown): boolean {
    const holds = (task?: PendingTask) => task && condition(task);
    return this.#places.some(holds) || [...this.#others.values()].some(holds);
  }

  /** Removes and returns a task. */
  take(seq: number): PendingTask | undefined {
    const at = seq & MASK;
    let task = this.#places[at];
    if (task?.seq === seq) this.#places[at] = undefined;
    else {
      task = this.#others.get(seq);
      if (!task) return undefined;
      this.#others.delete(seq);
    }
    this.size--;
    if (task.state === "settled") this.abandoned--;
    const { extras } = task;
    extras?.overdueTimer?.stop();
    if (extras?.isOverdue) this.overdue--;
    return task;
  }

  /**
   * Counts a task as abandoned. After `overdueMs` it holds its key no longer, nor, if no other worker may take over, its
   * place. False when it is not here.
   */
  abandon(task: PendingTask, overdueMs: number, isOnly: boolean): boolean {
    if (this.get(task.seq) !== task) return false;
    this.abandoned++;
    const extras = task.extras!;
    if (!isOnly && extras.key === undefined) return true;
    extras.overdueTimer = startTimer(
      () => {
        extras.isOverdue = isOnly;
        if (isOnly) this.overdue++;
        this.#onOverdue(task);
      },
      overdueMs,
      !isOnly,
    );
    return true;
  }

  /** Removes and returns all tasks, in the order of their numbers. No more are added. */
  takeAll(): PendingTask[] {
    this.isClosed = true;
    const tasks = [...this.#others.values(), ...this.#places]
      .filter((task) => task !== undefined)
      .sort((a, b) => (a.seq - b.seq) | 0);
    for (const { extras } of tasks) extras?.overdueTimer?.stop();
    this.#others.clear();
    this.#places.fill(undefined);
    this.size = this.abandoned = this.overdue = 0;
    return tasks;
  }
}
