import type {
  Beginning,
  CommitTimes,
  TransactionClock,
} from "../../engine/behaviour.ts";
import { beginningMs } from "../steady_clock.ts";

/** Timestamp 0 before the first commit, and steps of one nanosecond. */
export const MOCK_BEGINNING: Beginning = { latest: 0n, step: 1n };

/**
 * Time and timestamps as in `convex-test`: a transaction begins at a whole millisecond, never before the latest commit,
 * and a mutation that has written nothing counts as a commit.
 */
export class MockClock implements TransactionClock {
  readonly #now: () => number;
  readonly #commits: CommitTimes;

  /** Takes the host's clock, in ms, and the source of commit timestamps. */
  constructor(now: () => number, commits: CommitTimes) {
    this.#now = now;
    this.#commits = commits;
  }

  /** When a transaction begins, in ms. */
  beginMs(): number {
    return beginningMs(this.#now(), this.#commits.latest);
  }

  /** Called after a mutation; gives it a timestamp if it has written nothing. */
  committed(ts: bigint): void {
    if (this.#commits.latest !== ts) this.#commits.skip();
  }
}
