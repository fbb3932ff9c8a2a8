/** What the store needs of the host's SQLite, and where it is found. */

import { BunDatabase, type BunSqliteModule } from "./bun_sqlite.ts";

/** A value that goes into a statement. */
export type SqliteInput = string | number | Uint8Array;

/** A prepared statement of `node:sqlite`, as far as the store uses it. */
export interface SqliteStatement {
  /** Runs it for its effect. */
  run(...inputs: SqliteInput[]): unknown;
  /** The first row, or undefined. */
  get(...inputs: SqliteInput[]): { [column: string]: unknown } | undefined;
  /** Every row. */
  all(...inputs: SqliteInput[]): { [column: string]: unknown }[];
}

/** A connection of `node:sqlite`, as far as the store uses it. */
export interface SqliteDatabase {
  /** Is a transaction open? Missing in older hosts. */
  readonly isTransaction?: boolean;
  /** Compiles a statement. */
  prepare(sql: string): SqliteStatement;
  /** Releases the file. */
  close(): void;
}

/** Opens a SQLite file, making it when it is missing. */
export type OpenSqlite = (path: string) => SqliteDatabase;

/** The module `node:sqlite`, as far as the store uses it. */
interface NodeSqliteModule {
  DatabaseSync: new (path: string) => SqliteDatabase;
}

/**
 * The host's SQLite: `bun:sqlite` in Bun, `node:sqlite` in Node from 22.13 on and in Deno from 2.2 on. Undefined
 * elsewhere. Asked of `process` at run time, so that no bundler sees the names and no other host stumbles over an
 * import.
 */
export function findSqlite(): OpenSqlite | undefined {
  const { process } = globalThis as {
    process?: {
      getBuiltinModule?: (name: string) => unknown;
      versions?: { bun?: string };
    };
  };
  try {
    if (process?.versions?.bun !== undefined) {
      const bun = process.getBuiltinModule?.("bun:sqlite") as
        | Partial<BunSqliteModule>
        | undefined;
      if (typeof bun?.Database === "function") {
        return (path) => new BunDatabase(bun as BunSqliteModule, path);
      }
    }
    const node = process?.getBuiltinModule?.("node:sqlite") as
      | Partial<NodeSqliteModule>
      | undefined;
    return typeof node?.DatabaseSync === "function"
      ? (path) => new (node as NodeSqliteModule).DatabaseSync(path)
      : undefined;
  } catch {
    // A host may know the name and refuse the module.
    return undefined;
  }
}
