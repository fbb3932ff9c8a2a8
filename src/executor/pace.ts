/** Time for which tasks or results that go together may hold this thread, in ms. */
const HELD_MS = 1;
const FIRST = 128;
const MOST = 1024;
const GROWTH = 4;

/** How many tasks are handed over at once: fewer of those that take long to write or read, so that timers have their turn. */
export class Pace {
  /** So many. */
  most = FIRST;
  #eachMs = 0;

  /** Learns what some took. */
  took(count: number, ms: number): void {
    const eachMs = ms / count;
    this.#eachMs = this.#eachMs === 0 ? eachMs : (this.#eachMs + eachMs) / 2;
    const wanted = Math.floor(HELD_MS / Math.max(this.#eachMs, HELD_MS / MOST));
    this.most = Math.max(1, Math.min(wanted, this.most * GROWTH));
  }
}
