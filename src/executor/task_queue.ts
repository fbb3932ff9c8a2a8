import type { ErrorData } from "./types.ts";

/** One task from its submission to its settlement. */
export class PendingTask {
  /** Number that the messages carry; unique in its executor. */
  readonly id: number;
  /** What the handler gets; dropped once it was sent. */
  payload: unknown;
  /** Objects that move with it. */
  transfer: readonly ArrayBufferLike[] | undefined;
  /** Where it stands. */
  state: "waiting" | "running" | "settled" = "waiting";
  /** Where it was asked for. */
  readonly origin: Error;
  /** Tells the caller. */
  readonly resolve: (value: unknown) => void;
  /** Tells the caller. */
  readonly reject: (error: unknown) => void;
  /** Stops listening to the caller's signal. */
  release: (() => void) | undefined;

  /** Builds a waiting task. */
  constructor(
    id: number,
    payload: unknown,
    transfer: readonly ArrayBufferLike[] | undefined,
    origin: Error,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.id = id;
    this.payload = payload;
    this.transfer = transfer;
    this.origin = origin;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** Rebuilds an error of a class that the executor does not know. */
export type Revive = (data: ErrorData) => Error | undefined;

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

  /** Takes the task that has waited longest. */
  shift(): PendingTask | undefined {
    while (this.#head < this.#items.length) {
      const task = this.#items[this.#head++]!;
      if (this.#head === this.#items.length) {
        this.#items = [];
        this.#head = 0;
      } else if (this.#head >= 1024 && this.#head * 2 > this.#items.length) {
        this.#items = this.#items.slice(this.#head);
        this.#head = 0;
      }
      if (task.state !== "waiting") continue;
      this.#size--;
      return task;
    }
    return undefined;
  }

  /** Counts a waiting task out; its place is skipped later. Its state must be changed by the caller. */
  remove(task: PendingTask): void {
    this.#size--;
    task.payload = task.transfer = undefined;
    const places = this.#items.length - this.#head;
    if (places > 2 * this.#size + 1024) {
      this.#items = this.#items.slice(this.#head)
        .filter((other) => other !== task && other.state === "waiting");
      this.#head = 0;
    }
  }
}
