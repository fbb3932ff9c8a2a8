/** Lets callers of one key go one after the other, as far as that can be had for a short wait. */
import { within } from "../calls/deadline.ts";

interface Turn {
  /** Resolves when its work begins. */
  begun: Promise<void>;
  /** Resolves when its work is over. */
  over: Promise<void>;
  begin(): void;
  end(): void;
}

function newTurn(): Turn {
  let begin!: () => void, end!: () => void;
  const begun = new Promise<void>((resolve) => begin = resolve);
  const over = new Promise<void>((resolve) => end = resolve);
  return { begun, over, begin, end };
}

/**
 * For work that is right in any order and faster in turn, such as compare-and-set: those who would only disturb each
 * other queue up. Nobody waits for ever: who holds the turn for `maxWaitMs` is not waited for any longer, so work that
 * calls itself does not lock itself out.
 */
export class KeyedQueue {
  readonly #last = new Map<string, Turn>();
  readonly #maxWaitMs: number;

  /** `maxWaitMs` is how long a caller waits for the one before it, from the time that its work began. */
  constructor(maxWaitMs: number) {
    this.#maxWaitMs = maxWaitMs;
  }

  /** Runs `work` when those who came earlier for the key are done, or have taken too long. */
  async run<Result>(
    key: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const before = this.#last.get(key);
    const mine = newTurn();
    this.#last.set(key, mine);
    try {
      if (before !== undefined) {
        await before.begun;
        // Who takes too long is not waited for.
        await within({ timeoutMs: this.#maxWaitMs }, () => before.over)
          .catch(() => {});
      }
      mine.begin();
      return await work();
    } finally {
      mine.end();
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
