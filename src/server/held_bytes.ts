/** What one call holds of the memory that all may have. */
export interface Hold {
  /** Takes this many bytes more; returns false, and takes none, where there is no room. */
  add(bytes: number): boolean;
  /** Holds nothing any more. */
  release(): void;
}

/**
 * The memory that what clients have sent may take until it is dealt with: many that are within the bounds of one would
 * end the process otherwise. One that has all to itself is let in whatever its size.
 */
export class HeldBytes {
  readonly #max: number;
  readonly #parent: HeldBytes | undefined;
  #held = 0;

  /** Of `max` bytes, which are also held of a parent that has more clients. */
  constructor(max: number, parent?: HeldBytes) {
    this.#max = max;
    this.#parent = parent;
  }

  /** Begins to hold for one call. */
  begin(): Hold {
    let own = 0;
    return {
      add: (bytes) => {
        if (!this.#take(bytes, own)) return false;
        own += bytes;
        return true;
      },
      release: () => {
        this.#give(own);
        own = 0;
      },
    };
  }

  #take(bytes: number, own: number): boolean {
    if (this.#held > own && this.#held + bytes > this.#max) return false;
    if (this.#parent && !this.#parent.#take(bytes, own)) return false;
    this.#held += bytes;
    return true;
  }

  #give(bytes: number): void {
    this.#held -= bytes;
    if (this.#parent) this.#parent.#give(bytes);
  }
}
