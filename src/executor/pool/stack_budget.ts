/** Stacks that a burst of calls may record, and how many more become available per millisecond. */
const CAPACITY = 64;
const REFILL_PER_MS = 1;

/** Limits how often the caller's stack is recorded, which costs more than a small task. */
export class StackBudget {
  #left = CAPACITY;
  #since = 0;

  /** Returns true, and counts, when a stack may be recorded now. */
  take(now: number): boolean {
    if (now !== this.#since) {
      this.#left = Math.min(
        CAPACITY,
        this.#left + (now - this.#since) * REFILL_PER_MS,
      );
      this.#since = now;
    }
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
