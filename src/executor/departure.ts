import { afterTurn, hasTurns } from "./timer.ts";

/** Tasks leave with those of the whole turn when so many times more are on their way. */
export const FEW = 8;

/**
 * When tasks leave: at the end of the microtask in which they were submitted, or after the turn of the event loop when
 * waiting for one another does not matter.
 */
export class Departure {
  /** True while tasks wait for those of the same turn. */
  gathers = false;
  /** Time of the first submission since tasks last left. */
  #now = 0;
  readonly #leave: () => void;
  readonly #mayGather: () => boolean;
  #scheduled = false;

  /** `leave` must call `left`. */
  constructor(leave: () => void, mayGather: () => boolean) {
    this.#leave = leave;
    this.#mayGather = mayGather;
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

  #atTheEnd = () => {
    this.gathers = this.#mayGather() && hasTurns();
    if (!this.gathers) this.#leave();
    else afterTurn(this.#leave);
  };

  /** It was sent. */
  left(): void {
    this.#scheduled = this.gathers = false;
  }
}
