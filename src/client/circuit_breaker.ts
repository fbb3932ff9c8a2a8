import { OverloadedError } from "../errors.ts";

/** Options of the circuit breaker. */
export interface CircuitBreakerOptions {
  /** Consecutive failures after which no more requests are sent, 1 to 1 000 000. Default 10. */
  failures?: number | undefined;
  /** How long to send none at first, in ms, 1 to 3 600 000; doubles each time, up to 30 times as long. Default 1000. */
  openMs?: number | undefined;
}

/** What a request showed of the deployment's health; `undefined`: nothing. */
export type Health = "well" | "unwell" | undefined;

/** Spares a deployment that does not answer: after several failures in a row, calls fail at once until a probe succeeds. */
export class CircuitBreaker {
  readonly #failures: number;
  readonly #openMs: number;
  readonly #onChange: () => void;
  #row = 0;
  #opened = 0;
  /** By the monotonic clock. */
  #openUntilMs = 0;
  #probes = 0;
  #probedMs = 0;

  /** `onChange` is called whenever {@link state} may have changed. */
  constructor(options: CircuitBreakerOptions = {}, onChange: () => void) {
    this.#failures = options.failures ?? 10;
    this.#openMs = options.openMs ?? 1000;
    this.#onChange = onChange;
  }

  /** Whether requests go through. */
  get state(): "closed" | "open" | "half-open" {
    if (this.#opened === 0) return "closed";
    return this.#probes > 0 || this.#leftMs() === 0 ? "half-open" : "open";
  }

  /**
   * Lets a request through, and says whether it is a probe; throws `OverloadedError` `CIRCUIT_OPEN`. Each that was let
   * through calls {@link leave}.
   */
  enter(): boolean {
    if (this.#opened === 0) return false;
    const retryAfterMs = this.#leftMs();
    const now = performance.now();
    // A probe may never be answered.
    const isFree = this.#probes === 0 || now - this.#probedMs >= this.#openMs;
    if (retryAfterMs === 0 && isFree) {
      this.#probes++;
      this.#probedMs = now;
      this.#onChange();
      return true;
    }
    throw new OverloadedError(
      "CIRCUIT_OPEN",
      `The deployment failed ${this.#row} times in a row: no request is sent ${
        retryAfterMs ? `for ${retryAfterMs} ms` : "yet"
      }`,
      { data: { retryAfterMs } },
    );
  }

  /** Whole ms until a probe may go, rounded: timers may be a little early. */
  #leftMs(): number {
    return Math.max(0, Math.round(this.#openUntilMs - performance.now()));
  }

  /** Records how a request went. */
  leave(isProbe: boolean, health: Health): void {
    if (isProbe) this.#probes--;
    if (health === "well") {
      this.#row = 0;
      if (this.#opened === 0) return;
      this.#opened = 0;
      this.#onChange();
    } else if (health === "unwell") {
      this.#row++;
      // Requests that were already on their way when it opened tell nothing new by failing.
      const opens = this.#opened === 0 ? this.#row >= this.#failures : isProbe;
      if (!opens) return;
      const openMs = this.#openMs * Math.min(30, 2 ** this.#opened);
      this.#openUntilMs = performance.now() + openMs;
      this.#opened++;
      this.#onChange();
    }
  }
}
