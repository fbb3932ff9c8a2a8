/** Runs tasks with the same key one after another, unless one takes too long. */
import { within } from "../calls/deadline.ts";

/**
 * For tasks that are correct in any order but faster in turn, such as compare-and-set, where concurrent attempts only
 * make each other fail. A task waits at most `maxWaitMs` for the one before it, so a task that queues another one under
 * its own key does not deadlock.
 */
export class KeyedQueue {
  /** The last task of each key: resolves when it starts. */
  readonly #last = new Map<string, Promise<{ done: Promise<unknown> }>>();
  readonly #maxWaitMs: number;

  /** `maxWaitMs` is how long a task waits for the one before it, counted from the start of that one. */
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
      // Ignores a time-out, and a rejection: on Cloudflare, promises of an invocation that has ended reject.
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
