import { hostModule } from "./host_modules.ts";
import type { SqliteDatabase } from "./sqlite_types.ts";

/** The part of `Deno`, and of `node:fs`, that is used. */
interface FileSystem {
  statSync(path: string): { ino: number | null; size: number };
}

/** The part of `Deno`, and of `node:process`, that is used. */
interface WorkingFolder {
  cwd(): string;
}

/**
 * The file of an open database. If somebody deletes it, or its folder, SQLite goes on without an error, and everything is
 * lost when the process ends.
 */
export class OwnFile {
  /** Its path, which is absolute, as the working directory may change. */
  readonly path: string;
  #number: number | null | undefined;

  /** Takes a database, and the path by which it was opened. */
  constructor(database: SqliteDatabase, path: string) {
    // As given if possible: permissions may be for that path, not for the one to which links lead. On Windows, that is
    // the same one.
    const folder = path.startsWith("/") ? "" : `${workingFolder()}/`;
    this.path = /^(\/|$)/.test(folder) ? folder + path : fileOf(database);
  }

  /** Whether the path does not lead to the file any more. The first call only notes which file it leads to. */
  hasMoved(): boolean {
    try {
      const { ino } = fileSystem().statSync(this.path);
      this.#number ??= ino;
      return ino !== this.#number;
    } catch (error) {
      // Another error, such as for a missing permission, does not tell.
      return isMissing(error);
    }
  }
}

/** Absolute path of a database's file, to which links lead. Its log is beside it. Empty: it is in memory. */
export function fileOf(database: SqliteDatabase): string {
  return String(database.prepare("PRAGMA database_list").get()!.file);
}

/** Number of bytes of a file: 0 if there is none, `NaN` if that cannot be told, such as without the permission. */
export function bytesOf(path: string): number {
  try {
    return fileSystem().statSync(path).size;
  } catch (error) {
    return isMissing(error) ? 0 : NaN;
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: string }).code === "ENOENT";
}

/** Undefined if it was deleted. */
function workingFolder(): string | undefined {
  const { Deno } = globalThis as { Deno?: WorkingFolder };
  try {
    return (Deno ?? hostModule("node:process") as WorkingFolder).cwd();
  } catch {
    return undefined;
  }
}

/** On Deno its own, as `node:fs` takes longer to load than an engine to open. */
function fileSystem(): FileSystem {
  const { Deno } = globalThis as { Deno?: FileSystem };
  return Deno ?? hostModule("node:fs") as FileSystem;
}
