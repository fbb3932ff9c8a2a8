import { afterTurn, hasTurns } from "../timer.ts";
import { Turn } from "../turn.ts";

/** Tasks leave together at the end of the turn when this many times more are in flight. */
const FEW = 8;
/** How long results may make tasks, and tasks results, before timers and I/O get their turn, in ms. */
const HELD_MS = 2;

/** What a departure must know of the pool. */
export interface Traffic {
  /** Tasks that wait. */
  waiting(): number;
  /** Tasks that workers hold and that are awaited. */
  inFlight(): number;
}

/**
 * When tasks leave: at the end of the microtask in which they were submitted, or after the turn of the event loop when
 * waiting for one another does not matter, or when others have waited long enough for their turn.
 */
export class Departure {
  /** True while tasks wait for those of the same turn. */
  gathers = false;
  /** Time of the first submission since tasks last left. */
  #now = 0;
  readonly #leave: () => void;
  readonly #traffic: Traffic;
  readonly #turn = new Turn();
  #scheduled = false;

  /** `leave` must call `left`. */
  constructor(leave: () => void, traffic: Traffic) {
    this.#leave = leave;
    this.#traffic = traffic;
  }

  /** The time for a task that is submitted now; those of one turn have one. */
  enter(): number {
    if (!this.#scheduled) this.#now = performance.now();
    return this.#now;
  }

  /**
   * There is something to send. It must be where `leave` finds it already, and not be put there next: in Deno the first
   * timer of a program lets microtasks run while it is made.
   */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A quarter of the cost of Deno's `queueMicrotask`.
    Promise.resolve().then(this.#atTheEnd);
  }

  /** There is room for what waits. */
  hasRoom(): void {
    if (this.gathers || this.#traffic.waiting() === 0) return;
    if (this.#isHeld()) this.#gather();
    else this.#leave();
  }

  /** It was sent. */
  left(): void {
    this.#scheduled = this.gathers = false;
  }

  #atTheEnd = () => {
    if (this.gathers) return;
    if (this.#areFew() || this.#isHeld()) this.#gather();
    else this.#leave();
  };

  #areFew(): boolean {
    const waiting = this.#traffic.waiting();
    return waiting > 0 && waiting * FEW < this.#traffic.inFlight() &&
      hasTurns();
  }

  #isHeld(): boolean {
    return this.#traffic.inFlight() > 0 && hasTurns() &&
      this.#turn.isHeld(HELD_MS);
  }

  #gather(): void {
    this.#scheduled = this.gathers = true;
    afterTurn(this.#leave);
  }
}
