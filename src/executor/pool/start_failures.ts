/** Starts that may fail in a row before the pool waits between further ones. */
const FREE_FAILURES = 3;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 30_000;
/** A worker that gets ready so long after the last failure, in ms, makes it forgotten. */
const FORGOTTEN_MS = 1000;

/** Starts of workers that failed one after another, and how long that keeps further ones waiting. */
export class StartFailures {
  #count = 0;
  #last: { error: Error; at: number } | undefined;

  /** Error of the last one. */
  get last(): Error | undefined {
    return this.#last?.error;
  }

  /** True when further starts have to wait. */
  get areMany(): boolean {
    return this.#count >= FREE_FAILURES;
  }

  /** Time for which no worker is to be started, in ms; 0 or less: none. */
  get pauseMs(): number {
    if (!this.#last || !this.areMany) return 0;
    const pauseMs = FIRST_PAUSE_MS * 2 ** (this.#count - FREE_FAILURES);
    return Math.min(pauseMs, MAX_PAUSE_MS) - (Date.now() - this.#last.at);
  }

  /** One more failed. */
  add(error: Error): void {
    this.#count++;
    this.#last = { error, at: Date.now() };
  }

  /** A worker is ready: failures that are some time ago do not count any more. */
  forget(): void {
    const { at = 0 } = this.#last ?? {};
    if (Date.now() - at > FORGOTTEN_MS) this.#count = 0;
  }
}
