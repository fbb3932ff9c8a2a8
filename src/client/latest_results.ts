/** A result, or an error, that was not read yet. */
type Latest<Result> = { value: Result } | { error: unknown } | undefined;

/** The results of a watched query as an iterator that keeps the latest one: there is one place, not a queue. */
export class LatestResults<Result> implements AsyncIterator<Result> {
  readonly #stop: () => void;
  #latest: Latest<Result>;
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
  next(): Promise<IteratorResult<Result>> {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#serve();
    });
  }

  /** Stops following the query. */
  return(): Promise<IteratorResult<Result>> {
    this.#latest = undefined;
    this.#end();
    return this.next();
  }

  #offer(latest: Latest<Result>): void {
    if (this.#isOver) return;
    this.#latest = latest;
    this.#serve();
  }

  /** Ends it, `last` with an error that the next reader gets, whatever was not read. */
  #end(last: Latest<Result> = this.#latest): void {
    if (this.#isOver) return;
    this.#latest = last;
    this.#isOver = true;
    this.#stop();
    this.#serve();
  }

  /** Gives the first reader the latest result, or all of them the end. */
  #serve(): void {
    for (const { resolve, reject } of this.#readers.splice(0)) {
      const latest = this.#latest;
      this.#latest = undefined;
      if (!latest) {
        if (this.#isOver) resolve({ value: undefined, done: true });
        else this.#readers.push({ resolve, reject });
      } else if ("value" in latest) {
        resolve({ value: latest.value, done: false });
      } else {
        this.#end();
        reject(latest.error);
      }
    }
  }
}
