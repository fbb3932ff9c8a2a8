/** Finds the host's SQLite. */

import { BunDatabase, type BunSqliteModule } from "./bun_sqlite.ts";
import type { SqliteDatabase } from "./sqlite_types.ts";

/** Opens a SQLite file, or creates it. */
export type OpenSqlite = (path: string) => SqliteDatabase;

/** The part of the module `node:sqlite` that is used. */
interface NodeSqliteModule {
  DatabaseSync: new (path: string) => SqliteDatabase;
}

/**
 * The host's SQLite: `bun:sqlite` in Bun, `node:sqlite` in Node from 22.13 on and in Deno from 2.2 on. Undefined
 * elsewhere. Looked up at run time, so that bundlers and other hosts see no import.
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
    // A host may have `getBuiltinModule` and refuse this module.
    return undefined;
  }
}
