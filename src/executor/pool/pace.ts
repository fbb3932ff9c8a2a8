/** Time for which tasks or results that go together may hold this thread, in ms. */
const HELD_MS = 1;
const FIRST = 128;
const MOST = 1024;
const GROWTH = 4;

/**
 * How many tasks are handed over at once: fewer of those that take long to write or read, so that timers have their
 * turn. One time that is long says little, since other programs may have held it up, and two are not enough for very few:
 * the first ones run code that is not compiled yet.
 */
export class Pace {
  /** So many. */
  most = FIRST;
  #last: number | undefined;
  #lastButOne: number | undefined;

  /** Learns what some took. */
  took(count: number, ms: number): void {
    const each = ms / count;
    const leastOfTwo = Math.min(each, this.#last ?? each);
    const leastOfThree = Math.min(leastOfTwo, this.#lastButOne ?? 0);
    this.#lastButOne = this.#last;
    this.#last = each;
    const grown = Math.min(fitting(leastOfTwo), this.most * GROWTH);
    this.most = Math.min(
      Math.max(this.most, grown),
      Math.max(fitting(leastOfTwo), FIRST),
      fitting(leastOfThree),
    );
  }
}

/** How many that take so long each may go together. */
function fitting(ms: number): number {
  return Math.max(1, Math.floor(HELD_MS / Math.max(ms, HELD_MS / MOST)));
}
