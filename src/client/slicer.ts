import { nextTurn } from "./wire.ts";

/** Time after which work lets the event loop have its turn, in ms. */
const TURN_MS = 2;
/** Text after which it does, in bytes: the clocks of some hosts stand still while a program runs. */
const TURN_BYTES = 256 * 1024;

/** Does long work on this thread in parts, with a turn of the event loop between any two, one work after another. */
export class Slicer {
  #last: Promise<unknown> = Promise.resolve();
  /** Ends with the turn of the event loop in which work was last done. */
  #turn: Promise<void> | undefined;
  #beganMs = 0;
  #bytes = 0;

  /**
   * Runs work that yields, after each part, the number of bytes it processed, and returns how long it kept the thread.
   * Rejects with the signal's reason when that is aborted in between.
   */
  async run<T>(
    work: Generator<number, T>,
    signal?: AbortSignal,
    onDone?: (busyMs: number) => void,
  ): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = deferred();
    this.#last = promise;
    await before;
    let busyMs = 0;
    try {
      for (;;) {
        if (this.#isUsedUp()) await this.#turn;
        this.#begin();
        signal?.throwIfAborted();
        const startMs = performance.now();
        const { done, value } = work.next();
        busyMs += performance.now() - startMs;
        if (done) {
          onDone?.(busyMs);
          return value;
        }
        this.#bytes += value;
      }
    } finally {
      resolve();
    }
  }

  #isUsedUp(): boolean {
    return this.#turn !== undefined &&
      (this.#bytes >= TURN_BYTES ||
        performance.now() - this.#beganMs >= TURN_MS);
  }

  /** Begins to count, unless that was done in this turn: works that come one by one share it as well. */
  #begin(): void {
    if (this.#turn !== undefined) return;
    this.#beganMs = performance.now();
    this.#bytes = 0;
    this.#turn = nextTurn().then(() => {
      this.#turn = undefined;
    });
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => resolve = done);
  return { promise, resolve };
}
