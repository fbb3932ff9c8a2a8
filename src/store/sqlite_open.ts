import { StoreError } from "../errors.ts";
import { unknownOption } from "../unknown_option.ts";
import { bytesOf, fileOf } from "./own_file.ts";
import { shortPath, toStoreError } from "./sqlite_error.ts";
import { findSqlite, type OpenSqlite } from "./sqlite_host.ts";
import type { SqliteDatabase } from "./sqlite_types.ts";

/**
 * What a flush waits for. `"full"`: the disk; its writes survive a power failure. `"normal"`: the operating system; its
 * writes survive the end of the process, and after a power failure the latest may be missing, but never half of one.
 * `"off"`: as `"normal"`, but a power failure may damage the file.
 */
export type Durability = "full" | "normal" | "off";

const DURABILITIES: readonly Durability[] = ["full", "normal", "off"];

/** SQLite's application id, which marks a file as ours. */
const APPLICATION_ID = 0x43727458;
/** Format that this version writes, and the newest that it reads. */
const FORMAT_VERSION = 1;

/** Bytes of a file that are memory-mapped: SQLite's maximum. */
const MAPPED_BYTES = 0x7fff0000;

/**
 * Page size of a new file. A row larger than a quarter of a page has overflow pages, which are mostly empty: with pages
 * half as large, a file of memories would be two thirds larger.
 */
const PAGE_BYTES = 8192;

/** How often to try a locked file: its holder may just be closing it, or be another process that is opening it. */
const OPEN_ATTEMPTS = 8;
const MAX_RETRY_DELAY_MS = 60;

/**
 * Opens or creates a database file and locks out other processes and engines. On a host without SQLite, the error says
 * what to use `instead`.
 *
 * @throws {StoreError} `STORE_UNAVAILABLE`, `STORE_OPEN_FAILED`, `STORE_LOCKED` (after about 0.25 s), `STORE_CORRUPT`,
 * `STORE_FOREIGN`, `STORE_VERSION`, `STORE_FULL`
 */
export function openDatabase(
  path: string,
  durability: Durability = "full",
  instead = "openDurableObjectStore or openMemoryStore",
): SqliteDatabase {
  checkPath(path);
  checkDurability(durability);
  const sqlite = findSqlite();
  if (sqlite === undefined) throw unavailable(instead);
  for (let attempt = 1;; attempt++) {
    try {
      return openOnce(sqlite, path, durability);
    } catch (error) {
      // Workerd has the class, but its constructor throws.
      if (error instanceof TypeError && /illegal/i.test(error.message)) {
        throw unavailable(instead, error);
      }
      const failure = toStoreError(error, path, {
        code: "STORE_OPEN_FAILED",
        text:
          "The database file cannot be read and written, or made in its folder",
      });
      if (failure.code !== "STORE_LOCKED" || attempt === OPEN_ATTEMPTS) {
        throw failure;
      }
      // Two processes that open a file at once can block each other: a random pause lets one of them through.
      sleep(Math.ceil(Math.random() * MAX_RETRY_DELAY_MS));
    }
  }
}

function openOnce(
  open: OpenSqlite,
  path: string,
  durability: Durability,
): SqliteDatabase {
  const database = open(path);
  try {
    prepareFile(database, path, durability);
    return database;
  } catch (error) {
    try {
      database.close();
    } catch {
      // The first error is the more useful one.
    }
    throw error;
  }
}

function prepareFile(
  database: SqliteDatabase,
  path: string,
  durability: Durability,
): void {
  const pragma = (sql: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${sql}`).get() ?? {})[0]);
  const run = (sql: string): void => void database.prepare(sql).run();
  pragma("busy_timeout = 0");
  // Has no effect on a file that has pages.
  pragma(`page_size = ${PAGE_BYTES}`);
  // Set before the first access, it also keeps the index of the write-ahead log in memory instead of a shared file.
  pragma("locking_mode = EXCLUSIVE");
  // Takes the lock without writing anything, so that another program's file stays as it is.
  run("BEGIN EXCLUSIVE");
  checkLength(database, path, pragma("page_size"));
  const tables = database.prepare(
    "SELECT count(*) AS total, total(name = 'kv') AS ours FROM sqlite_schema",
  ).get()!;
  const application = pragma("application_id");
  const version = pragma("user_version");
  if (Number(tables.total) === 0 && application === 0 && version === 0) {
    run("CREATE TABLE kv(k BLOB PRIMARY KEY NOT NULL, v) WITHOUT ROWID");
    pragma(`application_id = ${APPLICATION_ID}`);
    pragma(`user_version = ${FORMAT_VERSION}`);
  } else {
    checkFormat(path, application, version, Number(tables.ours) === 1);
  }
  run("COMMIT");
  pragma("journal_mode = WAL");
  pragma(`synchronous = ${durability.toUpperCase()}`);
  pragma("secure_delete = ON");
  pragma("cache_size = -16384");
  // Memory-mapped pages are read without a system call each, which takes half the time.
  pragma(`mmap_size = ${MAPPED_BYTES}`);
}

/**
 * Throws for a file that ends within a page, the rest of which SQLite would take for zeros. After a crash, the log may
 * hold the rest.
 */
function checkLength(
  database: SqliteDatabase,
  path: string,
  pageBytes: number,
): void {
  const file = fileOf(database);
  if (file === "") return;
  const bytes = bytesOf(path);
  if (!(bytes % pageBytes > 0) || bytesOf(`${file}-wal`) !== 0) return;
  throw new StoreError(
    "STORE_CORRUPT",
    `The file is damaged: ${
      shortPath(path)
    } has ${bytes} bytes, and not whole pages of ${pageBytes}`,
    { data: { path } },
  );
}

function checkFormat(
  path: string,
  application: number,
  version: number,
  hasTable: boolean,
): void {
  const data = { path };
  if (application !== APPLICATION_ID) {
    throw new StoreError(
      "STORE_FOREIGN",
      `The file is a database of another application: ${
        shortPath(path)
      } (application id ${application}, expected ${APPLICATION_ID})`,
      { data },
    );
  }
  if (version > FORMAT_VERSION) {
    throw new StoreError(
      "STORE_VERSION",
      `The file was written by a newer version of this module: ${
        shortPath(path)
      } has format ${version}, this version reads formats up to ${FORMAT_VERSION}`,
      { data },
    );
  }
  if (version < 1 || !hasTable) {
    throw new StoreError(
      "STORE_CORRUPT",
      `The file is damaged: ${shortPath(path)} has format ${version}${
        hasTable ? "" : " and no table of keys"
      }`,
      { data },
    );
  }
}

/** Throws `STORE_OPEN_FAILED` for options that are no object, such as a bare path, and for unknown ones. */
export function checkFileOptions(options: unknown): void {
  if (typeof options === "object" && options !== null) {
    const known = { path: 1, durability: 1 };
    const unknown = unknownOption("openSqliteStore", options, known);
    if (unknown) throw new StoreError("STORE_OPEN_FAILED", unknown.text);
    return;
  }
  throw new StoreError(
    "STORE_OPEN_FAILED",
    `options: expected an object such as { path: "app.db" }, got ${
      typeof options === "string" ? shortPath(options) : options
    }`,
  );
}

function checkDurability(durability: unknown): void {
  if (DURABILITIES.includes(durability as Durability)) return;
  throw new StoreError(
    "STORE_OPEN_FAILED",
    `durability: expected "full", "normal" or "off", got ${
      JSON.stringify(durability)?.slice(0, 80)
    }`,
  );
}

function checkPath(path: string): void {
  const problem = typeof path !== "string"
    ? `a string, got ${typeof path}`
    : path === ""
    ? "the name of a file, got an empty string"
    : path.includes("\0")
    ? `no NUL character, got ${shortPath(path)}`
    : /^file:/i.test(path)
    ? `a path, not a URL, got ${shortPath(path)}`
    : undefined;
  if (problem !== undefined) {
    throw new StoreError("STORE_OPEN_FAILED", `path: expected ${problem}`);
  }
}

function unavailable(instead: string, cause?: unknown): StoreError {
  return new StoreError(
    "STORE_UNAVAILABLE",
    `This host has no SQLite: a file needs Node >= 22.13, Deno >= 2.2 or Bun; otherwise use ${instead}`,
    cause === undefined ? {} : { cause },
  );
}

function sleep(delayMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
}
