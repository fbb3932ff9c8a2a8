import { openDatabase } from "../../src/store/sqlite_open.ts";
import { SqliteStore } from "../../src/store/sqlite_store.ts";
import { aroundRuns } from "./watched_database.ts";

/** A disk that can be filled up. */
export interface Disk {
  /** No commit finds room. */
  isFull: boolean;
}

/** Opens a store in a file on a disk. */
export function openOnDisk(path: string, disk: Disk): SqliteStore {
  const database = aroundRuns(openDatabase(path), (sql, run) => {
    if (disk.isFull && sql === "COMMIT") {
      throw Object.assign(new Error("disk is full"), { errcode: 13 });
    }
    return run();
  });
  return new SqliteStore(database, path);
}
