import { assertEquals, assertStrictEquals } from "@std/assert";
import { openEngine } from "../../src/engine/engine.ts";
import { type Durability, openDatabase } from "../../src/store/sqlite_open.ts";
import { openSqliteStore, SqliteStore } from "../../src/store/sqlite_store.ts";
import { assertStoreError } from "../../src/testing/store/support.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";
import { watched } from "../support/watched_database.ts";
import { inDirectory } from "../support/host_files.ts";

Deno.test("durability sets what SQLite waits for: full unless told", async () => {
  for (
    const [durability, synchronous] of [
      [undefined, 2],
      ["full", 2],
      ["normal", 1],
      ["off", 0],
    ] as const
  ) {
    await inDirectory((directory) => {
      const path = `${directory}/a.db`;
      const database = openDatabase(path, durability);
      const pragma = (name: string) =>
        Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0];
      assertStrictEquals(pragma("synchronous"), synchronous);
      assertStrictEquals(pragma("journal_mode"), "wal");
      assertStrictEquals(pragma("secure_delete"), 1);
      database.close();
    });
  }
  assertStoreError(
    () => openSqliteStore({ path: "a.db", durability: "most" as Durability }),
    "STORE_OPEN_FAILED",
    'durability: expected "full", "normal" or "off", got "most"',
  );
});

Deno.test("a mutation is acknowledged after its commit, those that wait together after one", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/a.db`;
    const events: string[] = [];
    const engine = openEngine({
      schema,
      modules,
      store: new SqliteStore(watched(openDatabase(path), events), path),
    });
    const add = () =>
      engine.mutation("notes:add", { owner: "ada", text: "x" })
        .then(() => events.push("acknowledged"));
    try {
      events.length = 0;
      await add();
      assertEquals(events.filter((event) => event !== "REPLACE"), [
        "BEGIN",
        "COMMIT",
        "acknowledged",
      ]);
      events.length = 0;
      await Promise.all([add(), add(), add()]);
      assertEquals(events.filter((event) => event !== "REPLACE"), [
        "BEGIN",
        "COMMIT",
        "acknowledged",
        "acknowledged",
        "acknowledged",
      ]);
      events.length = 0;
      await engine.query("notes:list", { owner: "ada" });
      assertEquals(events, []);
    } finally {
      await engine.close();
    }
  });
});
