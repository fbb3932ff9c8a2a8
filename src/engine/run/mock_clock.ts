import type { Commits } from "../transaction/commits.ts";

const NANOSECONDS_PER_MS = 1_000_000n;

/**
 * Time and timestamps as `convex-test` has them: a transaction begins at a whole millisecond, never before the latest
 * commit, and a mutation that has written nothing is one.
 */
export class MockClock {
  readonly #now: () => number;
  readonly #commits: Commits;

  /** Takes the host's clock, in ms, and what gives commits their timestamps. */
  constructor(now: () => number, commits: Commits) {
    this.#now = now;
    this.#commits = commits;
  }

  /** When a transaction begins, in ms. */
  beginMs(): number {
    const latestMs = (this.#commits.latest + NANOSECONDS_PER_MS - 1n) /
      NANOSECONDS_PER_MS;
    return Math.max(this.#now(), Number(latestMs));
  }

  /** Notes that a mutation which should get a timestamp is committed. */
  commit(ts: bigint): void {
    if (this.#commits.latest !== ts) this.#commits.skip();
  }
}
