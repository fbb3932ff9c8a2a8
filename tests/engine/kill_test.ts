import { assert, assertEquals } from "@std/assert";
import { openEngine } from "../../src/engine/engine.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { modules } from "../fixtures/engine_backend/backend.ts";
import schema from "../fixtures/engine_backend/schema.ts";
import { indexRows } from "../support/index_rows.ts";
import { linesUntilKilled } from "../support/kill_script.ts";
import { testScale, testSeed } from "../support/test_env.ts";

const SCRIPT = new URL("./kill_process.ts", import.meta.url).href;
/** Entries that are still there; `ledger:write` takes older ones out. */
const KEPT = 10;
const MAX_LIFE_MS = 120;

Deno.test("a killed process leaves every acknowledged mutation, no half of one, and indexes that agree", async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const kills = Math.ceil(200 * testScale());
  console.log(`seed ${seed}, ${kills} kills`);
  const directory = await Deno.makeTempDir();
  const path = `${directory}/a.db`;
  let first = 0;
  let acknowledged = -1;
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const lifeMs = random.below(MAX_LIFE_MS);
      const lines = await linesUntilKilled(
        SCRIPT,
        [path, String(first)],
        lifeMs,
        // Every other one from its first acknowledgement on, however slow the machine is.
        1 + kill % 2,
      );
      const note = `seed ${seed}, kill ${kill}, after ${lifeMs} ms`;
      acknowledged = Math.max(acknowledged, ...lines.map(Number));
      const store = openSqliteStore({ path });
      const { stored, wanted } = indexRows(store, schema);
      assertEquals(stored, wanted, `${note}: indexes`);
      const engine = openEngine({ schema, modules, store });
      try {
        const { last } = await engine.query("ledger:read", { entries: [] }) as {
          last: number;
        };
        assert(
          last >= acknowledged,
          `${note}: ${acknowledged} was acknowledged, the last one is ${last}`,
        );
        const entries = Array.from(
          { length: KEPT + 4 },
          (_, at) => last + 2 - at,
        ).filter((entry) => entry >= 0);
        const { found } = await engine.query("ledger:read", { entries }) as {
          found: number[][];
        };
        assertEquals(
          found,
          entries.map((entry) =>
            entry <= last && entry > last - KEPT ? [2, 2, 1] : [0, 0, 0]
          ),
          note,
        );
        first = last + 1;
      } finally {
        await engine.close();
      }
    }
    assert(acknowledged > 0, "something was acknowledged");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
