import { StoreError } from "../errors.ts";
import { cacheRoom } from "./cache_room.ts";
import { checkOps, checkRange, isKey } from "./check_ops.ts";
import { closedError } from "./closed_error.ts";
import { KeyCache } from "./key_cache.ts";
import type { Visit } from "./sorted_part.ts";
import { findKeyReader, type KeyReader } from "./key_reader.ts";
import { OwnFile } from "./own_file.ts";
import { columnToValue, keyToBytes, valueToColumn } from "./sqlite_codec.ts";
import { toStoreError } from "./sqlite_error.ts";
import type { SqliteDatabase, SqliteStatement } from "./sqlite_types.ts";
import {
  checkFileOptions,
  type Durability,
  openDatabase,
} from "./sqlite_open.ts";
import {
  keyPageSql,
  pageSql,
  type ScanPage,
  scanPages,
  toKeyPage,
  toStorePage,
  wholePageSql,
} from "./sqlite_scan.ts";
import { SqliteScrub } from "./sqlite_scrub.ts";
import type {
  StoreCapabilities,
  StoreEntry,
  StoreOp,
  StorePage,
  StoreRange,
  SyncStore,
} from "./types.ts";

/**
 * Most changes since the last flush that are kept to repeat them, and about how many characters; beyond that, each
 * write uses a savepoint.
 */
const MAX_KEPT_OPS = 65_536;
const MAX_KEPT_CHARACTERS = 32 << 20;
/** Share of the read cache that is for keys of indexes rather than documents. */
const KEY_SHARE = 1 / 2;

/**
 * Opens a store in a SQLite file, creating it if it is missing; `:memory:` keeps it in memory. One engine owns the file
 * until `close`. Whatever `flush` has confirmed survives the end of the process and of the machine.
 *
 * A failed commit, or a failed write after which earlier unflushed ones cannot be repeated, stops the store: later
 * calls throw `STORE_FAILED`, and reopening the file gives the state of the last `flush`.
 *
 * @example
 * ```ts
 * import { openEngine, openSqliteStore } from "@cortex/memory/embedded";
 *
 * const store = openSqliteStore({ path: ":memory:", durability: "normal" });
 * await using engine = openEngine({ modules: {}, store });
 * ```
 *
 * @throws {StoreError} `STORE_UNAVAILABLE` on a host without SQLite; `STORE_OPEN_FAILED` for a path that cannot be
 * opened or written, or for a missing permission; `STORE_LOCKED` for a file in use; `STORE_CORRUPT`; `STORE_FOREIGN`
 * for a file of another application; `STORE_VERSION` for one of a newer version
 */
export function openSqliteStore(
  options: {
    /** The file. */
    path: string;
    /** What `flush` waits for. Default `"full"`. */
    durability?: Durability | undefined;
  },
): SyncStore {
  checkFileOptions(options);
  const { path, durability } = options;
  return new SqliteStore(openDatabase(path, durability), path);
}

/** A store over an open database in this format. */
export class SqliteStore implements SyncStore {
  /** Its capabilities. */
  readonly capabilities: StoreCapabilities;
  readonly #path: string;
  readonly #database: SqliteDatabase;
  readonly #get: SqliteStatement;
  readonly #set: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #begin: SqliteStatement;
  readonly #commit: SqliteStatement;
  readonly #rollback: SqliteStatement;
  readonly #savepoint: SqliteStatement;
  readonly #release: SqliteStatement;
  readonly #undo: SqliteStatement;
  /** Undefined: it is in memory. */
  readonly #file: OwnFile | undefined;
  readonly #scrub: SqliteScrub | undefined;
  /** Whether anything was written since the file was last scrubbed. */
  #isSoiled = false;
  readonly #pages: { [kind: string]: SqliteStatement } = {};
  readonly #wholePages: { [kind: string]: SqliteStatement } = {};
  readonly #keyPages: { [kind: string]: SqliteStatement } = {};
  readonly #keyOf: KeyReader = findKeyReader();
  readonly #keys: KeyCache = new KeyCache(
    cacheRoom(KEY_SHARE),
    (page) => this.#keyPage(page),
  );
  /** Whether a transaction with unflushed writes is open. */
  #inTransaction = false;
  /**
   * The unflushed changes, to repeat them if a later write fails: a savepoint for each write would cost a quarter more.
   * Undefined if there are too many.
   */
  #kept: StoreOp[] | undefined;
  #keptCharacters = 0;
  readonly #maxKeptOps: number;
  readonly #maxKeptCharacters: number;
  #failure: StoreError | undefined;
  #closed = false;

  /**
   * Owns the database from now on. `path` is for messages; `maxKeptOps` and `maxKeptCharacters` limit the changes kept
   * between two flushes.
   */
  constructor(
    database: SqliteDatabase,
    path: string,
    maxKeptOps: number = MAX_KEPT_OPS,
    maxKeptCharacters: number = MAX_KEPT_CHARACTERS,
  ) {
    this.#maxKeptOps = maxKeptOps;
    this.#maxKeptCharacters = maxKeptCharacters;
    this.#database = database;
    this.#path = path;
    const durable = path !== ":memory:";
    this.capabilities = { durable, preload: durable };
    this.#get = database.prepare("SELECT v FROM kv WHERE k = ?");
    // The fastest way to set a key: one row per statement, without an upsert clause.
    this.#set = database.prepare("REPLACE INTO kv(k, v) VALUES(?, ?)");
    this.#remove = database.prepare("DELETE FROM kv WHERE k = ?");
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
    this.#savepoint = database.prepare("SAVEPOINT one_write");
    this.#release = database.prepare("RELEASE one_write");
    this.#undo = database.prepare("ROLLBACK TO one_write");
    this.#file = durable ? new OwnFile(database, path) : undefined;
    this.#scrub = this.#file && new SqliteScrub(database, this.#file);
  }

  /** The value of a key, or undefined. */
  get(key: string): string | undefined {
    this.#checkUsable();
    // A key that cannot be written is not found; encoded, it would be mistaken for another one.
    if (!isKey(key)) return undefined;
    const row = this.#read(() => this.#get.get(keyToBytes(key)));
    return row === undefined ? undefined : columnToValue(row.v);
  }

  /** Entries of a range, read page by page. */
  scan(range: StoreRange): IterableIterator<StoreEntry> {
    this.#checkUsable();
    checkRange(range);
    return scanPages(
      range,
      (page) => this.#page(page),
      this.#keyOf,
      () => this.#checkUsable(),
    );
  }

  /** Visits the keys of a range, which are cached. */
  visit(range: StoreRange, visit: Visit): boolean {
    this.#checkUsable();
    checkRange(range);
    return this.#keys.visit(range, visit);
  }

  /** Reads the first entries of a range at once. Undefined if they cannot be represented so; see `toStorePage`. */
  page(
    range: StoreRange & { limit: number },
    skip: number,
  ): StorePage | undefined {
    this.#checkUsable();
    checkRange(range);
    const { start, end, reverse = false, limit } = range;
    const page = { start, end, reverse, rows: limit };
    const row = this.#read(() => {
      const statement = this.#wholePages[kindOf(page)] ??= this.#database
        .prepare(wholePageSql("kv", page));
      return statement.get(...inputsOf(page));
    });
    return toStorePage(row, skip, this.#keyOf);
  }

  /** Applies all changes or none. */
  write(ops: readonly StoreOp[]): void {
    this.#checkUsable();
    checkOps(ops);
    if (ops.length === 0) return;
    try {
      if (!this.#inTransaction) {
        this.#begin.run();
        this.#inTransaction = true;
        this.#isSoiled = true;
        this.#kept = [];
        this.#keptCharacters = 0;
      }
      if (this.#kept !== undefined) {
        this.#applyOrRepeat(ops, this.#kept);
        this.#kept = this.#keep(ops, this.#kept);
        // A single statement is atomic by itself.
      } else if (ops.length === 1) this.#apply(ops[0]!);
      else this.#applyInSavepoint(ops);
      this.#keys.follow(ops);
    } catch (error) {
      const failure = this.#toError(error);
      // Some failures end the whole transaction, with earlier writes that were already visible.
      if (this.#inTransaction && this.#database.isTransaction === false) {
        this.#fail(failure);
      }
      throw failure;
    }
  }

  /** Commits everything written since the last flush, with a single wait for the disk. */
  flush(): void {
    this.#checkUsable();
    if (!this.#inTransaction) return;
    try {
      if (this.#file?.hasMoved()) {
        // Or the log, which has not moved, would be taken for that of the file that is there now.
        this.#rollback.run();
        this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
        throw new Error("it was deleted, moved or replaced");
      }
      this.#commit.run();
      this.#inTransaction = false;
      this.#kept = undefined;
    } catch (error) {
      // What of a failed commit has reached the disk is known only after reopening the file.
      const failure = this.#toError(error);
      this.#fail(failure);
      throw failure;
    }
  }

  /** Flushes, checkpoints the write-ahead log and overwrites removed data, a part of it in each call. */
  scrub(): boolean {
    if (this.#scrub === undefined) return true;
    this.flush();
    const isDone = this.#read(() => this.#scrub!.next());
    if (isDone) this.#isSoiled = false;
    return isDone;
  }

  /** Flushes, scrubs the file if anything was written and releases it. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    try {
      if (this.#failure === undefined) {
        this.flush();
        if (this.#isSoiled) this.#read(() => this.#scrub?.all());
      }
    } finally {
      this.#closed = true;
      // The first of these to close releases the file's lock, so everything that needs the lock must come before.
      this.#read(() => this.#database.close());
      this.#scrub?.close();
    }
  }

  /** Adds changes to those that are kept; undefined if they are too many together. */
  #keep(ops: readonly StoreOp[], kept: StoreOp[]): StoreOp[] | undefined {
    if (kept.length + ops.length > this.#maxKeptOps) return undefined;
    for (const op of ops) {
      this.#keptCharacters += op.key.length + (op.value?.length ?? 0);
      kept.push(op);
    }
    return this.#keptCharacters <= this.#maxKeptCharacters ? kept : undefined;
  }

  /** Applies changes; when one fails, starts a new transaction and repeats the earlier ones. */
  #applyOrRepeat(ops: readonly StoreOp[], kept: readonly StoreOp[]): void {
    try {
      for (const op of ops) this.#apply(op);
    } catch (error) {
      // A full disk ends the whole transaction. Otherwise, a single statement is atomic by itself.
      const isEnded = this.#database.isTransaction === false;
      if (ops.length > 1 || isEnded) {
        try {
          if (!isEnded) this.#rollback.run();
          this.#begin.run();
          for (const op of kept) this.#apply(op);
        } catch {
          this.#fail(this.#toError(error));
        }
      }
      throw error;
    }
  }

  #applyInSavepoint(ops: readonly StoreOp[]): void {
    this.#savepoint.run();
    try {
      for (const op of ops) this.#apply(op);
      this.#release.run();
    } catch (error) {
      try {
        this.#undo.run();
        this.#release.run();
      } catch {
        // Without the savepoint, this write cannot be undone by itself.
        this.#fail(this.#toError(error));
      }
      throw error;
    }
  }

  #apply({ key, value }: StoreOp): void {
    const bytes = keyToBytes(key);
    if (value === undefined) this.#remove.run(bytes);
    else this.#set.run(bytes, valueToColumn(value));
  }

  #keyPage(page: ScanPage): string[] {
    return this.#read(() => {
      const statement = this.#keyPages[kindOf(page)] ??= this.#database
        .prepare(keyPageSql("kv", page));
      return toKeyPage(statement.get(...inputsOf(page)), this.#keyOf);
    });
  }

  #page(page: ScanPage): { [column: string]: unknown }[] {
    return this.#read(() => {
      const statement = this.#pages[kindOf(page)] ??= this.#database
        .prepare(pageSql("kv", page));
      return statement.all(...inputsOf(page));
    });
  }

  #read<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw this.#toError(error);
    }
  }

  #toError(error: unknown): StoreError {
    return toStoreError(error, this.#path, {
      code: "STORE_IO_FAILED",
      text: "The database file cannot be read or written",
    });
  }

  /** Stops the store. Writes that were not flushed are gone. */
  #fail(failure: StoreError): void {
    this.#failure ??= failure;
    this.#inTransaction = false;
    try {
      this.#rollback.run();
    } catch {
      // It may be rolled back already.
    }
  }

  #checkUsable(): void {
    if (this.#closed) throw closedError();
    if (this.#failure !== undefined) {
      throw new StoreError(
        "STORE_FAILED",
        `The store stopped after an error, reopen the file: ${this.#failure.message}`,
        { cause: this.#failure },
      );
    }
  }
}

/** Key of the prepared statement for a page. */
function kindOf({ end, reverse }: ScanPage): string {
  return `${reverse ? "DESC" : "ASC"}${end === undefined ? "" : "<"}`;
}

function inputsOf({ start, end, rows }: ScanPage): (Uint8Array | number)[] {
  return end === undefined
    ? [keyToBytes(start), rows]
    : [keyToBytes(start), keyToBytes(end), rows];
}
