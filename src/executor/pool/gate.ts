import { executorClosed, queueFull } from "../failures.ts";
import type { Listeners } from "./listeners.ts";
import type { Settings } from "./options.ts";
import { Waiters } from "./waiters.ts";

/** What the gate must know of the pool. */
export interface Inside {
  /** Tasks that wait. */
  waiting(): number;
  /** Tasks that may be handed over now. */
  room(): number;
}

/** Admits tasks: whether the pool is open, and has room for more. */
export class Gate {
  readonly #settings: Pick<Settings, "maxQueue" | "whenFull">;
  readonly #inside: Inside;
  readonly #listeners: Listeners;
  readonly #roomSeekers = new Waiters();
  /** True when no task may come any more. */
  isClosed = false;
  /** Why none may come any more, with a pool that lost what it was for. */
  lost: Error | undefined;

  /** A gate that is open. */
  constructor(
    settings: Pick<Settings, "maxQueue" | "whenFull">,
    inside: Inside,
    listeners: Listeners,
  ) {
    this.#settings = settings;
    this.#inside = inside;
    this.#listeners = listeners;
  }

  /** Why a task cannot be taken, if it cannot. */
  refuse(signal?: AbortSignal): { reason: unknown } | undefined {
    if (this.isClosed) return { reason: executorClosed() };
    if (this.lost) return { reason: this.lost };
    if (signal?.aborted) return { reason: signal.reason };
    if (!this.#isFull) return undefined;
    const queued = this.#inside.waiting();
    this.#listeners.tell("full", { queued });
    const { whenFull, maxQueue } = this.#settings;
    if (whenFull === "wait") return undefined;
    return { reason: queueFull(queued - this.#inside.room(), maxQueue) };
  }

  /** Resolves when there is room. */
  room(): Promise<void> {
    return this.#isFull ? this.#roomSeekers.wait() : Promise.resolve();
  }

  /** Tasks left: those who waited for room may come, if there is some. */
  left(): void {
    if (this.#roomSeekers.size > 0 && !this.#isFull) {
      this.#roomSeekers.resolve();
    }
  }

  get #isFull(): boolean {
    const { maxQueue } = this.#settings;
    const waiting = this.#inside.waiting();
    // What leaves at the end of this microtask does not wait.
    return waiting >= maxQueue && waiting - this.#inside.room() >= maxQueue;
  }
}
