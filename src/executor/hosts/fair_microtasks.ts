import { afterTurn } from "../timer.ts";
import { LoopTurn } from "../loop_turn.ts";

/**
 * Runs callbacks in microtasks, in order, but yields to the event loop when they have held it for long. Otherwise
 * microtasks that create microtasks, such as calls that wait for one another, would delay timers until the last is done.
 */
export class FairMicrotasks {
  readonly #turn = new LoopTurn();
  #callbacks: (() => void)[] = [];
  /** Index of the next callback. */
  #next = 0;
  /** True while they wait for a turn of the event loop. */
  #areLate = false;

  /** Runs a callback soon. */
  add(callback: () => void): void {
    this.#callbacks.push(callback);
    if (!this.#areLate) queueMicrotask(this.#callNext);
  }

  /** Runs a callback after a turn of the event loop in which none was left. */
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
