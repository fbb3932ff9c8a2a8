/** Counts the operations that an action has started and that have not ended, by Convex's names for them. */
export class Unawaited {
  readonly #counts = new Map<string, number>();

  /** Counts one. Returns a function to call once, when it has ended. */
  add(name: string): () => void {
    this.#count(name, 1);
    return () => this.#count(name, -1);
  }

  /** The warning for an action that ends now; undefined if nothing is in progress. */
  warning(): string | undefined {
    const names = [...this.#counts.keys()].sort();
    if (names.length === 0) return undefined;
    let total = 0;
    for (const count of this.#counts.values()) total += count;
    const operations = total === 1 ? "operation" : "operations";
    return `${total} unawaited ${operations}: [${
      names.join(", ")
    }]. Async operations should be awaited or they might not run. See https://docs.convex.dev/functions/actions#dangling-promises for more information.`;
  }

  #count(name: string, change: number): void {
    const count = (this.#counts.get(name) ?? 0) + change;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}
