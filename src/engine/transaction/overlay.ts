import type {
  StoreEntry,
  StoreOp,
  StoreRange,
  SyncStore,
} from "../../store/types.ts";
import { prefixEnd } from "../../values/key.ts";
import { CATALOG_KEY, isIndexKey, ROW_PREFIX_LENGTH } from "../keys.ts";
import { OverlayPart as Part } from "./overlay_part.ts";
import type { KeyInterval, ReadSet } from "./read_set.ts";

/**
 * Shared by overlays without writes, such as those of queries: maps of their own would be most of an overlay's cost.
 */
const NO_ROWS: Map<string, string | undefined> = new Map();
const NO_PARTS: Map<string, Part> = new Map();

/** A reading of rows does not grow beyond so many. */
const MOST_ROWS = 1024;
/** Most rows of an index that are read as one batch: for readers that want more, they are read one by one. */
const MAX_VISITED_ROWS = 64;

/**
 * Rows that a transaction has written and not yet committed, over the rows below: the store, or the overlay of the
 * enclosing transaction. Dropping it is a rollback.
 */
export class Overlay {
  readonly #store: SyncStore;
  readonly #parent: Overlay | undefined;
  /** This overlay and those below it, topmost first. */
  readonly #layers: readonly Overlay[];
  /** Undefined marks a removed row. */
  #rows: Map<string, string | undefined> = NO_ROWS;
  /** Keys by table or index. */
  #parts: Map<string, Part> = NO_PARTS;
  readonly #reads: ReadSet | undefined;

  /** Lays an empty overlay over the store, or over another overlay of it. Reads are recorded in `reads`. */
  constructor(store: SyncStore, parent?: Overlay, reads?: ReadSet) {
    this.#store = store;
    this.#parent = parent;
    this.#reads = parent ? parent.#reads : reads;
    this.#layers = parent ? [this, ...parent.#layers] : [this];
  }

  /** A row as this transaction sees it. */
  get(key: string): string | undefined {
    this.#reads?.addKey(key);
    for (const layer of this.#layers) {
      const rows = layer.#rows;
      // Skipping empty layers, as those of queries, saves hashing the key, a good part of the cost of a lookup.
      if (rows.size === 0) continue;
      const row = rows.get(key);
      if (row !== undefined || rows.has(key)) return row;
    }
    return this.#store.get(key);
  }

  /**
   * The row of a document as this transaction, or one around it, has written it: null if removed, undefined if not
   * written. Recorded as read in any case.
   */
  written(prefix: string, id: string): string | null | undefined {
    this.#reads?.addKey(prefix + id);
    for (const layer of this.#layers) {
      // Most layers have written nothing to the table; skipping them saves hashing the longer key.
      if (layer.#parts.size === 0 || !layer.#parts.has(prefix)) continue;
      const row = layer.#rows.get(prefix + id);
      if (row !== undefined) return row;
      if (layer.#rows.has(prefix + id)) return null;
    }
    return undefined;
  }

  /**
   * Whether reads are not recorded and nothing was written to the documents of a table, and hence nothing to its
   * indexes.
   */
  isPlain(prefix: string): boolean {
    return this.#reads === undefined && !this.hasWritten(prefix);
  }

  /** Whether this transaction, or one around it, has written to a table or index. */
  hasWritten(prefix: string): boolean {
    return this.#layers.some((layer) => layer.#parts.has(prefix));
  }

  /** Records all rows of a table or index as read. */
  noteWhole(prefix: string): void {
    this.#reads?.addInterval({ start: prefix, end: prefixEnd(prefix) });
  }

  /** Records a look-up of a table that does not exist. */
  noteMissingTable(): void {
    this.#reads?.addKey(CATALOG_KEY);
  }

  /** A row as it was committed. */
  committed(key: string): string | undefined {
    return this.#store.get(key);
  }

  /** Writes a row, or removes it when `value` is undefined. */
  put(key: string, value: string | undefined): void {
    this.#beginWriting();
    const rows = this.#rows;
    const size = rows.size;
    rows.set(key, value);
    // Rows that are written again are mostly removed ones of an index.
    if (rows.size === size && value === undefined) return;
    const name = key.slice(0, ROW_PREFIX_LENGTH);
    const part = this.#parts.get(name);
    if (part === undefined) this.#parts.set(name, new Part([key]));
    else {
      if (value !== undefined) part.noteRow(key);
      if (rows.size !== size) part.keys.push(key);
    }
  }

  /** True when nothing was written here or below, so that every row comes from the store. */
  isEmpty(): boolean {
    return this.#rows.size === 0 && (this.#parent?.isEmpty() ?? true);
  }

  /**
   * Rows of a range of one table or index in key order, lazily. Follows writes made during the iteration beyond its
   * position, as it consults the layers above the store at each step.
   */
  scan(range: StoreRange): IterableIterator<StoreEntry> {
    const { reverse = false } = range;
    const name = range.start.slice(0, ROW_PREFIX_LENGTH);
    const layers = this.#layers;
    let { start, end } = range;
    let stored: StoredRows | undefined;
    let last: string | undefined;
    // Ascending, the first string after the last key; descending, the key itself, as the bound is exclusive.
    const position = () =>
      last === undefined ? reverse ? end : start : reverse ? last : last + "\0";
    const restAfter = (from: string | undefined): StoreRange =>
      from === undefined
        ? { start, end, reverse }
        : reverse
        ? { start, end: from, reverse }
        : { start: `${from}\0`, end };
    let isOver = false;
    const { noteRow, noteEnd } = this.#noted(range);
    const next = (): IteratorResult<StoreEntry> => {
      const part = this.#topmost(name);
      // What the transaction has removed is passed over at once the next time.
      const rest = part?.hasGap === true ? restAfter(last) : undefined;
      const known = rest && part!.withRows(rest);
      const from = last;
      if (known !== undefined) {
        ({ start, end } = known);
        last = stored = undefined;
      }
      let skipped = 0;
      while (!isOver) {
        stored ??= new StoredRows(this.#store, { ...range, start, end });
        const step = stored.peek(position);
        const ahead = step?.value;
        let key = ahead?.key;
        for (const layer of layers) {
          if (part === undefined) break;
          const written = layer.#parts.get(name);
          if (written === undefined) continue;
          const own = reverse
            ? written.sorted().descending(start, position())()
            : written.sorted().ascending(position()!, end)();
          if (own === undefined) continue;
          if (key === undefined || (reverse ? own > key : own < key)) key = own;
        }
        if (key === undefined) {
          if (skipped > 0) {
            part?.noteRemoved(rest ?? restAfter(from), undefined, skipped);
          }
          noteEnd?.();
          break;
        }
        noteRow?.(key);
        last = key;
        const isStored = ahead?.key === key;
        if (isStored) stored.take();
        if (part === undefined) return step!;
        const value = this.#written(key, isStored ? ahead!.value : undefined);
        if (value !== undefined) {
          if (skipped > 0) {
            part.noteRemoved(rest ?? restAfter(from), key, skipped);
          }
          return { done: false, value: { key, value } };
        }
        skipped++;
      }
      return { done: true, value: undefined };
    };
    // Not a generator, which would cost more than the seek.
    return {
      next,
      return: () => {
        isOver = true;
        return { done: true, value: undefined };
      },
      [Symbol.iterator]() {
        return this;
      },
    };
  }

  /** The keys of a table or index in the topmost layer that has written any. */
  #topmost(name: string): Part | undefined {
    for (const layer of this.#layers) {
      const part = layer.#parts.size === 0 ? undefined : layer.#parts.get(name);
      if (part !== undefined) return part;
    }
    return undefined;
  }

  /** Records an interval only as far as it was read: a query for ten rows must not depend on the eleventh. */
  #noted({ start, end, reverse }: StoreRange): {
    noteRow?(key: string): void;
    noteEnd?(): void;
  } {
    const reads = this.#reads;
    if (!reads) return {};
    let read: KeyInterval | undefined;
    const note = (from: string, to: string | undefined) => {
      if (!read) reads.addInterval(read = { start: from, end: to });
      read.start = from;
      read.end = to;
    };
    return {
      noteRow: (key) => reverse ? note(key, end) : note(start, key + "\0"),
      noteEnd: () => note(start, end),
    };
  }

  /** Rows of a table or index that this transaction and those around it have written. */
  changes(prefix: string): Map<string, string | undefined> {
    const changes = this.#parent?.changes(prefix) ??
      new Map<string, string | undefined>();
    for (const key of this.#parts.get(prefix)?.keys ?? []) {
      changes.set(key, this.#rows.get(key));
    }
    return changes;
  }

  /** Everything written here, for the store. */
  ops(): StoreOp[] {
    const ops: StoreOp[] = [];
    for (const [key, value] of this.#rows) ops.push({ key, value });
    return ops;
  }

  /** Moves everything written here to the enclosing overlay. */
  mergeIntoParent(): void {
    const parent = this.#parent;
    if (parent === undefined) return;
    for (const [name, part] of this.#parts) {
      parent.#take(name, part, this.#rows);
    }
  }

  #take(
    name: string,
    part: Part,
    values: ReadonlyMap<string, string | undefined>,
  ) {
    this.#beginWriting();
    const own = this.#parts.get(name);
    const rows = this.#rows;
    const added: string[] = [];
    for (const key of part.keys) {
      const { size } = rows;
      const value = values.get(key);
      rows.set(key, value);
      if (value !== undefined) own?.noteRow(key);
      if (rows.size !== size) added.push(key);
    }
    if (own === undefined) this.#parts.set(name, new Part(added));
    else for (const key of added) own.keys.push(key);
  }

  #beginWriting(): void {
    if (this.#rows !== NO_ROWS) return;
    this.#rows = new Map();
    this.#parts = new Map();
  }

  #written(key: string, stored: string | undefined): string | undefined {
    for (const layer of this.#layers) {
      const row = layer.#rows.get(key);
      if (row !== undefined || layer.#rows.has(key)) return row;
    }
    return stored;
  }
}

/**
 * Rows of the store, at first as many as `limit`. More are needed only if a layer above has removed some, which is rare, and
 * a query for two rows must not read a page.
 */
class StoredRows {
  readonly #store: SyncStore;
  readonly #range: StoreRange;
  /** Rows of the next reading. It doubles, as a layer above may have removed very many. */
  #limit: number;
  #rows: Iterator<StoreEntry>;
  #left: number;
  #ahead: IteratorYieldResult<StoreEntry> | undefined;
  #isOver = false;

  constructor(store: SyncStore, range: StoreRange) {
    const { limit = Infinity } = range;
    this.#store = store;
    this.#range = range;
    this.#limit = 2 * limit;
    this.#rows = readRows(store, range);
    this.#left = limit;
  }

  /** The next row; `position` says where to continue. */
  peek(
    position: () => string | undefined,
  ): IteratorYieldResult<StoreEntry> | undefined {
    if (this.#ahead !== undefined || this.#isOver) return this.#ahead;
    if (this.#left === 0) {
      const { reverse } = this.#range;
      const limit = this.#limit;
      this.#rows = readRows(this.#store, {
        ...this.#range,
        ...(reverse ? { end: position() } : { start: position()! }),
        limit,
      });
      this.#left = limit;
      this.#limit = Math.min(2 * limit, Math.max(limit, MOST_ROWS));
    }
    const step = this.#rows.next();
    if (step.done) this.#isOver = true;
    else {
      this.#ahead = step;
      this.#left--;
    }
    return this.#ahead;
  }

  /** Moves past the row that `peek` returned. */
  take(): void {
    this.#ahead = undefined;
  }
}

/** Rows of the store. A few of an index, which are keys alone, come from memory where the store has them there. */
function readRows(store: SyncStore, range: StoreRange): Iterator<StoreEntry> {
  const { start, reverse, limit = Infinity } = range;
  if (limit > MAX_VISITED_ROWS || !isIndexKey(start)) return store.scan(range);
  const rows: StoreEntry[] = [];
  const isVisited = store.visit?.(range, (keys, _notes, from, to) => {
    for (let at = from; at !== to; at += reverse ? -1 : 1) {
      rows.push({ key: keys[at]!, value: "" });
    }
    return true;
  });
  return isVisited ? rows.values() : store.scan(range);
}
