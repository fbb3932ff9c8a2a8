import type {
  Beginning,
  CommitTimes,
  TransactionClock,
} from "../../engine/behaviour.ts";
import { beginningMs } from "../steady_clock.ts";

/** Before all time, and with each nanosecond a timestamp: the timestamp is 0 before the first commit. */
export const MOCK_BEGINNING: Beginning = { latest: 0n, grain: 1n };

/**
 * Time and timestamps as `convex-test` has them: a transaction begins at a whole millisecond, never before the latest
 * commit, and a mutation that has written nothing is one.
 */
export class MockClock implements TransactionClock {
  readonly #now: () => number;
  readonly #commits: CommitTimes;

  /** Takes the host's clock, in ms, and what gives commits their timestamps. */
  constructor(now: () => number, commits: CommitTimes) {
    this.#now = now;
    this.#commits = commits;
  }

  /** When a transaction begins, in ms. */
  beginMs(): number {
    return beginningMs(this.#now(), this.#commits.latest);
  }

  /** Notes that a mutation which should get a timestamp is committed. */
  committed(ts: bigint): void {
    if (this.#commits.latest !== ts) this.#commits.skip();
  }
}
