import { assertEquals } from "@std/assert";
import { openEngine } from "../../src/engine/engine.ts";
import { openDatabase } from "../../src/store/sqlite_open.ts";
import { openSqliteStore, SqliteStore } from "../../src/store/sqlite_store.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";
import { indexRows } from "../support/index_rows.ts";
import { watched } from "../support/watched_database.ts";

type Note = { owner: string; rank: number; text: string };

const STORES = new URL("../fixtures/stores/", import.meta.url);
/**
 * Files that released versions wrote: a note for each rank from 0 to 11, the second of which was deleted and the third
 * patched, and things of every type. A version that writes another format adds its file here, and leaves the others.
 */
const files = ["format_1.db"];

for (const file of files) {
  Deno.test(`${file} opens, is brought up to date in one transaction, and keeps everything`, async () => {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/a.db`;
    try {
      await Deno.copyFile(new URL(file, STORES), path);
      const events: string[] = [];
      const engine = openEngine({
        schema,
        modules,
        store: new SqliteStore(watched(openDatabase(path), events), path),
      });
      const commits = events.filter((event) => event === "COMMIT").length;
      assertEquals(commits <= 1, true, `${commits} transactions`);
      const { page } = await engine.query("notes:page", {
        paginationOpts: { numItems: 100, cursor: null },
      }) as unknown as { page: Note[] };
      assertEquals(page.map(({ rank }) => rank), [
        0,
        100,
        ...Array.from({ length: 9 }, (_, at) => at + 3),
      ]);
      const search = async (text: string) =>
        (await engine.query("notes:search", { text }) as Note[])
          .map(({ rank }) => rank).sort((a, b) => a - b);
      assertEquals(await search("foxes x"), [0, 3, 6, 9]);
      assertEquals(await search("patched x"), [100]);
      assertEquals(await search("y".repeat(32)), []);
      const near = await engine.action("notes:near", {
        vector: [11, 1, 0],
        limit: 1,
      }) as unknown as Note[];
      assertEquals(near[0]!.text.startsWith("note number 11"), true);
      const things = await engine.query("things:ordered", {}) as {
        value: unknown;
      }[];
      assertEquals(things.map(({ value }) => value), [
        null,
        1n,
        -0,
        NaN,
        "a\0b",
        new ArrayBuffer(3),
        [1, [2]],
        { a: { b: 4 } },
      ]);
      await engine.mutation("notes:add", { owner: "new", text: "foxes" });
      assertEquals((await search("foxes x")).length, 5);
      await engine.close();

      const store = openSqliteStore({ path });
      const { stored, wanted } = indexRows(store, schema);
      assertEquals(stored, wanted);
      const told: string[] = [];
      const again = openEngine({
        schema,
        modules,
        store,
        log: (level, message) => told.push(`${level} ${message}`),
      });
      assertEquals(told, [], "nothing is left to do");
      await again.close();
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
