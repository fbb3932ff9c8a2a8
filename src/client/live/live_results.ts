/**
 * The results of a watched query, as an iterator. A slow reader gets the latest result and never an outdated one. The
 * iterator rejects, and ends, if the query fails, and ends when the client is closed.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * await using client = AsyncConvexClient.embedded();
 * const pens = client.watch("mutable:get", { namespace: "stock", key: "pens" });
 * const { value, done } = await pens.next();
 * assertEquals([value, done], [null, false]);
 * await pens.return(); // stops watching, as leaving a `for await` does
 * ```
 */
export class LiveResults<Result>
  implements AsyncIterableIterator<Result>, AsyncDisposable {
  readonly #results: Promise<AsyncIterator<Result>>;

  /** Made by `AsyncConvexClient.watch`. */
  constructor(results: Promise<AsyncIterator<Result>>) {
    this.#results = results;
    // The reader gets the error, perhaps later.
    results.catch(() => {});
  }

  /** Resolves with the latest unread result, as soon as there is one. */
  async next(): Promise<IteratorResult<Result>> {
    return await (await this.#results).next();
  }

  /** Stops watching the query. */
  async return(): Promise<IteratorResult<Result>> {
    return await (await this.#results).return!();
  }

  /** The iterator itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Same as {@link return}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
