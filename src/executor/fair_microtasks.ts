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
  readonly #turn = new Turn();
  #callbacks: (() => void)[] = [];
  /** Place of the next one. */
  #next = 0;
  /** True while they wait for the event loop's turn. */
  #areLate = false;

  /** Calls back soon. */
  add(callback: () => void): void {
    this.#callbacks.push(callback);
    if (!this.#areLate) queueMicrotask(this.#callNext);
  }

  #callNext = () => {
    if (this.#areLate) return;
    if (this.#canYield && this.#turn.isHeld(HELD_MS)) return this.#yield();
    const callback = this.#callbacks[this.#next++]!;
    if (this.#next === this.#callbacks.length) {
      this.#callbacks = [];
      this.#next = 0;
    }
    callback();
  };

  #yield(): void {
    this.#areLate = true;
    afterMessages(() => {
      this.#areLate = false;
      const count = this.#callbacks.length - this.#next;
      for (let at = 0; at < count; at++) queueMicrotask(this.#callNext);
    });
  }
}
