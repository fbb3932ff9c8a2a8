import type { SqliteDatabase } from "../../src/store/sqlite_types.ts";

/** A database that notes the first word of each statement that ran for its effect. */
export function watched(
  database: SqliteDatabase,
  events: string[],
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
        run(...inputs) {
          const result = statement.run(...inputs);
          events.push(sql.split(" ")[0]!);
          return result;
        },
      };
    },
  };
}
