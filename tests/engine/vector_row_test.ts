import { assertEquals, assertThrows } from "@std/assert";
import type { VectorIndexInfo } from "../../src/engine/schema/catalog.ts";
import {
  parseVectorRow,
  vectorRow,
  VectorRowReader,
} from "../../src/engine/search/vector_row.ts";
import { StoreError } from "../../src/errors.ts";
import { withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

Deno.test("oracle: rows of vectors that are read byte by byte hold what they do as text, and fail as it does", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  withSeed(seed, (random) => {
    const encoder = new TextEncoder();
    for (let dimensions = 1; dimensions < 10; dimensions++) {
      const index = { dimensions, path: ["at"], filterPaths: [["by"]] };
      const reader = new VectorRowReader(dimensions);
      for (let round = 0; round < Math.ceil(200 * testScale()); round++) {
        let row = vectorRow(index as unknown as VectorIndexInfo, {
          _id: "",
          _creationTime: 0,
          at: Array.from({ length: dimensions }, () => random.below(99) - 49.7),
          by: random.pick(["a", "é", '"]', "\ud800"]),
        })!;
        if (round % 2 === 1) {
          const at = random.below(row.length + 1);
          const put = random.pick(["", "A", "=", " ", "-", "é", '"', "]"]);
          row = row.slice(0, at) + put + row.slice(at + random.below(2));
        }
        const read = () => reader.read("d1", encoder.encode(row));
        let expected;
        try {
          expected = parseVectorRow("d1", row, dimensions);
        } catch {
          const error = assertThrows(read, StoreError) as StoreError;
          assertEquals(error.code, "STORE_CORRUPT");
          assertEquals(error.data, { id: "d1" });
          continue;
        }
        assertEquals(read(), expected, row);
      }
    }
  });
});
