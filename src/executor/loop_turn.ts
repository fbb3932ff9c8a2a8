import { afterMessages, hasTurns } from "./timer.ts";

/** How long work may hold the event loop before timers and I/O get their turn, in ms. */
export const HELD_MS = 8;

/** Tells for how long the event loop has been held since its last turn. */
export class LoopTurn {
  /** Workers of the edge have a clock that stands still while they compute, and no turn but a timer's. */
  readonly canYield: boolean = hasTurns() || "document" in globalThis ||
    "DedicatedWorkerGlobalScope" in globalThis;
  #begunMs: number | undefined;

  /** True when it has been held for so long, counted from the first time that this was asked. */
  isHeld(ms: number): boolean {
    const now = performance.now();
    if (this.#begunMs !== undefined) return now - this.#begunMs >= ms;
    this.#begunMs = now;
    afterMessages(() => this.#begunMs = undefined);
    return false;
  }

  /** Resolves when the loop has had its turn; undefined while it is not held for long. */
  due(): Promise<void> | undefined {
    if (!this.canYield || !this.isHeld(HELD_MS)) return undefined;
    return new Promise((resolve) => afterMessages(resolve));
  }
}
