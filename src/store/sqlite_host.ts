/** What the store needs of the host's SQLite, and where it is found. */

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

/** The module `node:sqlite`, as far as the store uses it. */
export interface SqliteModule {
  /** Opens a file, making it when it is missing. */
  DatabaseSync: new (path: string) => SqliteDatabase;
}

/**
 * The host's `node:sqlite`: in Node from 22.13 on, in Deno from 2.2 on, in Bun. Undefined elsewhere. Asked of `process`
 * at run time, so that no bundler sees the name and no other host stumbles over an import.
 */
export function findSqlite(): SqliteModule | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  try {
    const module = process?.getBuiltinModule?.("node:sqlite") as
      | Partial<SqliteModule>
      | undefined;
    return typeof module?.DatabaseSync === "function"
      ? module as SqliteModule
      : undefined;
  } catch {
    // A host may know the name and refuse the module.
    return undefined;
  }
}
