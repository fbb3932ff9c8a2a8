import { SortedRun } from "./sorted_run.ts";

/** Most keys of a chunk before it is split in two. */
const MAX_CHUNK_KEYS = 512;
/** Neighbouring chunks with at most so many keys together are merged. */
const MERGE_KEYS = 128;
/** Up to so many new keys are inserted one by one; more are merged in one pass. */
const MAX_SINGLE_KEYS = 32;
/**
 * Most new keys left unsorted, so that no iteration waits long for sorting; or so many for each chunk, if that is more:
 * as merging visits all chunks, the time for a million keys would otherwise grow with the square of their number.
 */
const MAX_NEW_KEYS = 8192;
const NEW_KEYS_PER_CHUNK = 16;

/** See `SyncStore.visit`. */
export type Visit = (
  keys: readonly string[],
  notes: unknown[],
  from: number,
  to: number,
) => boolean;

/**
 * A sorted set of strings in chunks. New keys are kept aside until an iteration or a removal needs the order, so that
 * writing alone does not pay for it, and many keys are sorted and merged together.
 */
export class SortedPart {
  #chunks: SortedRun[] = [];
  /** First key of each chunk. */
  #firsts = new SortedRun([]);
  #newKeys: string[] = [];
  #version = 0;

  /** Adds a key, if it is not in the set. */
  add(key: string): void {
    this.#version++;
    const count = this.#newKeys.push(key);
    if (
      count > MAX_NEW_KEYS && count > NEW_KEYS_PER_CHUNK * this.#chunks.length
    ) this.#settle();
  }

  /** Removes a key, if it is in the set. */
  remove(key: string): void {
    this.#settle();
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const index = chunk.lowerBound(key);
    if (chunk.keys[index] !== key) return;
    this.#version++;
    this.#removeAt(at, index);
  }

  /** Whether a key is in the set. */
  has(key: string): boolean {
    this.#settle();
    const chunk = this.#chunks[this.#chunkOf(key)];
    return chunk !== undefined && chunk.keys[chunk.lowerBound(key)] === key;
  }

  /** Iterates ascending; see `SortedKeys`. */
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
        index = this.#chunks[at]?.lowerBound(from) ?? 0;
      }
      let keys = this.#chunks[at]?.keys;
      while (keys !== undefined && index === keys.length) {
        keys = this.#chunks[++at]?.keys;
        index = 0;
      }
      const key = keys?.[index];
      if (key === undefined || end !== undefined && key >= end) {
        return undefined;
      }
      index++;
      last = key;
      return key;
    };
  }

  /** Iterates descending; see `SortedKeys`. */
  descending(start: string, end: string | undefined): () => string | undefined {
    let before = end;
    let version = -1;
    let at = 0;
    let index = 0;
    return () => {
      if (version !== this.#version) {
        version = this.#version;
        this.#settle();
        [at, index] = this.#placeBefore(before);
      }
      const chunks = this.#chunks;
      // No chunk is empty, so the previous one has a last key.
      if (index === 0) index = chunks[--at]?.keys.length ?? 0;
      const key = chunks[at]?.keys[index - 1];
      if (key === undefined || key < start) return undefined;
      index--;
      before = key;
      return key;
    };
  }

  /**
   * Passes at most `limit` keys from `start` to before `end` to `visit`, the largest first if `reverse`, until it
   * returns false. Cheaper than iterating, but the set must not change meanwhile.
   */
  visit(
    start: string,
    end: string | undefined,
    reverse: boolean,
    limit: number,
    visit: Visit,
  ): void {
    this.#settle();
    if (reverse) this.#visitDown(start, end, limit, visit);
    else this.#visitUp(start, end, limit, visit);
  }

  // In both directions, bounds are searched for only among the wanted keys, as each comparison is a cache miss.

  #visitUp(
    start: string,
    end: string | undefined,
    limit: number,
    visit: Visit,
  ): void {
    const chunks = this.#chunks;
    let left = limit;
    let at = Math.max(0, this.#chunkOf(start));
    let index = chunks[at]?.lowerBound(start) ?? 0;
    for (; at < chunks.length && left > 0; at++, index = 0) {
      const chunk = chunks[at]!;
      const { keys, notes } = chunk;
      const most = Math.min(keys.length, index + left);
      const to = end === undefined ? most : chunk.lowerBound(end, index, most);
      if (index < to && !visit(keys, notes, index, to)) return;
      if (to < most) return;
      left -= to - index;
    }
  }

  #visitDown(
    start: string,
    end: string | undefined,
    limit: number,
    visit: Visit,
  ): void {
    const chunks = this.#chunks;
    let left = limit;
    let [at, index] = this.#placeBefore(end);
    while (at >= 0 && at < chunks.length && left > 0) {
      const chunk = chunks[at]!;
      const { keys, notes } = chunk;
      const most = Math.max(0, index - left);
      const to = chunk.lowerBound(start, most, index);
      if (to < index && !visit(keys, notes, index - 1, to - 1)) return;
      if (to > most) return;
      left -= index - to;
      index = chunks[--at]?.keys.length ?? 0;
    }
  }

  /** The chunk of the last key below a bound, and the place after that key. */
  #placeBefore(bound: string | undefined): [at: number, index: number] {
    const chunks = this.#chunks;
    const at = bound === undefined ? chunks.length - 1 : this.#chunkOf(bound);
    const chunk = chunks[at];
    if (chunk === undefined) return [at, 0];
    return [
      at,
      bound === undefined ? chunk.keys.length : chunk.lowerBound(bound),
    ];
  }

  /** Puts the new keys into the chunks. */
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
      this.#addChunk(0, new SortedRun([key]));
      return;
    }
    const at = Math.max(0, this.#chunkOf(key));
    const index = chunks[at]!.lowerBound(key);
    if (chunks[at]!.keys[index] !== key) this.#insertAt(at, index, key);
  }

  #insertAt(at: number, index: number, key: string): void {
    const chunks = this.#chunks;
    const chunk = chunks[at]!;
    const size = chunk.keys.length;
    if (size < MAX_CHUNK_KEYS) {
      chunk.insert(index, key);
      if (index === 0) this.#firstChanged(at);
      return;
    }
    if (at === chunks.length - 1 && index === size) {
      // Keys ordered by time usually arrive in ascending order: appending a chunk, instead of splitting, leaves full
      // ones behind.
      this.#addChunk(at + 1, new SortedRun([key]));
      return;
    }
    this.#addChunk(at + 1, chunk.split(MAX_CHUNK_KEYS >> 1));
    const half = chunk.keys.length;
    if (index <= half) this.#insertAt(at, index, key);
    else this.#insertAt(at + 1, index - half, key);
  }

  #removeAt(at: number, index: number): void {
    const chunks = this.#chunks;
    const chunk = chunks[at]!;
    chunk.remove(index);
    const next = chunks[at + 1];
    const size = chunk.keys.length;
    if (size === 0) {
      this.#dropChunk(at);
    } else if (
      next !== undefined && size + next.keys.length <= MERGE_KEYS
    ) {
      chunks[at] = new SortedRun(chunk.keys.concat(next.keys));
      this.#dropChunk(at + 1);
      if (index === 0) this.#firstChanged(at);
    } else if (index === 0) {
      this.#firstChanged(at);
    }
  }

  #addChunk(at: number, chunk: SortedRun): void {
    this.#chunks.splice(at, 0, chunk);
    this.#firsts.insert(at, chunk.keys[0]!);
  }

  #dropChunk(at: number): void {
    this.#chunks.splice(at, 1);
    this.#firsts.remove(at);
  }

  #firstChanged(at: number): void {
    this.#firsts.remove(at);
    this.#firsts.insert(at, this.#chunks[at]!.keys[0]!);
  }

  /** Merges sorted keys into the chunks in one pass over them. */
  #merge(keys: readonly string[]): void {
    const old = this.#chunks;
    this.#chunks = [];
    let from = 0;
    for (let at = 0; at < Math.max(1, old.length); at++) {
      const follower = old[at + 1]?.keys[0];
      let to = from;
      while (
        to < keys.length && (follower === undefined || keys[to]! < follower)
      ) to++;
      const chunk = old[at];
      if (chunk !== undefined && from === to) this.#append(chunk);
      else {
        const merged = mergeRun(chunk?.keys ?? [], keys, from, to);
        for (let start = 0; start < merged.length; start += MAX_CHUNK_KEYS) {
          const end = start + MAX_CHUNK_KEYS;
          this.#append(new SortedRun(merged.slice(start, end)));
        }
      }
      from = to;
    }
    this.#firsts = new SortedRun(this.#chunks.map(({ keys }) => keys[0]!));
  }

  /** Appends a chunk that follows all others, or its keys to the last one. */
  #append(chunk: SortedRun): void {
    const chunks = this.#chunks;
    const last = chunks.at(-1);
    if (
      last === undefined || last.keys.length + chunk.keys.length > MERGE_KEYS
    ) chunks.push(chunk);
    else {
      chunks[chunks.length - 1] = new SortedRun(last.keys.concat(chunk.keys));
    }
  }

  /** Index of the last chunk whose first key is not above the key, or -1. */
  #chunkOf(key: string): number {
    return this.#firsts.floor(key);
  }
}

/** Merges the keys of a chunk and a range of new keys, without duplicates. */
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
