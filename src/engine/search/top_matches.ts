/** A document found. */
export interface Match {
  /** Its id. */
  id: string;
  /** Its score. */
  score: number;
}

/** The best of many matches: higher score first, equal scores newest first. A heap whose root is the worst kept. */
export class TopMatches {
  /** Matches kept at most. */
  readonly size: number;
  /** Scores and ids of the heap in arrays of their own: a large search mostly compares scores. */
  readonly #scores: number[] = [];
  readonly #ids: string[] = [];

  /** Keeps `size` matches at most. */
  constructor(size: number) {
    this.size = size;
  }

  /** A score below this is not kept. */
  get least(): number {
    return this.#scores.length < this.size
      ? -Infinity
      : this.#scores[0] ?? Infinity;
  }

  /** Keeps a match if it is among the best so far. */
  offer(id: string, score: number): void {
    const count = this.#scores.length;
    if (count < this.size) {
      this.#scores.push(score);
      this.#ids.push(id);
      this.#rise(count, id, score);
    } else if (count > 0 && this.#isWorse(0, id, score)) this.#sink(id, score);
  }

  /** The matches kept, best first. */
  sorted(): Match[] {
    return this.#ids.map((id, at) => ({ id, score: this.#scores[at]! }))
      .sort((a, b) => b.score - a.score || (a.id > b.id ? -1 : 1));
  }

  /**
   * Whether the match at a place is worse. Ids begin with the creation time, so the greater id is the newer document.
   */
  #isWorse(at: number, id: string, score: number): boolean {
    const other = this.#scores[at]!;
    return other < score || (other === score && this.#ids[at]! < id);
  }

  #put(at: number, id: string, score: number): void {
    this.#scores[at] = score;
    this.#ids[at] = id;
  }

  #rise(from: number, id: string, score: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#isWorse(parent, id, score)) break;
      this.#put(at, this.#ids[parent]!, this.#scores[parent]!);
      at = parent;
    }
    this.#put(at, id, score);
  }

  /** Puts a match in place of the root. */
  #sink(id: string, score: number): void {
    const count = this.#scores.length;
    let at = 0;
    while (true) {
      let child = 2 * at + 1;
      if (child >= count) break;
      const right = child + 1;
      if (
        right < count &&
        this.#isWorse(right, this.#ids[child]!, this.#scores[child]!)
      ) child = right;
      if (!this.#isWorse(child, id, score)) break;
      this.#put(at, this.#ids[child]!, this.#scores[child]!);
      at = child;
    }
    this.#put(at, id, score);
  }
}
