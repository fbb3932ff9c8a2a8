import type { Run } from "./run.ts";
import type { RunScope } from "./run_scope.ts";

/** How a host reports promises that were rejected and not awaited. */
export interface Rejections {
  /**
   * Calls `tell` with the reason of each, in the async context of the code that created the promise. If `tell` returns
   * true, the host must not report the rejection elsewhere. Returns a function that stops this.
   */
  observe(tell: (reason: unknown) => boolean): () => void;
  /** Resolves when the host has reported all earlier rejections. */
  told(): Promise<void>;
}

/**
 * Makes a function fail if a promise that it did not await rejects, as on Convex. Otherwise such a rejection ends the
 * process on most hosts, and with it every other call.
 */
export class StrayRejections {
  readonly #rejections: Rejections;
  readonly #reasons: WeakMap<Run, { reason: unknown }> = new WeakMap();
  readonly #end: () => void;

  /** Watches the functions of a scope. */
  constructor(rejections: Rejections, scope: RunScope) {
    this.#rejections = rejections;
    this.#end = rejections.observe((reason) => {
      const run = scope.current();
      if (!run || !scope.isActive(run)) return false;
      if (!this.#reasons.has(run)) this.#reasons.set(run, { reason });
      return true;
    });
  }

  /** Waits until the host has reported its unhandled rejections, and throws the first one of the run, if any. */
  async settle(run: Run): Promise<void> {
    await this.#rejections.told();
    const stray = this.#reasons.get(run);
    if (stray) throw stray.reason;
  }

  /** Stops watching. */
  stop(): void {
    this.#end();
  }
}
