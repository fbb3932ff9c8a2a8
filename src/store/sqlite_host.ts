/** Finds the host's SQLite. */

import { BunDatabase, type BunSqliteModule } from "./bun_sqlite.ts";
import { hostModule } from "./host_modules.ts";
import type { SqliteDatabase } from "./sqlite_types.ts";

/** Opens a SQLite file, or creates it. */
export type OpenSqlite = (path: string) => SqliteDatabase;

/** The part of the module `node:sqlite` that is used. */
interface NodeSqliteModule {
  DatabaseSync: new (path: string) => SqliteDatabase;
}

/**
 * The host's SQLite: `bun:sqlite` in Bun, `node:sqlite` in Node from 22.13 on and in Deno from 2.2 on. Undefined
 * elsewhere.
 */
export function findSqlite(): OpenSqlite | undefined {
  if ("Bun" in globalThis) {
    const bun = hostModule("bun:sqlite") as
      | Partial<BunSqliteModule>
      | undefined;
    if (typeof bun?.Database === "function") {
      return (path) => new BunDatabase(bun as BunSqliteModule, path);
    }
  }
  const node = hostModule("node:sqlite") as
    | Partial<NodeSqliteModule>
    | undefined;
  return typeof node?.DatabaseSync === "function"
    ? (path) => new (node as NodeSqliteModule).DatabaseSync(path)
    : undefined;
}
