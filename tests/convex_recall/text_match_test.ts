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

Deno.test("an exact match may have an accent after its last letter, as a character of its own", () => {
  for (
    const [query, text] of [["Cafe", "cafe\u0301"], ["كتاب", "كتابٌ"]] as const
  ) {
    const { matches } = textMatcher(query, "exact");
    assertEquals([text, query, `${text}s`].map(matches), [true, true, false]);
  }
});

Deno.test("a long query that ends in a capital sigma is found within a word", () => {
  const query = `${"ΝΊΚΟ".repeat(300)}Σ`;
  const { matches } = textMatcher(query, "contains");
  assertEquals(matches(`${query}ΤΡΑΤΟΣ`), true);
});

Deno.test("texts match whatever accents they have, and however these are encoded", () => {
  const cases: [query: string, text: string, excerpt: string][] = [
    ["Lodz", "Łukasz from Łódź", "Łukasz from Łódź"],
    ["ZOE", "my sister Zoë", "my sister Zoë"],
    ["Zoë", "my sister Zoe", "my sister Zoe"],
    ["caf\u00e9", "the cafe\u0301 here", "the cafe\u0301 here"],
    ["cafe\u0301", "the caf\u00e9 here", "the caf\u00e9 here"],
    ["strasse", "Straße 9", "Straße 9"],
    ["Istanbul", "İstanbul'a", "İstanbul'a"],
    ["dieu thuy", "Diệu Thúy Lan", "Diệu Thúy Lan"],
    ["φιλος", "ο φίλος μου", "ο φίλος μου"],
    ["елка", "наша ёлка", "наша ёлка"],
    ["احمد", "مع أحمد", "مع أحمد"],
    ["[a.b]*", "x [á.b]*", "x [á.b]*"],
  ];
  for (const [query, text, excerpt] of cases) {
    for (const mode of ["contains", "fuzzy"] as const) {
      const { matches, highlight } = textMatcher(query, mode);
      assertEquals(matches(text), true, `${query}, ${text}`);
      assertEquals(highlight(text), excerpt);
    }
    const { matches } = textMatcher(query, "exact");
    assertEquals([matches(text), matches(query)], [false, true], query);
  }
  for (const text of ["Łód", "Kodź", "a.b", "ladz"]) {
    assertEquals(textMatcher("Lodz", "contains").matches(text), false, text);
  }
  const long = `${"x".repeat(100)} Łódź ${"y".repeat(100)}`;
  assertEquals(
    textMatcher("lodz", "contains").highlight(long),
    `${"x".repeat(29)} Łódź ${"y".repeat(29)}`,
  );
});
