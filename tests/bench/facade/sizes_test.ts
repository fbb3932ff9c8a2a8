import { assertEquals } from "@std/assert";
import { sizesFrom } from "./main.ts";

Deno.test("sizes to measure come in ascending order, and leave something to measure between them", () => {
  assertEquals(sizesFrom("10000,1000"), [1000, 10_000]);
  assertEquals(sizesFrom("400"), [400]);
  // These were begun, and failed after the last of them.
  for (const text of ["200", "1000,1100", "0", "", "1.5e-3", "many"]) {
    assertEquals(sizesFrom(text), undefined, text);
  }
});
