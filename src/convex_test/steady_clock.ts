import type { TransactionClock } from "../engine/behaviour.ts";
import { nextTimestamp } from "../engine/transaction/commits.ts";

const NANOSECONDS_PER_MS = 1_000_000n;

/** When a transaction begins after commits up to a timestamp: at a whole millisecond, in ms. */
export function beginningMs(nowMs: number, latest: bigint): number {
  const latestMs = (latest + NANOSECONDS_PER_MS - 1n) / NANOSECONDS_PER_MS;
  return Math.max(nowMs, Number(latestMs));
}

/**
 * Time of transactions where a test has stopped the clock or sets it back: none begins before the latest commit, so
 * that what a function does for the second time is later, as it is on Convex. Timestamps have a start of their own:
 * what the clock said when the backend was made does not count.
 */
export class SteadyClock implements TransactionClock {
  readonly #now: () => number;
  /** Of the latest commit, in ns; each is greater than the one before. */
  #latest = 0n;

  /** Takes the host's clock, in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** When a transaction begins, in ms. */
  beginMs(): number {
    return beginningMs(this.#now(), this.#latest);
  }

  /** Notes that a transaction is committed. */
  committed(): void {
    this.#latest = nextTimestamp(this.#now(), this.#latest, 1n);
  }

  /** As a commit: `convex-test` makes one before the call and one after it, so that its tests count on their time. */
  jobNoted(): void {
    this.committed();
  }
}
