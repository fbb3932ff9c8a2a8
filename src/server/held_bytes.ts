/** Memory reserved for one call. */
export interface Hold {
  /**
   * Reserves more bytes. Returns false, and reserves none, if there is no room. Reserves none after `release`, when
   * nobody would release them.
   */
  add(bytes: number): boolean;
  /** Releases all of it, for good. */
  release(): void;
}

/**
 * Limits the memory for messages of clients until they are processed: many calls that are each within their limit could
 * otherwise exhaust the process. A call that is alone is admitted whatever its size.
 */
export class HeldBytes {
  readonly #max: number;
  readonly #parent: HeldBytes | undefined;
  #held = 0;

  /** Allows `max` bytes, which are also reserved from a parent that is shared by more clients. */
  constructor(max: number, parent?: HeldBytes) {
    this.#max = max;
    this.#parent = parent;
  }

  /** Begins a reservation for one call. */
  begin(): Hold {
    let own = 0;
    let isOver = false;
    return {
      add: (bytes) => {
        if (isOver) return true;
        if (!this.#take(bytes, own)) return false;
        own += bytes;
        return true;
      },
      release: () => {
        isOver = true;
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
