/** What the store needs of the host's SQLite. */

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
