import { afterMessages, hasTurns } from "./timer.ts";
import { Turn } from "./turn.ts";

/** How long callbacks may follow one another before timers and I/O get their turn, in ms. */
const HELD_MS = 8;

/**
 * Calls back in microtasks, in order, but lets the event loop have its turn between them when they have held it for
 * long: microtasks that make microtasks, such as calls of which each waits for the one before, else keep every timer
 * waiting until the last is done.
 */
export class FairMicrotasks {
  /** Workers of the edge have a clock that stands still while they compute, and no turn but a timer's. */
  readonly #canYield = hasTurns() || "document" in globalThis;
  /** Callbacks that wait for the event loop's turn. */
  #late: (() => void)[] | undefined;
  readonly #turn = new Turn();

  /** Calls back soon. */
  add(callback: () => void): void {
    if (this.#late !== undefined) {
      this.#late.push(callback);
      return;
    }
    queueMicrotask(() => {
      if (this.#late !== undefined) this.#late.push(callback);
      else if (this.#canYield && this.#turn.isHeld(HELD_MS)) {
        this.#yield(callback);
      } else callback();
    });
  }

  #yield(callback: () => void): void {
    const late = this.#late = [callback];
    afterMessages(() => {
      this.#late = undefined;
      for (const callback of late) this.add(callback);
    });
  }
}
