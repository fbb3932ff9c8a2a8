import { StoreError } from "../errors.ts";
import { checkOps, checkRange, isKey } from "./check_ops.ts";
import { closedError } from "./closed_error.ts";
import { findKeyReader, type KeyReader } from "./key_reader.ts";
import { columnToValue, keyToBytes, valueToColumn } from "./sqlite_codec.ts";
import { toStoreError } from "./sqlite_error.ts";
import { pageSql, scanPages } from "./sqlite_scan.ts";
import type {
  StoreCapabilities,
  StoreEntry,
  StoreOp,
  StoreRange,
  SyncStore,
} from "./types.ts";

/** The part of a Durable Object's `ctx.storage` (with SQLite) that the store uses. */
export interface DurableObjectStorageLike {
  /** Its database. */
  readonly sql: {
    /** Runs a statement. */
    exec(
      query: string,
      ...bindings: (ArrayBuffer | string | number)[]
    ): { toArray(): { [column: string]: unknown }[] };
  };
  /** Runs a function in a transaction: if it throws, none of its writes are kept. */
  transactionSync<Result>(run: () => Result): Result;
}

/** The tables, whose names should not collide with the object's own. */
const TABLE = "cortex_kv";
const FORMAT_TABLE = "cortex_format";
/** Format that this version writes, and the newest that it reads. */
const FORMAT_VERSION = 1;

/**
 * Opens a store in a Durable Object's own database, next to whatever tables the object has. Only that object can open
 * it.
 *
 * `flush` does nothing: the host lets no answer leave the object before writes are durable. To wait for that inside the
 * object, await `ctx.storage.sync()`. A value over the host's limit, 2 MB at Cloudflare, is rejected. There is no
 * `scrub`, as the host controls what happens to deleted bytes. After `ctx.storage.deleteAll()`, an open store throws
 * `STORE_EMPTIED`.
 *
 * @throws {StoreError} `STORE_UNAVAILABLE` for a storage without SQLite, `STORE_VERSION` for data of a newer version of
 * this module, `STORE_OPEN_FAILED` for anything else
 *
 * @example
 * ```ts
 * import { openDurableObjectStore, openEngine } from "@cortex/memory/embedded";
 * import { assertThrows } from "@std/assert";
 *
 * // In a Durable Object's constructor: (ctx, env) => { this.engine = openInside(ctx.storage); }
 * type Storage = Parameters<typeof openDurableObjectStore>[0];
 * const openInside = (storage: Storage) =>
 *   openEngine({ modules: {}, store: openDurableObjectStore(storage) });
 * const withoutSql = {} as Storage; // of a class that is not in `new_sqlite_classes`
 * assertThrows(() => openInside(withoutSql), Error, "new_sqlite_classes");
 * ```
 */
export function openDurableObjectStore(
  storage: DurableObjectStorageLike,
): SyncStore {
  return new DurableObjectStore(storage);
}

class DurableObjectStore implements SyncStore {
  readonly capabilities: StoreCapabilities = { durable: true };
  readonly #storage: DurableObjectStorageLike;
  readonly #keyOf: KeyReader = findKeyReader();
  #closed = false;
  /** Set once its tables were dropped. Final, as the engine's state in memory would not fit new tables. */
  #emptied: StoreError | undefined;

  constructor(storage: DurableObjectStorageLike) {
    if (typeof storage?.sql?.exec !== "function") {
      throw new StoreError(
        "STORE_UNAVAILABLE",
        "This storage has no SQLite: the object's class must be listed in `new_sqlite_classes`",
      );
    }
    this.#storage = storage;
    this.#run(() => storage.transactionSync(() => prepare(storage)));
  }

  get(key: string): string | undefined {
    this.#checkOpen();
    if (!isKey(key)) return undefined;
    const rows = this.#all(`SELECT v FROM ${TABLE} WHERE k = ?`, bytesOf(key));
    return rows.length === 0 ? undefined : columnToValue(columnOf(rows[0]!.v));
  }

  scan(range: StoreRange): IterableIterator<StoreEntry> {
    this.#checkOpen();
    checkRange(range);
    return scanPages(
      range,
      (page) => {
        const bindings: (ArrayBuffer | number)[] = [bytesOf(page.start)];
        if (page.end !== undefined) bindings.push(bytesOf(page.end));
        return this.#all(pageSql(TABLE, page), ...bindings, page.rows)
          .map(({ k, v }) => ({ k: columnOf(k), v: columnOf(v) }));
      },
      this.#keyOf,
      () => this.#checkOpen(),
    );
  }

  write(ops: readonly StoreOp[]): void {
    this.#checkOpen();
    checkOps(ops);
    if (ops.length === 0) return;
    this.#run(() =>
      this.#storage.transactionSync(() => {
        for (const op of ops) this.#apply(op);
      })
    );
  }

  flush(): void {
    this.#checkOpen();
  }

  close(): void {
    this.#closed = true;
  }

  #apply({ key, value }: StoreOp): void {
    const { sql } = this.#storage;
    if (value === undefined) {
      sql.exec(`DELETE FROM ${TABLE} WHERE k = ?`, bytesOf(key));
      return;
    }
    const column = valueToColumn(value);
    sql.exec(
      `REPLACE INTO ${TABLE}(k, v) VALUES(?, ?)`,
      bytesOf(key),
      typeof column === "string" ? column : exactBuffer(column),
    );
  }

  #all(
    query: string,
    ...bindings: (ArrayBuffer | string | number)[]
  ): { [column: string]: unknown }[] {
    return this.#run(() =>
      this.#storage.sql.exec(query, ...bindings).toArray()
    );
  }

  #run<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      if (isTableMissing(error)) throw this.#emptied = emptiedError(error);
      throw toStoreError(error, "the object's storage", {
        code: "STORE_IO_FAILED",
        text: "The database cannot be read or written",
      });
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
    if (this.#emptied) throw this.#emptied;
  }
}

function prepare({ sql }: DurableObjectStorageLike): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS ${FORMAT_TABLE}(version INTEGER)`);
  const version = sql.exec(`SELECT version FROM ${FORMAT_TABLE}`).toArray()[0]
    ?.version;
  if (version === undefined) {
    sql.exec(`INSERT INTO ${FORMAT_TABLE} VALUES(?)`, FORMAT_VERSION);
  } else if (Number(version) > FORMAT_VERSION) {
    throw new StoreError(
      "STORE_VERSION",
      `The object's data was written by a newer version of this module: it has format ${version}, this version reads formats up to ${FORMAT_VERSION}`,
    );
  }
  sql.exec(
    `CREATE TABLE IF NOT EXISTS ${TABLE}(k BLOB PRIMARY KEY NOT NULL, v) WITHOUT ROWID`,
  );
}

/** Only `deleteAll()` drops the tables. */
function isTableMissing(error: unknown): boolean {
  return (error as Error).message?.includes(`no such table: ${TABLE}`);
}

function emptiedError(cause: unknown): StoreError {
  return new StoreError(
    "STORE_EMPTIED",
    "The object's storage was emptied while this was open: await close() before ctx.storage.deleteAll(), then open it anew",
    { cause },
  );
}

function bytesOf(key: string): ArrayBuffer {
  return keyToBytes(key).buffer as ArrayBuffer;
}

function exactBuffer({ buffer, byteOffset, byteLength }: Uint8Array) {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

/** The host returns bytes as `ArrayBuffer`s. */
function columnOf(column: unknown): unknown {
  return column instanceof ArrayBuffer ? new Uint8Array(column) : column;
}
