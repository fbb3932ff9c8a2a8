import { assert, assertEquals } from "@std/assert";
import {
  furtherSearches,
  missingStems,
  nearWords,
} from "../../src/convex/lib/ranking/nearWords.ts";
import { parseQuery } from "../../src/convex/lib/ranking/query.ts";
import { rank } from "../../src/convex/lib/ranking/rank.ts";
import { buildSearchText } from "../../src/convex/lib/text/searchText.ts";

const NOW = Date.UTC(2024, 5, 1);
const text = (content: string) => buildSearchText({ content });

Deno.test("missingStems() are the long words that no text holds", () => {
  const texts = [text("the kitten sleeps"), text("a photograph")];
  const missing = (question: string) =>
    missingStems(parseQuery(question), texts);
  assertEquals(missing("kitten photograph umbrella kit abc1234"), ["umbrella"]);
  assertEquals(missing("Wo ist meine Garage?"), ["garag"]);
});

Deno.test("missingStems() does not take the end or the beginning of a word for the word", () => {
  assertEquals(missingStems(parseQuery("train"), [text("entrain trainee")]), [
    "train",
  ]);
});

Deno.test("furtherSearches() are three prefixes at most, of the longest missing words", () => {
  assertEquals(
    furtherSearches(
      parseQuery("umbrella kiten philarmonic weather whistle"),
      [],
    ),
    ["phil", "umbr", "weat"],
  );
});

Deno.test("nearWords() are other forms, parts and slips of a word, and no others", () => {
  const cases: [question: string, word: string, isNear: boolean][] = [
    ["Routerpasswort", "Routers", true],
    ["alquileres", "alquiler", true],
    ["скрипки", "скрипке", true],
    ["kiten", "kitten", true],
    ["pipline", "pipeline", true],
    ["congif", "config", false],
    ["aniversary", "anniversary", false],
    ["umbrella", "umbria", false],
    ["company", "computer", false],
    ["marahton", "marathon", true],
    ["contract", "continent", false],
  ];
  for (const [question, word, isNear] of cases) {
    const near = nearWords(parseQuery(question), [text(word)]);
    assertEquals(near.size, isNear ? 1 : 0, `${question}, ${word}`);
  }
});

Deno.test("nearWords() are none where one text holds the word itself", () => {
  const texts = [text("my kitten"), text("her kiten")];
  assertEquals(nearWords(parseQuery("kiten"), texts).size, 0);
});

Deno.test("rank() counts a near word, less than the word beside it", () => {
  const rows = ["kitten", "vaccination", "nothing"].map((content) => ({
    key: content,
    searchText: text(content),
    timestamp: NOW,
  }));
  const hits = rank(parseQuery("kiten vaccination"), rows, { now: NOW });
  assertEquals(hits.map(({ candidate }) => candidate.key), [
    "vaccination",
    "kitten",
    "nothing",
  ]);
  assert(hits[1]!.score > 0);
  assertEquals(hits[2]!.score, 0);
});
