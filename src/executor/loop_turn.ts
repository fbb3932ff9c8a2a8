import { afterMessages, hasTurns } from "./timer.ts";

/** How long work may hold the event loop before timers and I/O get their turn, in ms. */
export const HELD_MS = 8;

/** Measures how long the event loop has been held since its last turn. */
export class LoopTurn {
  /**
   * False on edge hosts such as workerd: their clock stands still while code computes, and only a timer yields there.
   */
  readonly canYield: boolean = hasTurns() || "document" in globalThis ||
    "DedicatedWorkerGlobalScope" in globalThis;
  #begunMs: number | undefined;

  /** True when the loop has been held for `ms`, counted from the first call since its last turn. */
  isHeld(ms: number): boolean {
    const now = performance.now();
    if (this.#begunMs !== undefined) return now - this.#begunMs >= ms;
    this.#begunMs = now;
    afterMessages(() => this.#begunMs = undefined);
    return false;
  }

  /**
   * Resolves when the loop has had its turn; undefined when it has not been held for long, so there is no need to wait.
   */
  due(): Promise<void> | undefined {
    if (!this.canYield || !this.isHeld(HELD_MS)) return undefined;
    return new Promise((resolve) => afterMessages(resolve));
  }
}
