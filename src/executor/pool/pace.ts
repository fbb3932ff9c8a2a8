/** Time for which tasks or results that go together may hold this thread, in ms. */
const HELD_MS = 1;
const FIRST = 128;
const MOST = 1024;
const GROWTH = 4;

/** How many tasks are handed over at once: fewer of those that take long to write or read, so that timers have their turn. */
export class Pace {
  /** So many. */
  most = FIRST;
  #lastMs = 0;

  /** Learns what some took. One time that is long says little: other programs may have held it up. */
  took(count: number, ms: number): void {
    const eachMs = ms / count;
    const leastMs = Math.max(Math.min(eachMs, this.#lastMs), HELD_MS / MOST);
    this.#lastMs = eachMs;
    const wanted = Math.floor(HELD_MS / leastMs);
    this.most = Math.max(1, Math.min(wanted, this.most * GROWTH));
  }
}
