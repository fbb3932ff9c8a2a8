import { checkKey, checkOps } from "./check_ops.ts";
import { closedError } from "./closed_error.ts";
import { SortedKeys } from "./sorted_keys.ts";
import type {
  StoreCapabilities,
  StoreEntry,
  StoreOp,
  StoreRange,
  SyncStore,
} from "./types.ts";

/**
 * Opens an empty store that lives in memory and ends with `close`. A read costs a hash lookup, a seek a binary search.
 */
export function openMemoryStore(): SyncStore {
  return new MemoryStore();
}

/** Keys that begin alike lie together: the engine's say by so many characters which table or index they are of. */
const PART_PREFIX_LENGTH = 5;

class MemoryStore implements SyncStore {
  readonly capabilities: StoreCapabilities = { durable: false };
  #values = new Map<string, string>();
  #keys = new SortedKeys(PART_PREFIX_LENGTH);
  #closed = false;

  get(key: string): string | undefined {
    this.#checkOpen();
    return this.#values.get(key);
  }

  scan(range: StoreRange): IterableIterator<StoreEntry> {
    this.#checkOpen();
    checkKey(range.start);
    if (range.end !== undefined) checkKey(range.end);
    const { start, end, reverse, limit = Infinity } = range;
    const nextKey = reverse
      ? this.#keys.descending(start, end)
      : this.#keys.ascending(start, end);
    let left = limit;
    const done = { done: true, value: undefined } as const;
    // Written out: a generator would cost more than the seek.
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
        return { done: false, value: { key, value: this.#values.get(key)! } };
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

  write(ops: readonly StoreOp[]): void {
    this.#checkOpen();
    checkOps(ops);
    for (const { key, value } of ops) {
      if (value === undefined) {
        if (this.#values.delete(key)) this.#keys.remove(key);
      } else {
        const size = this.#values.size;
        this.#values.set(key, value);
        if (this.#values.size !== size) this.#keys.add(key);
      }
    }
  }

  flush(): void {
    this.#checkOpen();
  }

  close(): void {
    this.#closed = true;
    this.#values = new Map();
    this.#keys = new SortedKeys();
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
  }
}
