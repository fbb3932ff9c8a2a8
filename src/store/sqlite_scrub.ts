import type { OwnFile } from "./own_file.ts";
import { MAX_PAGES, PageScrub } from "./page_scrub.ts";
import type { SqliteDatabase } from "./sqlite_types.ts";

/** Bytes of the file that one call scans, in some 10 ms. */
const SLICE_BYTES = 16 << 20;

/** Erases removed data from a database file. */
export class SqliteScrub {
  readonly #database: SqliteDatabase;
  readonly #file: OwnFile;
  #pages: PageScrub | undefined;

  /** Takes a database in WAL mode that has the file to itself. */
  constructor(database: SqliteDatabase, file: OwnFile) {
    this.#database = database;
    this.#file = file;
  }

  /** Checkpoints the write-ahead log and scrubs a slice of the file. True if it was the last one. */
  next(): boolean {
    return this.#go(SLICE_BYTES);
  }

  /** Scrubs the whole file at once. */
  all(): void {
    // A pass that has begun would miss what was removed since.
    this.#pages?.restart();
    this.#go(Infinity);
  }

  /** Closes the file. */
  close(): void {
    this.#pages?.close();
    this.#pages = undefined;
  }

  #go(maxBytes: number): boolean {
    this.#run("wal_checkpoint(TRUNCATE)");
    const pageCount = Number(
      Object.values(this.#run("page_count")[0] ?? {})[0],
    );
    // Otherwise another file may be in its place.
    const mayOpen = pageCount < MAX_PAGES && !this.#file.hasMoved();
    if (this.#pages === undefined && mayOpen) {
      const size = Number(Object.values(this.#run("page_size")[0] ?? {})[0]);
      try {
        this.#pages = new PageScrub(this.#file.path, size);
      } catch {
        // The system does not allow opening the file twice: see below.
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
