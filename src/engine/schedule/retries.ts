/** First delay, in ms. */
const FIRST_MS = 1000;

/** When something failed, and how long it waits. */
interface Retry {
  sinceMs: number;
  delayMs: number;
}

/** Exponential backoff for records that the store has refused: each failure in a row doubles the delay. */
export class Retries {
  readonly #maxMs: number;
  readonly #retries: Map<string, Retry> = new Map();

  /** Never waits for longer than this, in ms. */
  constructor(maxMs = Infinity) {
    this.#maxMs = maxMs;
  }

  /** Records a failure. Returns the time from which on it may be retried, in ms. */
  failed(key: string, nowMs: number): number {
    const last = this.#retries.get(key)?.delayMs ?? FIRST_MS / 2;
    const delayMs = Math.min(2 * last, this.#maxMs);
    this.#retries.set(key, { sinceMs: nowMs, delayMs });
    return nowMs + delayMs;
  }

  /** Forgets the failures. */
  done(key: string): void {
    this.#retries.delete(key);
  }

  /** The time before which it must not be retried, in ms; -Infinity if it need not wait. */
  waitsUntil(key: string, nowMs: number): number {
    const retry = this.#retries.get(key);
    if (!retry) return -Infinity;
    const { sinceMs, delayMs } = retry;
    // If the clock was set back, do not wait longer.
    return nowMs < sinceMs || nowMs >= sinceMs + delayMs
      ? -Infinity
      : sinceMs + delayMs;
  }

  /** Forgets failures that should have been retried long ago: their calls were canceled. */
  forgetOld(nowMs: number): void {
    for (const [key, { sinceMs, delayMs }] of this.#retries) {
      if (nowMs > sinceMs + delayMs + this.#maxMs) this.#retries.delete(key);
    }
  }
}
