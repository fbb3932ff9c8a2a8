import { prefixEnd } from "../values/key.ts";
import { checkOps, checkRange } from "./check_ops.ts";
import { closedError } from "./closed_error.ts";
import { PART_PREFIX_LENGTH, SortedKeys } from "./sorted_keys.ts";
import { SortedPart, type Visit } from "./sorted_part.ts";
import type {
  StoreCapabilities,
  StoreEntry,
  StoreOp,
  StoreRange,
  SyncStore,
} from "./types.ts";

/**
 * Opens an empty store in memory, which ends with `close`. A read costs a hash lookup, a seek a binary search.
 *
 * @example
 * ```ts
 * import { openEngine, openMemoryStore } from "@cortex/memory/embedded";
 *
 * await using engine = openEngine({ modules: {}, store: openMemoryStore() });
 * ```
 */
export function openMemoryStore(): SyncStore {
  return new MemoryStore();
}

/**
 * Keys with a common prefix and their values. Keys with an empty value (rows of an index) are only in the sorted set:
 * putting them into a hash table, too, would be most of the cost of writing them, and most of the memory.
 */
class Part extends SortedPart {
  readonly #values: Map<string, string> = new Map();
  #hasEmpty = false;

  get(key: string): string | undefined {
    const value = this.#values.get(key);
    if (value !== undefined || !this.#hasEmpty) return value;
    return this.has(key) ? "" : undefined;
  }

  /** The value of a key that is in the set. */
  valueIn(key: string): string {
    // Most parts belong to an index: the size check saves hashing the key.
    return this.#values.size === 0 ? "" : this.#values.get(key) ?? "";
  }

  set(key: string, value: string): void {
    const values = this.#values;
    const { size } = values;
    if (value !== "") {
      values.set(key, value);
      if (values.size !== size) this.add(key);
      return;
    }
    this.#hasEmpty = true;
    if (!values.delete(key)) this.add(key);
  }

  delete(key: string): void {
    if (this.#values.delete(key) || this.#hasEmpty) this.remove(key);
  }
}

class MemoryStore implements SyncStore {
  readonly capabilities: StoreCapabilities = { durable: false };
  #keys = newKeys();
  #closed = false;

  get(key: string): string | undefined {
    this.#checkOpen();
    return this.#keys.find(key)?.get(key);
  }

  scan(range: StoreRange): IterableIterator<StoreEntry> {
    this.#checkOpen();
    checkRange(range);
    const { start, end, reverse, limit = Infinity } = range;
    const nextKey = reverse
      ? this.#keys.descending(start, end)
      : this.#keys.ascending(start, end);
    let left = limit;
    const done = { done: true, value: undefined } as const;
    const only = this.#onlyPart(start, end);
    const part = (key: string) => only ?? this.#keys.find(key)!;
    // Not a generator, which would cost more than the seek.
    return {
      next: () => {
        if (left <= 0) return done;
        this.#checkOpen();
        left--;
        const key = nextKey();
        if (key === undefined) {
          left = 0;
          return done;
        }
        return {
          done: false,
          value: { key, value: part(key).valueIn(key) },
        };
      },
      return: () => {
        left = 0;
        return done;
      },
      [Symbol.iterator]() {
        return this;
      },
    };
  }

  visit(range: StoreRange, visit: Visit): boolean {
    this.#checkOpen();
    checkRange(range);
    const { start, end, reverse = false, limit = Infinity } = range;
    const part = this.#onlyPart(start, end);
    if (part === undefined) return false;
    part.visit(start, end, reverse, limit, visit);
    return true;
  }

  write(ops: readonly StoreOp[]): void {
    this.#checkOpen();
    checkOps(ops);
    for (const { key, value } of ops) {
      if (value === undefined) this.#keys.find(key)?.delete(key);
      else this.#keys.partFor(key).set(key, value);
    }
  }

  flush(): void {
    this.#checkOpen();
  }

  close(): void {
    this.#closed = true;
    this.#keys = newKeys();
  }

  /** The part that contains a range; undefined if the range may span several parts. */
  #onlyPart(start: string, end: string | undefined): Part | undefined {
    const name = start.slice(0, PART_PREFIX_LENGTH);
    if (name.length < PART_PREFIX_LENGTH || end === undefined) return undefined;
    return end.startsWith(name) || end === prefixEnd(name)
      ? this.#keys.find(start)
      : undefined;
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
  }
}

function newKeys(): SortedKeys<Part> {
  return new SortedKeys(PART_PREFIX_LENGTH, () => new Part());
}
