/** Lets callers of one key go one after the other, as far as that can be had for a short wait. */
import { within } from "./deadline.ts";

/**
 * For work that is right in any order and faster in turn, such as compare-and-set: those who would only disturb each
 * other queue up. Nobody waits for ever: after `maxWaitMs` a caller goes ahead, so work that calls itself does not lock
 * itself out.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();
  readonly #maxWaitMs: number;

  /** `maxWaitMs` is how long a caller waits for those before it. */
  constructor(maxWaitMs: number) {
    this.#maxWaitMs = maxWaitMs;
  }

  /** Runs `work` when those who came earlier for the key are done, or have taken too long. */
  async run<Result>(
    key: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const before = this.#last.get(key);
    let leave = () => {};
    const mine = new Promise<void>((resolve) => leave = resolve);
    this.#last.set(key, mine);
    try {
      if (before !== undefined) {
        // Who takes too long is not waited for.
        await within({ timeoutMs: this.#maxWaitMs }, () => before)
          .catch(() => {});
      }
      return await work();
    } finally {
      leave();
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
