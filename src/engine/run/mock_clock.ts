const NANOSECONDS_PER_MS = 1_000_000n;

/**
 * The time at which transactions begin in `convex-test`: never before the latest commit. Commits have timestamps in
 * nanoseconds that strictly increase, and a transaction begins at a whole millisecond.
 */
export class MockClock {
  readonly #now: () => number;
  #latest = 0n;

  /** Takes the host's clock, in ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** When a transaction begins, in ms. */
  beginMs(): number {
    const latestMs = (this.#latest + NANOSECONDS_PER_MS - 1n) /
      NANOSECONDS_PER_MS;
    return Math.max(this.#now(), Number(latestMs));
  }

  /** Notes that a mutation is committed, whether it has written anything or not. */
  commit(): void {
    const ts = BigInt(Math.floor(this.#now())) * NANOSECONDS_PER_MS;
    this.#latest = ts > this.#latest ? ts : this.#latest + 1n;
  }
}
