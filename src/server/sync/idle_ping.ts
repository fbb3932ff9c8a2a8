/** Pings a client to whom nothing was sent for a while. */
export class IdlePing {
  readonly #everyMs: number;
  readonly #now: () => number;
  readonly #ping: () => void;
  #sentMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Calls `ping` after each silence of `everyMs`; `now` gives the time in ms. */
  constructor(everyMs: number, now: () => number, ping: () => void) {
    this.#everyMs = everyMs;
    this.#now = now;
    this.#ping = ping;
    this.#sentMs = now();
    this.#schedule();
  }

  /** Call this when something was sent. */
  sent(): void {
    this.#sentMs = this.#now();
  }

  /** Pings no more. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const silentMs = () => Math.abs(this.#now() - this.#sentMs);
    this.#timer = setTimeout(() => {
      if (silentMs() >= this.#everyMs) this.#ping();
      this.#schedule();
    }, Math.max(1, this.#everyMs - silentMs()));
  }
}
