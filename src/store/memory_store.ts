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

class MemoryStore implements SyncStore {
  readonly capabilities: StoreCapabilities = { durable: false };
  #values = new Map<string, string>();
  #keys = new SortedKeys();
  #closed = false;

  get(key: string): string | undefined {
    this.#checkOpen();
    return this.#values.get(key);
  }

  scan(range: StoreRange): IterableIterator<StoreEntry> {
    this.#checkOpen();
    checkKey(range.start);
    if (range.end !== undefined) checkKey(range.end);
    return this.#scan(range);
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

  *#scan(
    { start, end, reverse, limit = Infinity }: StoreRange,
  ): Generator<StoreEntry> {
    if (limit <= 0) return;
    const keys = reverse
      ? this.#keys.descending(start, end)
      : this.#keys.ascending(start, end);
    let left = limit;
    for (const key of keys) {
      yield { key, value: this.#values.get(key)! };
      if (--left <= 0) return;
      this.#checkOpen();
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
  }
}
