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

  /**
   * Walks over the keys from `start` on and below `end`, ascending: each call gives the next one, or undefined at the
   * end. A change made meanwhile is seen when it lies ahead.
   */
  ascending(start: string, end: string | undefined): () => string | undefined {
    let last: string | undefined;
    let version = -1;
    let at = 0;
    let index = 0;
    return () => {
      if (version !== this.#version) {
        version = this.#version;
        const from = last === undefined ? start : last + "\0";
        at = Math.max(0, this.#chunkOf(from));
        index = lowerBound(this.#chunks[at], from);
      }
      let chunk = this.#chunks[at];
      while (chunk !== undefined && index === chunk.length) {
        chunk = this.#chunks[++at];
        index = 0;
      }
      const key = chunk?.[index];
      if (key === undefined || end !== undefined && key >= end) {
        return undefined;
      }
      index++;
      last = key;
      return key;
    };
  }

  /** Walks over the keys below `end` and from `start` on, descending, as {@link SortedKeys.ascending} does. */
  descending(start: string, end: string | undefined): () => string | undefined {
    let before = end;
    let version = -1;
    let at = 0;
    let index = 0;
    return () => {
      const chunks = this.#chunks;
      if (version !== this.#version) {
        version = this.#version;
        at = before === undefined ? chunks.length - 1 : this.#chunkOf(before);
        index = before === undefined
          ? chunks[at]?.length ?? 0
          : lowerBound(chunks[at], before);
      }
      // A chunk is never empty, so the one before has a last key.
      if (index === 0) index = chunks[--at]?.length ?? 0;
      const key = chunks[at]?.[index - 1];
      if (key === undefined || key < start) return undefined;
      index--;
      before = key;
      return key;
    };
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

/** Index of the first key that is not below the given one; 0 where there are no keys. */
function lowerBound(keys: readonly string[] | undefined, key: string): number {
  if (keys === undefined) return 0;
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
