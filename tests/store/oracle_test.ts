import { assertEquals } from "@std/assert";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import type { StoreOp } from "../../src/store/types.ts";
import { seededRandom, withSeed } from "../../src/testing/support/random.ts";
import { compareWithNaive } from "../../src/testing/store/random_cases.ts";
import { testScale, testSeed } from "../support/test_env.ts";

Deno.test("oracle: each driver agrees with a naive sorted array", () => {
  const seed = testSeed();
  const rounds = Math.ceil(200 * testScale());
  console.log(`seed ${seed}, ${rounds} rounds`);
  for (let round = 0; round < rounds; round++) {
    compareWithNaive({ open: openMemoryStore }, 1000, seed + round);
    compareWithNaive(
      { open: () => openSqliteStore({ path: ":memory:" }) },
      1000,
      seed + round,
    );
  }
});

Deno.test("oracle: memory and SQLite agree over many keys and all chunk sizes", () => {
  const seed = testSeed();
  const steps = Math.ceil(20_000 * testScale());
  console.log(`seed ${seed}, ${steps} steps`);
  withSeed(seed, () => {
    const random = seededRandom(seed);
    const stores = [openMemoryStore(), openSqliteStore({ path: ":memory:" })];
    for (let step = 0; step < steps; step++) {
      // Phases of growth and of removal, ascending and scattered, so that chunks split, fill, empty and merge.
      const grows = Math.floor(step / 200) % 3 < 2;
      const ascending = random.below(2) === 0;
      const ops: StoreOp[] = Array.from({ length: random.below(40) }, () => {
        const key = ascending && grows
          ? `a${String(step).padStart(8, "0")}${random.below(1000)}`
          : `a${String(random.below(steps)).padStart(8, "0")}${
            random.below(3)
          }`;
        return grows || random.below(4) === 0
          ? { key, value: String(step) }
          : { key };
      });
      const range = {
        start: `a${String(random.below(steps)).padStart(8, "0")}`,
        reverse: random.below(2) === 0,
        limit: random.pick([1, 10, 500]),
      };
      const [memory, sqlite] = stores.map((store) => {
        store.write(ops);
        return [...store.scan(range)];
      });
      assertEquals(memory, sqlite, `step ${step}`);
    }
    const [memory, sqlite] = stores.map((store) => [
      ...store.scan({ start: "" }),
    ]);
    assertEquals(memory, sqlite);
    for (const store of stores) store.close();
  });
});
