import { assertEquals } from "@std/assert";
import { textMatcher } from "../../src/convex/lib/text/textMatch.ts";

Deno.test("an exact match is the whole text, also where a long query and its text fold to other lengths", () => {
  const query = `i\u0307${"a".repeat(999)}`;
  const { matches } = textMatcher(query, "exact");
  const texts = [query, `İ${"a".repeat(999)}`, `İ${"A".repeat(1000)}`];
  assertEquals(texts.map(matches), [true, true, false]);
  const part = textMatcher(query, "contains");
  assertEquals(texts.map(part.matches), [true, true, true]);
});

Deno.test("a long query that ends in a capital sigma is found within a word", () => {
  const query = `${"ΝΊΚΟ".repeat(300)}Σ`;
  const { matches } = textMatcher(query, "contains");
  assertEquals(matches(`${query}ΤΡΑΤΟΣ`), true);
});
