/** Most functions whose sizes are kept. */
const MAX_FUNCTIONS = 1000;

/** How long recent answers of each function were, so that functions with long answers do not share a request. */
export class AnswerSizes {
  readonly #lengths = new Map<string, number>();

  /** Expected length of an answer of the function, in characters; 0 if nothing is known. */
  of(name: string): number {
    return this.#lengths.get(name) ?? 0;
  }

  /** Expected length of one answer to several functions. */
  ofAll(names: readonly string[]): number {
    return names.reduce((length, name) => length + this.of(name), 0);
  }

  /** Records the length of a text that answered these functions. */
  note(names: readonly string[], length: number): void {
    const each = length / names.length;
    for (const name of names) {
      const before = this.#lengths.get(name);
      // Grows at once and shrinks slowly: too low an estimate holds the event loop, too high a one costs only a request.
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
