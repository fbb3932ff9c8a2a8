import type { Run } from "./run.ts";
import type { RunScope } from "./run_scope.ts";

/** How a host reports promises that were rejected and not awaited. */
export interface Rejections {
  /**
   * From now on, calls `tell` with the reason of each, as part of the code that made the promise. `tell` returns
   * whether it took the rejection, and then the host reports it nowhere else. Returns a function that ends this.
   */
  observe(tell: (reason: unknown) => boolean): () => void;
  /** Resolves when the host has reported those that were rejected before. */
  told(): Promise<void>;
}

/**
 * Lets functions fail by promises that they reject and do not await, as on Convex. Elsewhere than in a function such a
 * promise ends the process on most hosts, and with it every other call.
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

  /** Lets the host's event loop have a turn. Throws what a run has rejected until then without awaiting it. */
  async settle(run: Run): Promise<void> {
    await this.#rejections.told();
    const stray = this.#reasons.get(run);
    if (stray) throw stray.reason;
  }

  /** Watches no more. */
  stop(): void {
    this.#end();
  }
}
