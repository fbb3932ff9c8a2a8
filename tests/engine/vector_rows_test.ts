import { assert, assertEquals } from "@std/assert";
import { openKernel } from "../../src/engine/search/dot_kernel.ts";
import {
  openVectorRows,
  PlainVectorRows,
} from "../../src/engine/search/vector_rows.ts";
import { seededRandom } from "../../src/testing/support/random.ts";
import { testSeed } from "../support/test_env.ts";

Deno.test("products by WebAssembly are those of plain arrays, for vectors of any length", () => {
  assert(openKernel() !== undefined, "this host compiles WebAssembly");
  const seed = testSeed();
  const random = seededRandom(seed);
  const vector = (dimensions: number) =>
    Float32Array.from(
      { length: dimensions },
      () => (random.below(2001) - 1000) / 1000 / Math.sqrt(dimensions),
    );
  for (const dimensions of [2, 3, 15, 16, 17, 64, 768, 1000, 4096]) {
    const fast = openVectorRows(dimensions);
    const plain = new PlainVectorRows(dimensions);
    const count = dimensions > 100 ? 50 : 5000;
    for (let row = 0; row < count; row++) {
      const one = vector(dimensions);
      assert(fast.put(row, one) && plain.put(row, one));
    }
    const again = vector(dimensions);
    fast.put(1, again);
    plain.put(1, again);
    const rows = Uint32Array.from(
      { length: count * 2 },
      () => random.below(count),
    );
    const query = vector(dimensions);
    const products = fast.products(query, rows);
    plain.products(query, rows).forEach((product, at) => {
      assert(
        Math.abs(product - products[at]!) < 1e-6,
        `seed ${seed}, ${dimensions} dimensions: ${
          products[at]
        }, not ${product}`,
      );
    });
    assertEquals(fast.get(1), again);
    assertEquals(fast.products(query, new Uint32Array(0)).length, 0);
  }
});
