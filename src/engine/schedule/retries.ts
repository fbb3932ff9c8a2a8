/** How long to wait after the store has refused a write for the first time. */
const FIRST_MS = 1000;

/** Since when something waits, and for how long. */
interface Retry {
  sinceMs: number;
  delayMs: number;
}

/** When what the store has refused to note is tried again: each time in a row after twice as long. */
export class Retries {
  readonly #maxMs: number;
  readonly #retries: Map<string, Retry> = new Map();

  /** Never waits for longer than this, in ms. */
  constructor(maxMs = Infinity) {
    this.#maxMs = maxMs;
  }

  /** Notes a failure; the time in ms from which on it may be tried again. */
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

  /** The time in ms before which it is not tried again; -Infinity: it need not wait. */
  waitsUntil(key: string, nowMs: number): number {
    const retry = this.#retries.get(key);
    if (!retry) return -Infinity;
    const { sinceMs, delayMs } = retry;
    // A clock that was set back is no reason to wait for longer.
    return nowMs < sinceMs || nowMs >= sinceMs + delayMs
      ? -Infinity
      : sinceMs + delayMs;
  }

  /** Forgets what could have been tried long ago and was not: it was taken back. */
  forgetOld(nowMs: number): void {
    for (const [key, { sinceMs, delayMs }] of this.#retries) {
      if (nowMs > sinceMs + delayMs + this.#maxMs) this.#retries.delete(key);
    }
  }
}
