/** The part of the host's SQLite that the store uses. */

/** A value bound to a statement. */
export type SqliteInput = string | number | Uint8Array;

/** The part of a prepared statement of `node:sqlite` that is used. */
export interface SqliteStatement {
  /** Runs it for its effect. */
  run(...inputs: SqliteInput[]): unknown;
  /** The first row, or undefined. */
  get(...inputs: SqliteInput[]): { [column: string]: unknown } | undefined;
  /** Every row. */
  all(...inputs: SqliteInput[]): { [column: string]: unknown }[];
}

/** The part of a connection of `node:sqlite` that is used. */
export interface SqliteDatabase {
  /** Whether a transaction is open. Missing in older hosts. */
  readonly isTransaction?: boolean;
  /** Compiles a statement. */
  prepare(sql: string): SqliteStatement;
  /** Releases the file. */
  close(): void;
}
