import { MAX_PAGES, PageScrub } from "./page_scrub.ts";
import type { SqliteDatabase } from "./sqlite_types.ts";

/** Bytes of the file that one call looks through: some 10 ms. */
const SLICE_BYTES = 16 << 20;

/** Clears a database file of what was removed from it. */
export class SqliteScrub {
  readonly #database: SqliteDatabase;
  readonly #path: string;
  #pages: PageScrub | undefined;

  /** Takes the database that has the file to itself, in WAL mode. */
  constructor(database: SqliteDatabase, path: string) {
    this.#database = database;
    this.#path = path;
  }

  /** Folds the log into the file and continues through the file by a slice. True when that was the last one. */
  next(): boolean {
    return this.#go(SLICE_BYTES);
  }

  /** Does everything at once. */
  all(): void {
    // A run that had begun covers only what was removed before it.
    this.#pages?.restart();
    this.#go(Infinity);
  }

  /** Lets go of the file. */
  close(): void {
    this.#pages?.close();
    this.#pages = undefined;
  }

  #go(maxBytes: number): boolean {
    this.#run("wal_checkpoint(TRUNCATE)");
    const pageCount = Number(
      Object.values(this.#run("page_count")[0] ?? {})[0],
    );
    if (this.#pages === undefined && pageCount < MAX_PAGES) {
      const size = Number(Object.values(this.#run("page_size")[0] ?? {})[0]);
      try {
        this.#pages = new PageScrub(this.#path, size);
      } catch {
        // A system that shares no open file: see below.
      }
    }
    if (this.#pages === undefined || pageCount >= MAX_PAGES) {
      this.#database.prepare("VACUUM").run();
      this.#run("wal_checkpoint(TRUNCATE)");
      return true;
    }
    const isDone = this.#pages.next(maxBytes);
    // Pages in SQLite's memory still hold what was overwritten in the file.
    this.#run("shrink_memory");
    return isDone;
  }

  #run(pragma: string): { [column: string]: unknown }[] {
    return this.#database.prepare(`PRAGMA ${pragma}`).all();
  }
}
