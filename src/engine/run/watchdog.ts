import { EngineError, isCortexError } from "../../errors.ts";
import type { SerialQueue } from "../transaction/queue.ts";
import type { Timers } from "../timers.ts";

const GIVEN_UP = "LIMIT_EXCEEDED";
/** How often it looks where the host collects garbage when asked, in ms. */
const LOOK_MS = 50;

/** What the watchdog needs of the host. */
export interface WatchdogHost extends Timers {
  /**
   * Collects garbage at once. With it a query or a mutation that nothing can resolve any more fails within a second,
   * however long others may wait. Default: it is given up like any that waits.
   */
  readonly collectGarbage?: (() => void) | undefined;
}

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
 *
 * A promise that the host's garbage collector takes away can no longer be resolved, so who waits for it is given up
 * earlier. Whatever else is waited for is held by the host, by a timer or by another module.
 */
export class Watchdog {
  readonly #queue: SerialQueue;
  readonly #host: WatchdogHost;
  readonly #limitMs: number;
  readonly #lookMs: number;
  #timer: unknown;
  #seen = -1;
  /** Looks at which the same one was seen, of the one that runs. */
  #looks = 0;
  /** After how many the garbage is collected next. */
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

  /** Looks no more. */
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

  /** Why the one that runs is to be given up; undefined: it may go on. */
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
    // Until the end of this callback, a reference that is made in it holds what it leads to.
    if (!this.#result) {
      this.#result = this.#queue.letGo();
      return;
    }
    this.#host.collectGarbage();
    // It stops everything for a while, so it is done less often for a transaction that keeps waiting.
    this.#collectAt = this.#looks * 4;
    if (this.#result.deref()) return;
    return givenUp("Returned promise will never resolve", this.#limitMs);
  }
}

function givenUp(message: string, bound: number): EngineError {
  return new EngineError(GIVEN_UP, message, { data: { bound } });
}
