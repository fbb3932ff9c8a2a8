/** Runs the callers of one key one after another, as far as a short wait allows. */
import { within } from "../calls/deadline.ts";

/**
 * For work that is right in any order and faster in turn, such as compare-and-set: those who would only disturb each
 * other queue up. Nobody waits for ever: who holds the turn for `maxWaitMs` is not waited for any longer, so work that
 * calls itself does not lock itself out.
 */
export class KeyedQueue {
  /** The last of each key: resolves when its work begins. */
  readonly #last = new Map<string, Promise<{ done: Promise<unknown> }>>();
  readonly #maxWaitMs: number;

  /** `maxWaitMs` is how long a caller waits for the one before it, from the time that its work began. */
  constructor(maxWaitMs: number) {
    this.#maxWaitMs = maxWaitMs;
  }

  /** Runs `work` when earlier work for the key is done, or has taken too long. */
  async run<Result>(
    key: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const before = this.#last.get(key);
    const begun = (async () => {
      // Who takes too long is not waited for, nor whose invocation has ended: on Cloudflare, its promises reject.
      await before?.then(({ done }) =>
        within({ timeoutMs: this.#maxWaitMs }, () => done)
      ).catch(() => {});
      return { done: work() };
    })();
    this.#last.set(key, begun);
    try {
      return await (await begun).done;
    } finally {
      if (this.#last.get(key) === begun) this.#last.delete(key);
    }
  }
}
