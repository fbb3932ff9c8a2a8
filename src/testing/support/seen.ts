/** Collects the values that a callback receives. */
export class Seen<T> {
  /** Everything, in order. */
  readonly all: T[] = [];
  readonly #waiting: { test: (value: T) => boolean; resolve: () => void }[] =
    [];

  /** The callback. */
  readonly add = (value: T): void => {
    this.all.push(value);
    for (const entry of [...this.#waiting]) {
      if (!entry.test(value)) continue;
      this.#waiting.splice(this.#waiting.indexOf(entry), 1);
      entry.resolve();
    }
  };

  /** The latest. */
  get last(): T | undefined {
    return this.all.at(-1);
  }

  /** Resolves when the latest value passes a test. */
  until(test: (value: T) => boolean): Promise<void> {
    if (this.all.length > 0 && test(this.last!)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ test, resolve }));
  }
}
