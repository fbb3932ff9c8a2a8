import type { TransactionClock } from "../engine/behaviour.ts";
import { nextTimestamp } from "../engine/transaction/commits.ts";

const NANOSECONDS_PER_MS = 1_000_000n;

/** When a transaction begins that follows a commit: not before the next whole millisecond, in ms. */
export function beginningMs(nowMs: number, latest: bigint): number {
  const latestMs = (latest + NANOSECONDS_PER_MS - 1n) / NANOSECONDS_PER_MS;
  return Math.max(nowMs, Number(latestMs));
}

/**
 * Time of transactions that stays monotonic when a test stops the clock or sets it back: none begins before the latest
 * commit, so that later transactions have later times, as on Convex. Counts only commits, not when the backend was
 * created.
 */
export class SteadyClock implements TransactionClock {
  readonly #now: () => number;
  /** Timestamp of the latest commit, in ns; strictly increasing. */
  #latest = 0n;

  /** Takes the host's clock, in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** When a transaction begins, in ms. */
  beginMs(): number {
    return beginningMs(this.#now(), this.#latest);
  }

  /** Called after each commit. */
  committed(): void {
    this.#latest = nextTimestamp(this.#now(), this.#latest, 1n);
  }

  /** Counts as a commit, as `convex-test` commits before and after a scheduled call, and tests rely on the times. */
  jobNoted(): void {
    this.committed();
  }
}
