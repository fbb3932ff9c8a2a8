import type { SharedLane } from "./shared_lane.ts";
import { afterTurn } from "./timer.ts";

/** How long the pool looks out for results before it sleeps, in ms. */
const WATCH_MS = 0.12;
/** Samples of the way in use before the other one is tried, and samples of a trial. */
const USE = 120;
const TRIAL = 8;
/** Samples after a change that say nothing yet. */
const SETTLING = 2;
/** Looking out costs processor time: it must be that much faster. */
const WORTH = 0.85;
/** Times that results are taken without a turn of the event loop in between. */
const ROUNDS = 3;
/** A round trip counts as this at most, in ms: one that was held up says little. */
const LONGEST_MS = 2;

/**
 * Decides by measurement whether both sides look out for one another before they sleep. It saves the time to wake a
 * thread where a processor is free for it, and costs time where none is.
 */
export class SpinChoice {
  /** What holds now. */
  spins: boolean;
  #means: { [spins: string]: number } = {};
  #left = 16;
  #settling = SETTLING;
  #isTrial = false;

  /** Begins with looking out, unless it cannot be done. */
  constructor(canSpin: boolean) {
    this.spins = canSpin;
    if (!canSpin) this.#left = Infinity;
  }

  /** Takes the time of a round trip of a lone task. */
  record(ms: number): void {
    if (this.#settling > 0) {
      this.#settling--;
      return;
    }
    const way = String(this.spins);
    const mean = this.#means[way];
    const capped = Math.min(ms, LONGEST_MS);
    this.#means[way] = mean === undefined ? capped : mean * 0.8 + capped * 0.2;
    if (--this.#left > 0) return;
    this.#isTrial = !this.#isTrial;
    const { true: spinning = 0, false: sleeping = Infinity } = this.#means;
    const next = this.#isTrial ? !this.spins : spinning < sleeping * WORTH;
    this.#left = this.#isTrial ? TRIAL : USE;
    if (next !== this.spins) this.#settling = SETTLING;
    this.spins = next;
  }
}

/** How the pool learns of results in shared memory: it looks out for a while, then lets the worker wake it. */
export class LaneWatch {
  readonly #lane: SharedLane;
  readonly #drain: () => boolean;
  readonly #choice: SpinChoice;
  #polling = false;
  #until = 0;
  #loneSince = 0;

  /** `drain` takes what is there; false when nothing was. */
  constructor(lane: SharedLane, drain: () => boolean) {
    this.#lane = lane;
    this.#drain = drain;
    const { setImmediate, navigator } = globalThis as {
      setImmediate?: (callback: () => void) => void;
      navigator?: { hardwareConcurrency?: number };
    };
    const processors = navigator?.hardwareConcurrency ?? 2;
    this.#choice = new SpinChoice(setImmediate !== undefined && processors > 1);
    lane.spins = this.#choice.spins;
  }

  /** Tasks were sent at a time. `lone`: the worker had none before, and this is one. `long`: they take their time. */
  sent(now: number, lone: boolean, long: boolean): void {
    this.#loneSince = lone ? now : 0;
    if (!this.#choice.spins || long) {
      if (!this.#polling) this.sleep();
      return;
    }
    this.#until = now + WATCH_MS;
    if (this.#polling) return;
    this.#polling = true;
    this.#lane.wake("pool");
    afterTurn(this.#poll);
  }

  /** The last task is done. */
  done(now: number): void {
    if (this.#loneSince === 0) return;
    this.#choice.record(now - this.#loneSince);
    this.#loneSince = 0;
    this.#lane.spins = this.#choice.spins;
  }

  /** Lets the worker wake the pool. */
  sleep(): void {
    if (this.#polling) return;
    for (let round = 0; round < ROUNDS; round++) {
      this.#lane.sleep("pool");
      // What came in between has woken nobody.
      if (!this.#lane.results.hasMore) return;
      this.#lane.wake("pool");
      this.#drain();
    }
    // It goes on and on: others must have their turn.
    this.#polling = true;
    afterTurn(this.#poll);
  }

  /** Ends the looking out. */
  stop(): void {
    this.#until = 0;
  }

  #poll = () => {
    const found = this.#drain();
    const now = performance.now();
    if (found) this.#until = now + WATCH_MS;
    if (now < this.#until) {
      afterTurn(this.#poll);
      return;
    }
    this.#polling = false;
    this.sleep();
  };
}
