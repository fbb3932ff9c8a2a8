import type {
  SqliteDatabase,
  SqliteInput,
  SqliteStatement,
} from "./sqlite_types.ts";

/** The part of a statement of `bun:sqlite` that is used. */
interface BunStatement {
  run(...inputs: SqliteInput[]): unknown;
  get(...inputs: SqliteInput[]): { [column: string]: unknown } | null;
  all(...inputs: SqliteInput[]): { [column: string]: unknown }[];
  finalize(): void;
}

/** The part of the module `bun:sqlite` that is used. */
export interface BunSqliteModule {
  /** Opens a file. */
  Database: new (
    path: string,
    options: { create: boolean; readwrite: boolean },
  ) => {
    readonly inTransaction: boolean;
    prepare(sql: string): BunStatement;
    close(throwOnError: boolean): void;
  };
}

/** A connection of `bun:sqlite` with the interface of `node:sqlite`. */
export class BunDatabase implements SqliteDatabase {
  readonly #database: InstanceType<BunSqliteModule["Database"]>;
  readonly #statements: BunStatement[] = [];

  /** Opens a file, or creates it. */
  constructor(module: BunSqliteModule, path: string) {
    this.#database = new module.Database(path, {
      create: true,
      readwrite: true,
    });
  }

  /** Whether a transaction is open. */
  get isTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** Compiles a statement. */
  prepare(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    this.#statements.push(statement);
    return {
      run: (...inputs) => statement.run(...inputs),
      get: (...inputs) => statement.get(...inputs) ?? undefined,
      all: (...inputs) => statement.all(...inputs),
    };
  }

  /** Releases the file. An unfinalized statement would keep it locked. */
  close(): void {
    for (const statement of this.#statements) statement.finalize();
    this.#database.close(true);
  }
}
