/** A document found. */
export interface Match {
  /** Its id. */
  id: string;
  /** Its score. */
  score: number;
}

/** The best of many matches: higher score first, equal scores newest first. A heap whose root is the worst kept. */
export class TopMatches {
  readonly #size: number;
  readonly #heap: Match[] = [];

  /** Keeps `size` matches at most. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Takes a match in when it is among the best so far. */
  offer(id: string, score: number): void {
    const heap = this.#heap;
    if (heap.length < this.#size) {
      heap.push({ id, score });
      this.#rise(heap.length - 1);
    } else if (heap.length > 0 && isBetter(id, score, heap[0]!)) {
      heap[0] = { id, score };
      this.#sink();
    }
  }

  /** The matches kept, best first. */
  sorted(): Match[] {
    return this.#heap.toSorted((a, b) => isBetter(a.id, a.score, b) ? -1 : 1);
  }

  #rise(at: number): void {
    const heap = this.#heap;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBetter(heap[parent]!.id, heap[parent]!.score, heap[at]!)) return;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    let at = 0;
    while (true) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        const other = heap[child];
        if (other && isBetter(heap[worst]!.id, heap[worst]!.score, other)) {
          worst = child;
        }
      }
      if (worst === at) return;
      [heap[worst], heap[at]] = [heap[at]!, heap[worst]!];
      at = worst;
    }
  }
}

/** Ids begin with the creation time, so the greater id is the newer document. */
function isBetter(id: string, score: number, than: Match): boolean {
  return score > than.score || (score === than.score && id > than.id);
}
