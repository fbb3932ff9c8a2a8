import { assertEquals } from "@std/assert";
import { similarities } from "../../src/convex/lib/ranking/scaled.ts";

const found = (...similarity: number[]) =>
  similarity.map((similarity) => ({ similarity }));

Deno.test("similarities() has the greatest as 1, and 0 for what was not found", () => {
  assertEquals(similarities([...found(0.8, 0.4, -0.2), {}]), [1, 0.5, 0, 0]);
  assertEquals(similarities([{}, {}]), [0, 0]);
});

Deno.test("similarities() gives the mean to what has no embedding, where eight were found by theirs", () => {
  const none = { isUnembedded: true };
  const eight = found(0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0, 0);
  assertEquals(similarities([...eight, none, {}]).slice(-2), [0.625, 0]);
  assertEquals(similarities([...eight.slice(1), none]).at(-1), 0);
});
