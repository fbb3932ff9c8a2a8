/** Issues the calls of one key in the order in which they were made, although each may need time to prepare. */
export class CallOrder {
  /** For each key with calls that wait: resolves when the latest of them has been issued. */
  readonly #latest = new Map<string, Promise<void>>();

  /**
   * Calls `issue` with what was prepared once every earlier call of the key has been issued; in the same tick if there
   * is nothing to wait for. A call whose preparation fails does not block later ones.
   */
  run<Prepared, Result>(
    key: string,
    prepared: Prepared | Promise<Prepared>,
    issue: (prepared: Prepared) => Promise<Result>,
  ): Promise<Result> {
    const earlier = this.#latest.get(key);
    return earlier === undefined && !(prepared instanceof Promise)
      ? issue(prepared)
      : this.#later(key, earlier, prepared, issue);
  }

  async #later<Prepared, Result>(
    key: string,
    earlier: Promise<void> | undefined,
    prepared: Prepared | Promise<Prepared>,
    issue: (prepared: Prepared) => Promise<Result>,
  ): Promise<Result> {
    let release = () => {};
    const issued = new Promise<void>((resolve) => release = resolve);
    this.#latest.set(key, issued);
    let result: Promise<Result>;
    try {
      const [ready] = await Promise.allSettled([prepared, earlier]);
      if (ready.status === "rejected") throw ready.reason;
      result = issue(ready.value);
    } finally {
      release();
      if (this.#latest.get(key) === issued) this.#latest.delete(key);
    }
    return result;
  }
}
