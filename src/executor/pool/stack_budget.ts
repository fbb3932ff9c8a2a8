/** Stacks that a burst may take, and how many a millisecond gives back. */
const MOST = 64;
const PER_MS = 1;

/** Keeps the taking of callers' stacks, which costs more than a small task, to a small share of the time. */
export class StackBudget {
  #left = MOST;
  #since = 0;

  /** True when a stack may be taken at a time. */
  take(now: number): boolean {
    if (now !== this.#since) {
      this.#left = Math.min(MOST, this.#left + (now - this.#since) * PER_MS);
      this.#since = now;
    }
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
