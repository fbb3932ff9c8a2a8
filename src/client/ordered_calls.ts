import { unlessAborted } from "./deadline.ts";

/** What was handed in under a key and has not settled. */
interface Line {
  /** Settles when all of it has. */
  all: Promise<unknown>;
  /** Settles when the last that nobody may join has, and what was before it. */
  alone: Promise<unknown> | undefined;
}

/** Runs work of one key one after another, in the order in which it was handed in. */
export class OrderedCalls {
  readonly #lines = new Map<string, Line>();

  /**
   * Runs `work` when everything handed in before under the key has settled; rejects early with the signal's reason.
   * With `isJoint`, work whose order somebody else keeps, it waits for none of its like.
   */
  run<T>(
    key: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
    isJoint: boolean,
  ): Promise<T> {
    const line = this.#lines.get(key);
    const earlier = isJoint ? line?.alone : line?.all;
    const result = earlier === undefined
      ? work()
      // On Cloudflare's runtime it rejects when the invocation that waits for it has ended.
      : unlessAborted(earlier.catch(() => {}), signal).then(work);
    // Who gave up waiting must not let later ones overtake those before it.
    const all = Promise.allSettled([line?.all, result]).then(() => {
      if (this.#lines.get(key)?.all === all) this.#lines.delete(key);
    });
    this.#lines.set(key, { all, alone: isJoint ? line?.alone : all });
    return result;
  }
}
