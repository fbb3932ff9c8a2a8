import { assert, assertEquals } from "@std/assert";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import type { StoreOp, StorePage } from "../../src/store/types.ts";
import { withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

function entriesOf(
  { tails, values, ends }: StorePage,
  skip: number,
): StoreOp[] {
  return tails.map((tail, at) => {
    const from = at === 0 ? 0 : ends[at - 1]! + 1;
    return {
      key: `kk`.slice(0, skip) + tail,
      value: DECODER.decode(values.subarray(from, ends[at])),
    };
  });
}

Deno.test("oracle: a page of a SQLite store holds what a scan yields, or says that it cannot", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  withSeed(seed, (random) => {
    const outcomes = new Set<string>();
    // Enough rounds to meet each outcome, whatever the seed.
    for (let round = 0; round < 30 + 60 * testScale(); round++) {
      const store = openSqliteStore({ path: ":memory:", durability: "off" });
      // What a page cannot hold is in some stores only.
      const parts = ["", "a", "é", "𝔘", "\ufeff", "  "];
      const odd = random.pick(["", "", "\n", "\0", "\ud800"]);
      const isLong = random.below(4) === 0;
      const keyOf = (number: number) =>
        `kk${String.fromCharCode(number, number ^ 0xff)}` +
        (isLong && number % 2 === 0 ? "\n" : "");
      for (let left = random.below(60); left > 0; left--) {
        let value = random.below(9) === 0 ? odd : "";
        for (let more = random.below(4); more > 0; more--) {
          value += random.pick(parts);
        }
        store.write([{ key: keyOf(random.below(256)), value }]);
      }
      for (let read = 0; read < 20; read++) {
        const range = {
          start: keyOf(random.below(200)),
          ...(random.below(2) === 0 ? { end: keyOf(random.below(256)) } : {}),
          reverse: random.below(2) === 0,
          limit: 1 + random.below(30),
        };
        const skip = random.below(3);
        const page = store.page!(range, skip);
        const entries = [...store.scan(range)];
        if (page) assertEquals(entriesOf(page, skip), entries);
        else {
          const lengths = new Set(entries.map(({ key }) => key.length));
          assert(
            lengths.size > 1 ||
              entries.some(({ value }) => /[\n\0\ud800]/.test(value)),
          );
        }
        outcomes.add(page ? entries.length > 0 ? "read" : "empty" : "not");
      }
      store.close();
    }
    assertEquals(outcomes, new Set(["read", "empty", "not"]));
  });
});
