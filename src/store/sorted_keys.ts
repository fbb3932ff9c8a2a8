import { SortedPart } from "./sorted_part.ts";

/** Stores keep the engine's keys in parts by their first characters, which name a table or an index. */
export const PART_PREFIX_LENGTH = 5;

/**
 * A sorted set of strings, in parts by their first characters. A part is sorted only when it is first iterated, so keys
 * that nobody needs in order cost next to nothing; after that, insertion, removal and seek cost a binary search and a
 * move of at most 512 pointers, about a microsecond up to millions of keys.
 */
export class SortedKeys<Part extends SortedPart = SortedPart> {
  readonly #prefixLength: number;
  readonly #newPart: () => Part;
  readonly #parts: Map<string, Part> = new Map();
  /** Names of the parts: the first characters of their keys. */
  readonly #names: SortedPart = new SortedPart();
  /** The result of the last lookup. */
  #found: { name: string; part: Part } | undefined;

  /**
   * Begins empty. Creates a part by `newPart` for each distinct prefix of so many characters; with 0, a single part.
   */
  constructor(prefixLength: number, newPart: () => Part) {
    this.#prefixLength = prefixLength;
    this.#newPart = newPart;
  }

  /** The part that a key is in, if there is one. */
  find(key: string): Part | undefined {
    const found = this.#found;
    // Successive lookups are mostly in the same part.
    if (found !== undefined && key.startsWith(found.name)) return found.part;
    const name = this.#nameOf(key);
    const part = this.#parts.get(name);
    if (part !== undefined && name.length === this.#prefixLength) {
      this.#found = { name, part };
    }
    return part;
  }

  /** The part that a key belongs to, created if needed. */
  partFor(key: string): Part {
    const name = this.#nameOf(key);
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = this.#newPart();
      this.#parts.set(name, part);
      this.#names.add(name);
    }
    return part;
  }

  /**
   * Iterates over the keys from `start` to before `end`, ascending: each call of the returned function returns the next
   * key, or undefined at the end. Sees changes made ahead of it.
   */
  ascending(start: string, end: string | undefined): () => string | undefined {
    let name = this.#nameOf(start);
    const lastName = end === undefined ? undefined : this.#nameOf(end);
    let next = this.#parts.get(name)?.ascending(start, end);
    return () => {
      while (true) {
        const key = next?.();
        // Keys begin with their part's name, so no part after the one of `end` can contain one.
        if (key !== undefined || name === lastName) return key;
        const follower = this.#names.ascending(name + "\0", undefined)();
        if (
          follower === undefined ||
          lastName !== undefined && follower > lastName
        ) return undefined;
        name = follower;
        next = this.#parts.get(name)!.ascending(start, end);
      }
    };
  }

  /** Like {@link SortedKeys.ascending}, descending. */
  descending(start: string, end: string | undefined): () => string | undefined {
    const firstName = this.#nameOf(start);
    let name = end === undefined ? undefined : this.#nameOf(end);
    let next = name === undefined
      ? undefined
      : this.#parts.get(name)?.descending(start, end);
    return () => {
      while (true) {
        const key = next?.();
        if (key !== undefined || name === firstName) return key;
        const follower = this.#names.descending(firstName, name)();
        if (follower === undefined) return undefined;
        name = follower;
        next = this.#parts.get(name)!.descending(start, end);
      }
    };
  }

  #nameOf(key: string): string {
    return key.slice(0, this.#prefixLength);
  }
}
