/** Functions that are remembered. */
const MAX_FUNCTIONS = 1000;

/** How long the answers of functions have been lately, so that those of large ones do not share a text. */
export class AnswerSizes {
  readonly #lengths = new Map<string, number>();

  /** Length that an answer of the function may have, in characters; 0 when nothing is known. */
  of(name: string): number {
    return this.#lengths.get(name) ?? 0;
  }

  /** Length that one answer to several functions may have. */
  ofAll(names: readonly string[]): number {
    return names.reduce((length, name) => length + this.of(name), 0);
  }

  /** Notes a text that answered these functions. */
  note(names: readonly string[], length: number): void {
    const each = length / names.length;
    for (const name of names) {
      const before = this.#lengths.get(name);
      // Quick to grow and slow to shrink: a mistake costs time of the event loop, caution a request.
      const now = before === undefined || each > before
        ? each
        : before * 0.8 + each * 0.2;
      this.#lengths.delete(name);
      this.#lengths.set(name, now);
      if (this.#lengths.size <= MAX_FUNCTIONS) continue;
      const [oldest] = this.#lengths.keys();
      this.#lengths.delete(oldest!);
    }
  }
}
