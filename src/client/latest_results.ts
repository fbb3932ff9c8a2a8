/** The results of a watched query as an iterator that keeps the latest one: there is one place, not a queue. */
export class LatestResults<Result> implements AsyncIterator<Result> {
  readonly #stop: () => void;
  #latest: { value: Result } | { error: unknown } | undefined;
  #isOver = false;
  #readers: {
    resolve(result: IteratorResult<Result>): void;
    reject(error: unknown): void;
  }[] = [];

  /** `start` begins to follow and says how to stop. */
  constructor(
    start: (
      onValue: (value: Result) => void,
      onError: (error: unknown) => void,
      onEnd: (last?: { error: unknown }) => void,
    ) => () => void,
  ) {
    this.#stop = start(
      (value) => this.#offer({ value }),
      (error) => this.#offer({ error }),
      (last) => this.#end(last),
    );
  }

  /**
   * The latest result that was not read yet, as soon as there is one. Rejects, and ends, when the query fails; ends when
   * the client is closed.
   */
  async next(): Promise<IteratorResult<Result>> {
    const latest = this.#latest;
    this.#latest = undefined;
    if (latest) {
      if ("value" in latest) return { value: latest.value, done: false };
      this.#end();
      throw latest.error;
    }
    if (this.#isOver) return { value: undefined, done: true };
    return await new Promise((resolve, reject) =>
      this.#readers.push({ resolve, reject })
    );
  }

  /** Stops following the query. */
  // deno-lint-ignore require-await -- an iterator's method gives a promise
  async return(): Promise<IteratorResult<Result>> {
    this.#latest = undefined;
    this.#end();
    return { value: undefined, done: true };
  }

  #offer(latest: { value: Result } | { error: unknown }): void {
    if (this.#isOver) return;
    const reader = this.#readers.shift();
    if (!reader) {
      this.#latest = latest;
    } else if ("value" in latest) {
      reader.resolve({ value: latest.value, done: false });
    } else {
      this.#end();
      reader.reject(latest.error);
    }
  }

  /** Ends it, `last` with an error that the next reader gets, whatever was not read. */
  #end(last?: { error: unknown }): void {
    if (this.#isOver) return;
    if (last) this.#offer(last);
    this.#isOver = true;
    this.#stop();
    for (const reader of this.#readers.splice(0)) {
      reader.resolve({ value: undefined, done: true });
    }
  }
}
