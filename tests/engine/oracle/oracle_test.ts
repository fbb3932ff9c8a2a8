import { assert, assertEquals } from "@std/assert";
import { type Engine, openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { openSqliteStore } from "../../../src/store/sqlite_store.ts";
import { SpyStore } from "../../../src/testing/engine/subject.ts";
import { seededRandom } from "../../../src/testing/support/random.ts";
import { overSeeds } from "../../support/test_env.ts";
import { modules, schema } from "./oracle_backend.ts";
import { assertAgrees, pages } from "./oracle_check.ts";
import { NaiveModel } from "./oracle_model.ts";
import {
  groups,
  randomRange,
  randomStep,
  randomVector,
} from "./oracle_random.ts";

Deno.test("oracle: memory, SQLite and a naive model agree on random transactions", () =>
  overSeeds(60, compare));

async function compare(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const stores = [
    new SpyStore(openMemoryStore()),
    new SpyStore(openSqliteStore({ path: ":memory:" })),
  ];
  const model = new NaiveModel();
  let engines = stores.map((store) => open(store, seed));
  const tags = { next: 0 };
  for (let turn = 0; turn < 60; turn++) {
    // Started together, they still run in the order of their calls.
    const scripts = Array.from({ length: 1 + random.below(4) }, () => ({
      steps: Array.from(
        { length: 1 + random.below(8) },
        () => randomStep(random, tags, 0),
      ),
      fail: random.below(6) === 0,
    }));
    const expected = scripts.map(({ steps, fail }) => model.run(steps, fail));
    for (const engine of engines) {
      const results = await Promise.all(
        scripts.map((script) =>
          engine.mutation("oracle:script", script).catch((error: Error) => {
            assert(error.message.includes("rolled back"), error.stack);
          })
        ),
      );
      results.forEach((result, at) =>
        assertAgrees(result, expected[at], scripts[at])
      );
    }
    const range = randomRange(random);
    const numItems = 1 + random.below(5);
    const vector = randomVector(random);
    const group = random.below(2) === 0 ? random.pick(groups) : undefined;
    for (const engine of engines) {
      assertEquals(
        await pages(engine, range, numItems),
        model.range(range),
        JSON.stringify({ numItems, group: range.group }),
      );
      assertAgrees(
        await engine.action(
          "oracle:nearest",
          group === undefined ? { vector } : { vector, group },
        ),
        model.nearest(vector, group),
        { vector, group },
      );
    }
    if (random.below(15) === 0) {
      for (const engine of engines) await engine.close();
      engines = stores.map((store) => open(store, seed + turn));
    }
  }
  const [memory, sqlite] = stores.map((
    store,
  ) => [...store.scan({ start: "" })]);
  assertEquals(memory, sqlite, "the rows of both stores");
  for (const engine of engines) await engine.close();
  for (const store of stores) store.closeReally();
}

/** An engine whose clock and random bytes depend on the seed alone. */
function open(store: SpyStore, seed: number): Engine {
  const random = seededRandom(seed);
  let now = 1_700_000_000_000;
  return openEngine({
    schema,
    modules,
    store,
    now: () => now += 1,
    random: (bytes) => bytes.forEach((_, at) => bytes[at] = random.below(256)),
  });
}
