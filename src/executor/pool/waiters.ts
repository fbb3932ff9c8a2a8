interface Waiter {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Callers who wait for the same thing. */
export class Waiters {
  #all: Waiter[] = [];

  /** Number of waiting callers. */
  get size(): number {
    return this.#all.length;
  }

  /** Waits until `resolve` or `reject` is called. */
  wait(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#all.push({ resolve, reject })
    );
  }

  /** Lets all callers continue. */
  resolve(): void {
    for (const { resolve } of this.#take()) resolve();
  }

  /** Fails all callers. */
  reject(error: unknown): void {
    for (const { reject } of this.#take()) reject(error);
  }

  #take(): Waiter[] {
    const all = this.#all;
    this.#all = [];
    return all;
  }
}
