import { afterTurn } from "../timer.ts";
import { Turn } from "../turn.ts";

/**
 * Calls back in microtasks, in order, but lets the event loop have its turn between them when they have held it for
 * long: microtasks that make microtasks, such as calls of which each waits for the one before, else keep every timer
 * waiting until the last is done.
 */
export class FairMicrotasks {
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

  /** Calls back after a turn of the event loop in which none was left. */
  afterAll(callback: () => void): void {
    afterTurn(() => {
      if (this.#callbacks.length === 0) callback();
      else this.afterAll(callback);
    });
  }

  #callNext = (): void => {
    if (this.#areLate) return;
    const turn = this.#turn.due();
    if (turn) return void this.#waitFor(turn);
    const callback = this.#callbacks[this.#next++]!;
    if (this.#next === this.#callbacks.length) {
      this.#callbacks = [];
      this.#next = 0;
    }
    callback();
  };

  async #waitFor(turn: Promise<void>): Promise<void> {
    this.#areLate = true;
    await turn;
    this.#areLate = false;
    const count = this.#callbacks.length - this.#next;
    for (let at = 0; at < count; at++) queueMicrotask(this.#callNext);
  }
}
