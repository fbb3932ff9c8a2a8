import { EngineError, isCortexError } from "../../errors.ts";
import type { SerialQueue } from "../transaction/queue.ts";
import type { Timers } from "../timers.ts";

const GIVEN_UP = "LIMIT_EXCEEDED";
/** Polling interval in ms where the host collects garbage on request. */
const LOOK_MS = 50;

/** The functions of the host that the watchdog uses. */
export interface WatchdogHost extends Timers {
  /**
   * Collects garbage at once. With it, a query or a mutation whose promise can no longer be resolved fails within a
   * second, whatever the time limit. Default: it is given up like any other that waits.
   */
  readonly collectGarbage?: (() => void) | undefined;
}

/**
 * Whether work on a transaction has failed because it was given up. Only for work that handles its function's own
 * errors: any other failure then comes from the store.
 */
export function isGivenUp(error: unknown): boolean {
  return isCortexError(error) && error.code === GIVEN_UP;
}

/**
 * Gives up a transaction that takes too long because it waits for something outside the engine. It polls which one is
 * running, so it costs the transactions nothing; one that keeps the thread busy cannot be stopped.
 *
 * If the promise that it waits for can be garbage-collected, nothing can resolve it any more, and the transaction is
 * given up earlier.
 */
export class Watchdog {
  readonly #queue: SerialQueue;
  readonly #host: WatchdogHost;
  readonly #limitMs: number;
  readonly #lookMs: number;
  #timer: unknown;
  #seen = -1;
  /** Number of looks that found the same transaction running. */
  #looks = 0;
  /** Number of looks after which garbage is collected next. */
  #collectAt = 1;
  #result: WeakRef<object> | undefined;

  /** Watches a queue from its next task on. */
  constructor(queue: SerialQueue, host: WatchdogHost, limitMs: number) {
    this.#queue = queue;
    this.#host = host;
    this.#limitMs = limitMs;
    this.#lookMs = host.collectGarbage ? Math.min(LOOK_MS, limitMs) : limitMs;
    queue.onTask = () => {
      if (this.#timer !== undefined) return;
      this.#seen = -1;
      this.#look();
    };
  }

  /** Stops watching. */
  stop(): void {
    this.#queue.onTask = undefined;
    if (this.#timer !== undefined) this.#host.clear(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer = this.#host.set(this.#lookMs, () => {
      this.#timer = undefined;
      if (!this.#queue.isBusy) return;
      if (this.#queue.started === this.#seen) {
        this.#looks++;
        const error = this.#problem();
        if (error) this.#queue.giveUp(error);
      }
      if (this.#queue.started !== this.#seen) {
        this.#seen = this.#queue.started;
        this.#looks = 0;
        this.#collectAt = 1;
        this.#result = undefined;
      }
      this.#look();
    });
  }

  /** Why the running transaction is to be given up; undefined: it may continue. */
  #problem(): EngineError | undefined {
    if (this.#looks * this.#lookMs >= this.#limitMs) {
      return givenUp(
        `Function execution timed out (maximum duration: ${
          this.#limitMs / 1000
        }s): it waits for something outside the database`,
        this.#limitMs,
      );
    }
    if (this.#looks < this.#collectAt || !this.#host.collectGarbage) return;
    // A `WeakRef` keeps its target alive until the end of the callback in which it was made.
    if (!this.#result) {
      this.#result = this.#queue.letGo();
      return;
    }
    this.#host.collectGarbage();
    // Collection pauses everything, so it becomes rarer for a transaction that keeps waiting.
    this.#collectAt = this.#looks * 4;
    if (this.#result.deref()) return;
    return givenUp("Returned promise will never resolve", this.#limitMs);
  }
}

function givenUp(message: string, bound: number): EngineError {
  return new EngineError(GIVEN_UP, message, { data: { bound } });
}
