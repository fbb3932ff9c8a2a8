/** The port below the engine: a synchronous, ordered key-value store with one writer. */

/**
 * One change. Keys and values are strings; every character of a key is below U+0100 (one character is one byte), and
 * keys order by their characters.
 */
export type StoreOp =
  | { /** Sets a key. */ key: string; /** Its new value. */ value: string }
  | {
    /** Removes a key; removing an absent key is allowed. */ key: string;
    value?: undefined;
  };

/** A range of keys, `start` included, `end` excluded. */
export interface StoreRange {
  /** First key that may be returned. */
  start: string;
  /** First key after the range; absent: to the end. */
  end?: string;
  /** Largest key first. Default false. */
  reverse?: boolean;
  /** Most entries. Default: all. */
  limit?: number;
}

/** One key and its value. */
export interface StoreEntry {
  /** The key. */
  key: string;
  /** The value. */
  value: string;
}

/** Entries that were read at once. */
export interface StorePage {
  /** Their keys without the first `skip` characters, in order. */
  tails: string[];
  /** Their values in UTF-8, with one byte between them. */
  values: Uint8Array;
  /** Where each value ends. */
  ends: number[];
}

/** Capabilities of a store. */
export interface StoreCapabilities {
  /** Survives the end of the process. */
  durable: boolean;
  /**
   * Whether the engine should preload what searches need, since reading ahead costs nothing but time. Default false.
   */
  preload?: boolean;
}

/**
 * A synchronous, ordered key-value store, owned by one engine; nothing else writes to it.
 *
 * @example
 * ```ts
 * import { openMemoryStore, openEngine, type SyncStore } from "@cortex/memory/embedded";
 * import { assertEquals } from "@std/assert";
 * import { mutationGeneric } from "convex/server";
 *
 * const add = mutationGeneric((ctx) => ctx.db.insert("tasks", {}));
 * // Passes everything on, and counts what is written.
 * let writes = 0;
 * const memory = openMemoryStore();
 * const store: SyncStore = {
 *   capabilities: memory.capabilities,
 *   get: (key) => memory.get(key),
 *   scan: (range) => memory.scan(range),
 *   write: (ops) => {
 *     writes += ops.length;
 *     memory.write(ops);
 *   },
 *   flush: () => memory.flush(),
 *   close: () => memory.close(),
 * };
 * await using engine = openEngine({ modules: { "tasks.ts": { add } }, store });
 * await engine.mutation("tasks:add");
 * assertEquals(writes > 0, true); // the document, and its index entries
 * ```
 */
export interface SyncStore {
  /** Its capabilities. */
  readonly capabilities: StoreCapabilities;
  /** The value of a key, written or not yet flushed, or undefined. */
  get(key: string): string | undefined;
  /**
   * Yields the entries of a range in key order, lazily: reading ten entries of a million costs ten. An iteration that
   * is open during a write may or may not see it, but never fails.
   */
  scan(range: StoreRange): IterableIterator<StoreEntry>;
  /**
   * Visits the keys of a range in order, some at a time: those in `keys` from index `from` to before `to`, counting
   * down if `reverse` is true. At the same indexes of `notes`, the visitor may leave something for later visits, which
   * may get lost. `visit` must not change the store, and returns false when it has enough. Returns false, with nothing
   * done, for a range it cannot visit. Absent: not supported.
   */
  visit?(
    range: StoreRange,
    visit: (
      keys: readonly string[],
      notes: unknown[],
      from: number,
      to: number,
    ) => boolean,
  ): boolean;
  /**
   * Reads the first entries of a range as bytes, all in memory at once: without an object and a string for each, many
   * entries cost half as much. Undefined: these entries cannot be read this way, for instance because their keys differ
   * in length. Absent: not supported.
   */
  page?(
    range: StoreRange & { limit: number },
    skip: number,
  ): StorePage | undefined;
  /** Applies all changes or none. Visible at once; durable after `flush`. */
  write(ops: readonly StoreOp[]): void;
  /** Makes everything written so far durable. Does nothing for memory. */
  flush(): void;
  /**
   * Overwrites in the file what was removed from the store before the first of a series of calls: each call does a
   * bounded part of the work, and returns true when nothing is left. Absent: there is no file, or the host does not
   * allow it.
   */
  scrub?(): boolean;
  /** Flushes and releases the store; later calls throw `STORE_CLOSED`. */
  close(): void;
}
