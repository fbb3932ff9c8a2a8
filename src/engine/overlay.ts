import { SortedKeys } from "../store/sorted_keys.ts";
import type {
  StoreEntry,
  StoreOp,
  StoreRange,
  SyncStore,
} from "../store/types.ts";
import { prefixEnd } from "../values/key.ts";

/**
 * Rows that a transaction has written and not yet committed, over the rows below: the store, or the overlay of the
 * enclosing transaction. Dropping it is a rollback.
 */
export class Overlay {
  readonly #store: SyncStore;
  readonly #parent: Overlay | undefined;
  /** This overlay and those below it, topmost first. */
  readonly #layers: readonly Overlay[];
  /** Undefined stands for a removed row. */
  readonly #rows: Map<string, string | undefined> = new Map();
  readonly #keys: SortedKeys = new SortedKeys();
  /** Keys that no scan has asked for yet: a transaction that only writes never pays for their order. */
  #unsorted: string[] = [];

  /** Lays an empty overlay over the store, or over another overlay of it. */
  constructor(store: SyncStore, parent?: Overlay) {
    this.#store = store;
    this.#parent = parent;
    this.#layers = parent ? [this, ...parent.#layers] : [this];
  }

  /** A row as this transaction sees it. */
  get(key: string): string | undefined {
    for (const layer of this.#layers) {
      const row = layer.#rows.get(key);
      if (row !== undefined || layer.#rows.has(key)) return row;
    }
    return this.#store.get(key);
  }

  /** A row as it was committed. */
  committed(key: string): string | undefined {
    return this.#store.get(key);
  }

  /** Writes a row, or removes it when `value` is undefined. */
  put(key: string, value: string | undefined): void {
    if (!this.#rows.has(key)) this.#unsorted.push(key);
    this.#rows.set(key, value);
  }

  /** True when nothing was written here or below, so that every row comes from the store. */
  isEmpty(): boolean {
    return this.#rows.size === 0 && (this.#parent?.isEmpty() ?? true);
  }

  /**
   * Rows of a range in key order, lazily. Rows written during the iteration appear when they lie beyond its position,
   * removed ones do not: the layers above the store are asked anew at each step.
   */
  *scan(range: StoreRange): IterableIterator<StoreEntry> {
    const { start, end, reverse = false } = range;
    const stored = this.#store.scan(
      this.isEmpty() ? range : { start, end, reverse },
    );
    try {
      let next = stored.next();
      let position = reverse ? end : start;
      while (true) {
        let key = next.done ? undefined : next.value.key;
        for (const layer of this.#layers) {
          if (layer.#rows.size === 0) continue;
          const keys = layer.#sorted();
          const own = reverse
            ? keys.descending(start, position)()
            : keys.ascending(position!, end)();
          if (own === undefined) continue;
          if (key === undefined || (reverse ? own > key : own < key)) key = own;
        }
        if (key === undefined) return;
        const isStored = !next.done && next.value.key === key;
        const value = this.#written(
          key,
          isStored ? next.value.value : undefined,
        );
        if (isStored) next = stored.next();
        // Ascending, the first string after the key; descending, the bound is exclusive as it is.
        position = reverse ? key : key + "\0";
        if (value !== undefined) yield { key, value };
      }
    } finally {
      stored.return?.();
    }
  }

  /** Rows with a prefix that this transaction and those around it have written. */
  changes(prefix: string): Map<string, string | undefined> {
    const changes = this.#parent?.changes(prefix) ??
      new Map<string, string | undefined>();
    if (this.#rows.size === 0) return changes;
    const next = this.#sorted().ascending(prefix, prefixEnd(prefix));
    for (let key = next(); key !== undefined; key = next()) {
      changes.set(key, this.#rows.get(key));
    }
    return changes;
  }

  /** Everything written here, for the store. */
  ops(): StoreOp[] {
    return Array.from(
      this.#rows,
      ([key, value]): StoreOp => value === undefined ? { key } : { key, value },
    );
  }

  /** Hands everything written here to the enclosing overlay. */
  mergeIntoParent(): void {
    for (const [key, value] of this.#rows) this.#parent?.put(key, value);
  }

  #sorted(): SortedKeys {
    for (const key of this.#unsorted) this.#keys.add(key);
    this.#unsorted = [];
    return this.#keys;
  }

  #written(key: string, stored: string | undefined): string | undefined {
    for (const layer of this.#layers) {
      if (layer.#rows.has(key)) return layer.#rows.get(key);
    }
    return stored;
  }
}
