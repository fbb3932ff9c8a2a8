/** Keys that a chunk holds at most before it is split in two. */
const MAX_CHUNK_KEYS = 512;
/** Neighbours that hold no more than this together become one chunk. */
const MERGE_KEYS = 128;

/**
 * A sorted set of strings in chunks: insertion, removal and seek cost a binary search and the move of at most 512
 * pointers, so they stay near a microsecond up to millions of keys.
 */
export class SortedKeys {
  readonly #chunks: string[][] = [];
  #version = 0;

  /** Adds a key that is not in the set. */
  add(key: string): void {
    this.#version++;
    const chunks = this.#chunks;
    if (chunks.length === 0) {
      chunks.push([key]);
      return;
    }
    const at = Math.max(0, this.#chunkOf(key));
    const chunk = chunks[at]!;
    const index = lowerBound(chunk, key);
    if (chunk.length < MAX_CHUNK_KEYS) {
      if (index === chunk.length) chunk.push(key);
      else chunk.splice(index, 0, key);
      return;
    }
    if (at === chunks.length - 1 && index === chunk.length) {
      // Ascending insertion is the usual one for time-ordered keys: it leaves full chunks behind.
      chunks.push([key]);
      return;
    }
    const upper = chunk.splice(MAX_CHUNK_KEYS >> 1);
    chunks.splice(at + 1, 0, upper);
    if (index <= chunk.length) chunk.splice(index, 0, key);
    else upper.splice(index - chunk.length, 0, key);
  }

  /** Removes a key that is in the set. */
  remove(key: string): void {
    this.#version++;
    const chunks = this.#chunks;
    const at = this.#chunkOf(key);
    const chunk = chunks[at]!;
    chunk.splice(lowerBound(chunk, key), 1);
    const next = chunks[at + 1];
    if (chunk.length === 0) {
      chunks.splice(at, 1);
    } else if (next !== undefined && chunk.length + next.length <= MERGE_KEYS) {
      chunks.splice(at, 2, chunk.concat(next));
    }
  }

  /** Keys from `start` on and below `end`, ascending. A change made meanwhile is seen when it lies ahead. */
  *ascending(start: string, end: string | undefined): Generator<string> {
    let from = start;
    for (;;) {
      const version = this.#version;
      let at = Math.max(0, this.#chunkOf(from));
      let chunk = this.#chunks[at];
      let index = chunk === undefined ? 0 : lowerBound(chunk, from);
      while (version === this.#version) {
        if (chunk === undefined) return;
        if (index === chunk.length) {
          chunk = this.#chunks[++at];
          index = 0;
          continue;
        }
        const key: string = chunk[index++]!;
        if (end !== undefined && key >= end) return;
        // The first string after the key, should the set change before the next one is asked for.
        from = key;
        yield key;
      }
      from += "\0";
    }
  }

  /** Keys below `end` and from `start` on, descending. A change made meanwhile is seen when it lies ahead. */
  *descending(start: string, end: string | undefined): Generator<string> {
    let before = end;
    for (;;) {
      const version = this.#version;
      let at: number;
      let index: number;
      if (before === undefined) {
        at = this.#chunks.length - 1;
        index = at < 0 ? 0 : this.#chunks[at]!.length;
      } else {
        at = this.#chunkOf(before);
        index = at < 0 ? 0 : lowerBound(this.#chunks[at]!, before);
      }
      while (version === this.#version) {
        if (at < 0) return;
        if (index === 0) {
          at--;
          index = at < 0 ? 0 : this.#chunks[at]!.length;
          continue;
        }
        const key: string = this.#chunks[at]![--index]!;
        if (key < start) return;
        before = key;
        yield key;
      }
    }
  }

  /** Index of the last chunk whose first key is not above the key, or -1. */
  #chunkOf(key: string): number {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (chunks[middle]![0]! <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Index of the first key that is not below the given one. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
