/** Tasks that a worker took and has not begun, in order. */
export class Backlog {
  #seqs: number[] = [];
  #tasks: unknown[] = [];
  #next = 0;

  /** True when there is none. */
  get isEmpty(): boolean {
    return this.#next === this.#seqs.length;
  }

  /** Number of the next task. */
  get seq(): number {
    return this.#seqs[this.#next]!;
  }

  /** Adds a task at the end. */
  push(seq: number, task: unknown): void {
    this.#seqs.push(seq);
    this.#tasks.push(task);
  }

  /** Takes the next task. */
  take(): unknown {
    const task = this.#tasks[this.#next];
    this.#tasks[this.#next++] = undefined;
    if (this.isEmpty) this.clear();
    return task;
  }

  /** True when the task with this number is in it. */
  has(seq: number): boolean {
    return this.#seqs.indexOf(seq, this.#next) >= 0;
  }

  /** Drops all of them. */
  clear(): void {
    this.#seqs = [];
    this.#tasks = [];
    this.#next = 0;
  }
}
