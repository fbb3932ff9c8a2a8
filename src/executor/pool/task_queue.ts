import type { TaskExtras } from "./task_extras.ts";

/** One task from its submission to its settlement. */
export class PendingTask {
  /** Number in the order of submission; unique in its executor. */
  readonly id: number;
  /** What the handler gets. */
  payload: unknown;
  /** Where it stands. */
  state: "waiting" | "running" | "settled" = "waiting";
  /** When it was submitted, in ms of the pool's clock. */
  readonly submittedAt: number;
  /** When it was handed over. */
  sentAt = 0;
  /** Number by which its worker knows it. */
  seq = 0;
  /** Where it was asked for; not known of every task of a burst. */
  readonly origin: Error | undefined;
  /** What few tasks have. */
  readonly extras: TaskExtras | undefined;
  /** Tells the caller. */
  readonly resolve: (value: unknown) => void;
  /** Tells the caller. */
  readonly reject: (error: unknown) => void;

  /** Builds a waiting task. */
  constructor(
    id: number,
    payload: unknown,
    submittedAt: number,
    origin: Error | undefined,
    extras: TaskExtras | undefined,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.id = id;
    this.payload = payload;
    this.submittedAt = submittedAt;
    this.origin = origin;
    this.extras = extras;
    this.resolve = resolve;
    this.reject = reject;
  }
}

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

  /** Counts a waiting task out; its place is skipped later. Its state must be changed by the caller. */
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
