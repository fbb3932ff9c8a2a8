/** Keys that a chunk holds at most before it is split in two. */
const MAX_CHUNK_KEYS = 512;
/** Neighbours that hold no more than this together become one chunk. */
const MERGE_KEYS = 128;
/** New keys up to which each is put in its place by itself. */
const MAX_SINGLE_KEYS = 32;
/** New keys that wait to be put in order at most, so that no walk ever waits long for it. */
const MAX_NEW_KEYS = 8192;

/**
 * A sorted set of strings in chunks. New keys are kept aside until a walk or a removal needs the order: whoever only
 * writes pays for none, and many keys are sorted and merged in one go.
 */
export class SortedPart {
  #chunks: string[][] = [];
  #newKeys: string[] = [];
  #version = 0;

  /** Adds a key; one that is in the set stays in it once. */
  add(key: string): void {
    this.#version++;
    if (this.#newKeys.push(key) > MAX_NEW_KEYS) this.#settle();
  }

  /** Removes a key, if it is in the set. */
  remove(key: string): void {
    this.#settle();
    const at = this.#chunkOf(key);
    const index = lowerBound(this.#chunks[at], key);
    if (this.#chunks[at]?.[index] !== key) return;
    this.#version++;
    this.#removeAt(at, index);
  }

  /** Says whether a key is in the set. */
  has(key: string): boolean {
    this.#settle();
    const chunk = this.#chunks[this.#chunkOf(key)];
    return chunk?.[lowerBound(chunk, key)] === key;
  }

  /** Walks over the keys from `start` on and below `end`, ascending; see `SortedKeys`. */
  ascending(start: string, end: string | undefined): () => string | undefined {
    let last: string | undefined;
    let version = -1;
    let at = 0;
    let index = 0;
    return () => {
      if (version !== this.#version) {
        version = this.#version;
        this.#settle();
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

  /** Walks over the keys below `end` and from `start` on, descending; see `SortedKeys`. */
  descending(start: string, end: string | undefined): () => string | undefined {
    let before = end;
    let version = -1;
    let at = 0;
    let index = 0;
    return () => {
      if (version !== this.#version) {
        version = this.#version;
        this.#settle();
        const chunks = this.#chunks;
        at = before === undefined ? chunks.length - 1 : this.#chunkOf(before);
        index = before === undefined
          ? chunks[at]?.length ?? 0
          : lowerBound(chunks[at], before);
      }
      const chunks = this.#chunks;
      // A chunk is never empty, so the one before has a last key.
      if (index === 0) index = chunks[--at]?.length ?? 0;
      const key = chunks[at]?.[index - 1];
      if (key === undefined || key < start) return undefined;
      index--;
      before = key;
      return key;
    };
  }

  /** Brings the chunks up to date. */
  #settle(): void {
    const keys = this.#newKeys;
    if (keys.length === 0) return;
    this.#newKeys = [];
    if (keys.length <= MAX_SINGLE_KEYS) {
      for (const key of keys) this.#insert(key);
    } else {
      this.#merge(keys.sort());
    }
  }

  #insert(key: string): void {
    const chunks = this.#chunks;
    if (chunks.length === 0) {
      chunks.push([key]);
      return;
    }
    const at = Math.max(0, this.#chunkOf(key));
    const index = lowerBound(chunks[at], key);
    if (chunks[at]![index] !== key) this.#insertAt(at, index, key);
  }

  #insertAt(at: number, index: number, key: string): void {
    const chunks = this.#chunks;
    const chunk = chunks[at]!;
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

  #removeAt(at: number, index: number): void {
    const chunks = this.#chunks;
    const chunk = chunks[at]!;
    chunk.splice(index, 1);
    const next = chunks[at + 1];
    if (chunk.length === 0) {
      chunks.splice(at, 1);
    } else if (next !== undefined && chunk.length + next.length <= MERGE_KEYS) {
      chunks.splice(at, 2, chunk.concat(next));
    }
  }

  /** Merges sorted keys into the chunks in one pass over them. */
  #merge(keys: readonly string[]): void {
    const old = this.#chunks;
    this.#chunks = [];
    let from = 0;
    for (let at = 0; at < Math.max(1, old.length); at++) {
      const follower = old[at + 1]?.[0];
      let to = from;
      while (
        to < keys.length && (follower === undefined || keys[to]! < follower)
      ) to++;
      const chunk = old[at] ?? [];
      this.#append(from === to ? chunk : mergeRun(chunk, keys, from, to));
      from = to;
    }
  }

  /** Appends keys that follow all others, in chunks of the right size. */
  #append(keys: string[]): void {
    if (keys.length === 0) return;
    const chunks = this.#chunks;
    const last = chunks.at(-1);
    if (last !== undefined && last.length + keys.length <= MERGE_KEYS) {
      last.push(...keys);
    } else if (keys.length <= MAX_CHUNK_KEYS) {
      chunks.push(keys);
    } else {
      for (let at = 0; at < keys.length; at += MAX_CHUNK_KEYS) {
        chunks.push(keys.slice(at, at + MAX_CHUNK_KEYS));
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

/** The keys of a chunk and those of a run of new ones, in order and each once. */
function mergeRun(
  chunk: readonly string[],
  keys: readonly string[],
  from: number,
  to: number,
): string[] {
  const merged: string[] = [];
  const add = (key: string) => {
    if (merged.at(-1) !== key) merged.push(key);
  };
  for (const key of chunk) {
    while (from < to && keys[from]! < key) add(keys[from++]!);
    add(key);
  }
  while (from < to) add(keys[from++]!);
  return merged;
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
