import { unlessAborted } from "./deadline.ts";

/** Runs work of one key one after another, in the order in which it was handed in. */
export class OrderedCalls {
  readonly #latest = new Map<string, Promise<unknown>>();

  /** Runs `work` when everything handed in before under the key has settled; rejects early with the signal's reason. */
  run<T>(
    key: string | undefined,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    if (key === undefined) return work();
    const earlier = this.#latest.get(key);
    const result = earlier === undefined
      ? work()
      : unlessAborted(earlier, signal).then(work);
    // Who gave up waiting must not let later ones overtake those before it.
    const done = Promise.allSettled([earlier, result]).then(() => {
      if (this.#latest.get(key) === done) this.#latest.delete(key);
    });
    this.#latest.set(key, done);
    return result;
  }
}
