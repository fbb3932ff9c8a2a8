import type { PendingTask } from "./pending_task.ts";

const PLACES = 2048;
const MASK = PLACES - 1;

/**
 * The tasks that a worker holds, by their number. Numbers follow one another and most tasks are short, so a task's
 * place is its number's end; one that is still there when its place is needed again moves to a map.
 */
export class HeldTasks {
  readonly #places: (PendingTask | undefined)[] = new Array(PLACES)
    .fill(undefined);
  readonly #others = new Map<number, PendingTask>();
  /** How many there are. */
  size = 0;
  /** Those that are no longer awaited. */
  abandoned = 0;
  /** Number of the last task that was added. */
  last = 0;

  /** Adds a task under the next number. */
  add(task: PendingTask): void {
    task.seq = this.last = (this.last + 1) | 0;
    const at = task.seq & MASK;
    const older = this.#places[at];
    if (older) this.#others.set(older.seq, older);
    this.#places[at] = task;
    this.size++;
  }

  /** The task of a number. */
  get(seq: number): PendingTask | undefined {
    const task = this.#places[seq & MASK];
    return task?.seq === seq ? task : this.#others.get(seq);
  }

  /** Takes the task of a number out. */
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
    return task;
  }

  /** Takes all of them out, in the order of their numbers. */
  takeAll(): PendingTask[] {
    const tasks = [...this.#others.values(), ...this.#places]
      .filter((task) => task !== undefined)
      .sort((a, b) => (a.seq - b.seq) | 0);
    this.#others.clear();
    this.#places.fill(undefined);
    this.size = this.abandoned = 0;
    return tasks;
  }
}
