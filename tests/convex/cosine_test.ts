import { assertAlmostEquals, assertEquals } from "@std/assert";
import { cosine } from "../../src/convex/lib/embeddings.ts";

Deno.test("cosine() is 1 for the same vector and at most 1, however long vectors are", () => {
  for (const scale of [1e-100, 0.1, 1, 1e100]) {
    const vector = [3, 4, 5, 7].map((x) => x * scale);
    assertEquals(cosine(vector, vector), 1);
    const twice = vector.map((x) => 2 * x);
    assertEquals(cosine(vector, twice) <= 1, true);
    assertAlmostEquals(cosine(vector, twice), 1, 1e-12);
    assertAlmostEquals(cosine([scale, 0], [scale, scale]), Math.SQRT1_2, 1e-12);
  }
  assertEquals(cosine([0, 0], [1, 1]), 0);
  assertEquals(cosine([1], [1, 1]), 0);
});
