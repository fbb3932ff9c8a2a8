/** The terms that a search for some words looks up: the words, and what begins with the last of them. */
export class WantedTerms {
  readonly #words: ReadonlySet<string>;
  readonly #last: string;

  /** Takes the words of a query, one at least. */
  constructor(words: readonly string[]) {
    this.#words = new Set(words);
    this.#last = words.at(-1)!;
  }

  /** Gives those among different terms with a space between them to `found`, each with its place, in any order. */
  findIn(terms: string, found: (term: string, place: number) => void): void {
    for (const word of this.#words) {
      let place = 0;
      let from = 0;
      for (
        let at = terms.indexOf(word);
        at >= 0;
        at = terms.indexOf(word, at + 1)
      ) {
        if (at > 0 && terms[at - 1] !== " ") continue;
        const end = terms.indexOf(" ", at);
        const term = terms.slice(at, end < 0 ? undefined : end);
        // One that only begins like the last word may be a word as well, which finds it itself.
        if (
          term !== word && (word !== this.#last || this.#words.has(term))
        ) continue;
        for (; from < at; from++) if (terms[from] === " ") place++;
        found(term, place);
      }
    }
  }
}
