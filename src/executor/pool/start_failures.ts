/** Starts that may fail in a row before the pool pauses between further attempts. */
const FREE_FAILURES = 3;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 30_000;
/** A worker that becomes ready this long after the last failure, in ms, resets the count. */
const FORGET_AFTER_MS = 1000;

/** Counts failed starts of workers, and says how long to wait before the next attempt (exponential backoff). */
export class StartFailures {
  #count = 0;
  #last: { error: Error; at: number } | undefined;

  /** Error of the last failed start. */
  get last(): Error | undefined {
    return this.#last?.error;
  }

  /** True when so many starts have failed that the next one has to wait. */
  get areMany(): boolean {
    return this.#count >= FREE_FAILURES;
  }

  /** Time to wait before the next start, in ms; 0 or less when it need not wait. */
  get pauseMs(): number {
    if (!this.#last || !this.areMany) return 0;
    const pauseMs = FIRST_PAUSE_MS * 2 ** (this.#count - FREE_FAILURES);
    return Math.min(pauseMs, MAX_PAUSE_MS) - (Date.now() - this.#last.at);
  }

  /** Counts a failed start. */
  add(error: Error): void {
    this.#count++;
    this.#last = { error, at: Date.now() };
  }

  /**
   * Resets the count when a worker becomes ready, unless the last failure is recent: workers may start well and die at
   * once.
   */
  forget(): void {
    const { at = 0 } = this.#last ?? {};
    if (Date.now() - at > FORGET_AFTER_MS) this.#count = 0;
  }
}
