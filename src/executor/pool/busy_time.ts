/** For how long a worker has held tasks. */
export class BusyTime {
  #since = 0;
  #ms = 0;

  /** It got tasks at this time, in ms. */
  begin(now: number): void {
    if (this.#since === 0) this.#since = now;
  }

  /** It has none any more. */
  end(now: number): void {
    this.#ms = this.total(now);
    this.#since = 0;
  }

  /** The time so far, in ms. */
  total(now: number): number {
    return this.#ms + (this.#since > 0 ? now - this.#since : 0);
  }
}
