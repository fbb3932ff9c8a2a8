/** How long one batch of tasks or results may hold this thread, in ms. */
const HELD_MS = 1;
const FIRST = 128;
const MOST = 1024;
const GROWTH = 4;

/**
 * How many tasks or results go in one batch: fewer when each takes long to write or read, so that timers get their turn.
 * A single slow measurement changes nothing, because other programs may have caused it. Only three shrink the batch
 * below its first size, because the first ones run code that is not compiled yet.
 */
export class BatchSize {
  /** The largest batch at present. */
  max = FIRST;
  #last: number | undefined;
  #lastButOne: number | undefined;

  /** Records how long a batch took. */
  record(count: number, ms: number): void {
    const each = ms / count;
    const leastOfTwo = Math.min(each, this.#last ?? each);
    const leastOfThree = Math.min(leastOfTwo, this.#lastButOne ?? 0);
    this.#lastButOne = this.#last;
    this.#last = each;
    const grown = Math.min(fitting(leastOfTwo), this.max * GROWTH);
    this.max = Math.min(
      Math.max(this.max, grown),
      Math.max(fitting(leastOfTwo), FIRST),
      fitting(leastOfThree),
    );
  }
}

/** How many fit into one batch if each takes `ms`. */
function fitting(ms: number): number {
  return Math.max(1, Math.floor(HELD_MS / Math.max(ms, HELD_MS / MOST)));
}
