import { afterMessages } from "./timer.ts";

/** Tells for how long the event loop has been held since its last turn. */
export class Turn {
  #begunMs: number | undefined;

  /** True when it has been held for so long, counted from the first time that this was asked. */
  isHeld(ms: number): boolean {
    const now = performance.now();
    if (this.#begunMs !== undefined) return now - this.#begunMs >= ms;
    this.#begunMs = now;
    afterMessages(() => this.#begunMs = undefined);
    return false;
  }
}
