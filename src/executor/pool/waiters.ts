interface Waiter {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Callers who wait for the same thing. */
export class Waiters {
  #all: Waiter[] = [];

  /** How many there are. */
  get size(): number {
    return this.#all.length;
  }

  /** Adds one. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#all.push({ resolve, reject })
    );
  }

  /** What was waited for has happened. */
  resolve(): void {
    for (const { resolve } of this.#take()) resolve();
  }

  /** It will not come. */
  reject(error: unknown): void {
    for (const { reject } of this.#take()) reject(error);
  }

  #take(): Waiter[] {
    const all = this.#all;
    this.#all = [];
    return all;
  }
}
