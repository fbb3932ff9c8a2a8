import type { PendingTask } from "./pending_task.ts";

/** First in, first out. Adding, taking and removing cost the same however many tasks wait. */
export class TaskQueue {
  #items: PendingTask[] = [];
  #head = 0;
  #size = 0;

  /** Tasks that wait. */
  get size(): number {
    return this.#size;
  }

  /** Adds a task at the end. */
  push(task: PendingTask): void {
    this.#items.push(task);
    this.#size++;
  }

  /** Puts a task that was taken back to the front. */
  unshift(task: PendingTask): void {
    if (this.#head > 0) this.#items[--this.#head] = task;
    else this.#items.unshift(task);
    this.#size++;
  }

  /** The task that has waited longest. */
  peek(): PendingTask | undefined {
    this.#skip();
    return this.#items[this.#head];
  }

  /** Takes the task that has waited longest. */
  shift(): PendingTask | undefined {
    this.#skip();
    if (this.#head >= this.#items.length) return undefined;
    const task = this.#items[this.#head++]!;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    this.#size--;
    return task;
  }

  /**
   * Removes a waiting task, whose state the caller has already changed. Its place is only skipped later, because
   * finding it would take time.
   */
  remove(task: PendingTask): void {
    this.#size--;
    task.payload = undefined;
    const places = this.#items.length - this.#head;
    if (places > 2 * this.#size + 1024) {
      this.#items = this.#items.slice(this.#head)
        .filter((other) => other !== task && other.state === "waiting");
      this.#head = 0;
    }
  }

  #skip(): void {
    while (
      this.#head < this.#items.length &&
      this.#items[this.#head]!.state !== "waiting"
    ) this.#head++;
  }
}
