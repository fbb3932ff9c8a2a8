import { EngineError, isCortexError } from "../../errors.ts";
import type { SerialQueue } from "../transaction/queue.ts";
import type { Timers } from "../timers.ts";

const GIVEN_UP = "LIMIT_EXCEEDED";

/**
 * Whether work on a transaction has failed because it was given up, of work whose function's own errors are taken care
 * of: whatever else it fails with comes from the store.
 */
export function isGivenUp(error: unknown): boolean {
  return isCortexError(error) && error.code === GIVEN_UP;
}

/**
 * Gives up a transaction that takes too long because it waits for something foreign. It looks now and then which one
 * runs, so it costs the transactions nothing; one that keeps the thread busy cannot be stopped.
 */
export class Watchdog {
  readonly #queue: SerialQueue;
  readonly #timers: Timers;
  readonly #limitMs: number;
  #timer: unknown;
  #seen = -1;

  /** Watches a queue from its next task on. */
  constructor(queue: SerialQueue, timers: Timers, limitMs: number) {
    this.#queue = queue;
    this.#timers = timers;
    this.#limitMs = limitMs;
    queue.onTask = () => {
      if (this.#timer !== undefined) return;
      this.#seen = -1;
      this.#look();
    };
  }

  /** Looks no more. */
  stop(): void {
    this.#queue.onTask = undefined;
    if (this.#timer !== undefined) this.#timers.clear(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer = this.#timers.set(this.#limitMs, () => {
      this.#timer = undefined;
      if (!this.#queue.isBusy) return;
      const { started } = this.#queue;
      if (started === this.#seen) {
        this.#queue.giveUp(
          new EngineError(
            GIVEN_UP,
            `Function execution timed out (maximum duration: ${
              this.#limitMs / 1000
            }s): it waits for something outside the database`,
            { data: { bound: this.#limitMs } },
          ),
        );
      }
      this.#seen = this.#queue.started;
      this.#look();
    });
  }
}
