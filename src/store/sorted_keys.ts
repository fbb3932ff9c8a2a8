import { SortedPart } from "./sorted_part.ts";

/**
 * A sorted set of strings, in parts by their first characters. A part is put in order when it is first walked over, so
 * keys that nobody asks for in order cost next to nothing; otherwise insertion, removal and seek cost a binary search and
 * the move of at most 512 pointers, and stay near a microsecond up to millions of keys.
 */
export class SortedKeys<Part extends SortedPart = SortedPart> {
  readonly #prefixLength: number;
  readonly #newPart: () => Part;
  readonly #parts: Map<string, Part> = new Map();
  /** Names of the parts: the first characters of their keys. */
  readonly #names: SortedPart = new SortedPart();
  /** The part that was found last. */
  #found: { name: string; part: Part } | undefined;

  /** Begins empty, with a part, made by `newPart`, for each beginning of so many characters; 0: one part. */
  constructor(prefixLength: number, newPart: () => Part) {
    this.#prefixLength = prefixLength;
    this.#newPart = newPart;
  }

  /** The part that a key is in, if there is one. */
  find(key: string): Part | undefined {
    const found = this.#found;
    // Neighbouring look-ups are mostly of one part.
    if (found !== undefined && key.startsWith(found.name)) return found.part;
    const name = this.#nameOf(key);
    const part = this.#parts.get(name);
    if (part !== undefined && name.length === this.#prefixLength) {
      this.#found = { name, part };
    }
    return part;
  }

  /** The part that a key belongs into. */
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
   * Walks over the keys from `start` on and below `end`, ascending: each call gives the next one, or undefined at the
   * end. A change made meanwhile is seen when it lies ahead.
   */
  ascending(start: string, end: string | undefined): () => string | undefined {
    let name = this.#nameOf(start);
    const lastName = end === undefined ? undefined : this.#nameOf(end);
    let next = this.#parts.get(name)?.ascending(start, end);
    return () => {
      while (true) {
        const key = next?.();
        // A part's keys begin with its name, so after the name of the end no part can hold one.
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

  /** Walks over the keys below `end` and from `start` on, descending, as {@link SortedKeys.ascending} does. */
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
