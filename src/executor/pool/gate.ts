import { executorClosed, queueFull } from "../failures.ts";
import type { Listeners } from "./listeners.ts";
import type { Settings } from "./options.ts";
import { Waiters } from "./waiters.ts";

/** The state of the queue that admission depends on. */
export interface QueueState {
  /** Tasks that wait, those that will be sent at the end of this microtask included. */
  waiting(): number;
  /** How many of them workers can take now. */
  room(): number;
}

/** Admits tasks: whether the pool is open, and has room for more. */
export class Gate {
  readonly #settings: Pick<Settings, "maxQueue" | "whenFull">;
  readonly #queue: QueueState;
  readonly #listeners: Listeners;
  readonly #roomWaiters = new Waiters();
  #isClosed = false;
  /** Why a stateful pool takes no more tasks: it lost its worker. */
  lost: Error | undefined;

  /** A gate that is open. */
  constructor(
    settings: Pick<Settings, "maxQueue" | "whenFull">,
    queue: QueueState,
    listeners: Listeners,
  ) {
    this.#settings = settings;
    this.#queue = queue;
    this.#listeners = listeners;
  }

  /** True once the pool is closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Admits no more tasks. Nobody waits for room any longer. */
  close(): void {
    this.#isClosed = true;
    this.roomFreed();
  }

  /** Returns why no more tasks are admitted, or undefined as long as some are. */
  end(): { reason: unknown } | undefined {
    if (this.#isClosed) return { reason: executorClosed() };
    return this.lost && { reason: this.lost };
  }

  /** Returns why a task is refused, or undefined to admit it. */
  refuse(signal?: AbortSignal): { reason: unknown } | undefined {
    const end = this.end();
    if (end) return end;
    if (signal?.aborted) return { reason: signal.reason };
    if (!this.#isFull) return undefined;
    const queued = this.#queue.waiting() - this.#queue.room();
    this.#listeners.tell("full", { queued });
    const { whenFull, maxQueue } = this.#settings;
    if (whenFull === "wait") return undefined;
    return { reason: queueFull(queued, maxQueue) };
  }

  /** Resolves when there is room, or none is needed. */
  room(): Promise<void> {
    return this.#isFull ? this.#roomWaiters.wait() : Promise.resolve();
  }

  /** Called when tasks were sent or ended: lets callers that wait for room continue, if there is some. */
  roomFreed(): void {
    if (this.#roomWaiters.size > 0 && !this.#isFull) {
      this.#roomWaiters.resolve();
    }
  }

  get #isFull(): boolean {
    if (this.#isClosed) return false;
    const { maxQueue } = this.#settings;
    const waiting = this.#queue.waiting();
    // Tasks that will be sent at the end of this microtask do not count as waiting.
    return waiting >= maxQueue && waiting - this.#queue.room() >= maxQueue;
  }
}
