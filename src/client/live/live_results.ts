/**
 * The results of a watched query as an iterator. A reader that is slow gets the latest result and never one that was
 * overtaken. It rejects, and ends, when the query fails, and ends when the client is closed.
 */
export class LiveResults<Result>
  implements AsyncIterableIterator<Result>, AsyncDisposable {
  readonly #results: Promise<AsyncIterator<Result>>;

  /** Made by `AsyncConvexClient.watch`. */
  constructor(results: Promise<AsyncIterator<Result>>) {
    this.#results = results;
    // Told to the reader, who may come later.
    results.catch(() => {});
  }

  /** The latest result that was not read yet, as soon as there is one. */
  async next(): Promise<IteratorResult<Result>> {
    return await (await this.#results).next();
  }

  /** Stops following the query. */
  async return(): Promise<IteratorResult<Result>> {
    await (await this.#results).return!();
    return { value: undefined, done: true };
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
