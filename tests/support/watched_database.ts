import type { SqliteDatabase } from "../../src/store/sqlite_types.ts";

/** A database with something around each statement that is run for its effect. */
export function aroundRuns(
  database: SqliteDatabase,
  around: (sql: string, run: () => unknown) => unknown,
): SqliteDatabase {
  return {
    get isTransaction() {
      return database.isTransaction;
    },
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        get: (...inputs) => statement.get(...inputs),
        all: (...inputs) => statement.all(...inputs),
        run: (...inputs) => around(sql, () => statement.run(...inputs)),
      };
    },
  };
}

/** A database that notes the first word of each statement that ran for its effect. */
export function watched(
  database: SqliteDatabase,
  events: string[],
): SqliteDatabase {
  return aroundRuns(database, (sql, run) => {
    const result = run();
    events.push(sql.split(" ")[0]!);
    return result;
  });
}
