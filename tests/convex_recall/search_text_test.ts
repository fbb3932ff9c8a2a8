import { assert, assertEquals } from "@std/assert";
import {
  buildSearchText,
  contentOf,
  contentStems,
  MAX_CONTENT_STEMS,
  MAX_FURTHER_CHARACTERS,
  parseSearchText,
  withNext,
} from "../../src/convex/lib/text/searchText.ts";

const source = {
  content: "I painted the old boats",
  enrichedContent: "hobby: painting",
  speaker: "Noor Haddad",
  timestamp: Date.UTC(2024, 1, 9, 23, 59),
  previous: ["What did you do?", "Sunny harbour"],
  next: "Lovely colours!",
};

Deno.test("buildSearchText() can be taken apart into its fields", () => {
  assertEquals(parseSearchText(buildSearchText(source)), {
    content: ["paint", "old", "boat"],
    enriched: ["hobbi", "paint"],
    speaker: ["noor", "haddad"],
    date: ["9", "februari", "2024", "m202402", "d20240209", "w20240205"],
    kinds: ["k0hobbi", "k0art", "k0vehicl"],
    previous: ["what", "did", "you", "do"],
    previous2: ["sunni", "harbour"],
    next: ["love", "colour"],
  });
});

Deno.test("buildSearchText() of content in English alone is its stems", () => {
  assertEquals(buildSearchText({ content: "Mended the clocks" }), "mend clock");
  assertEquals(buildSearchText({ content: "" }), "");
});

Deno.test("withNext() replaces only the next message", () => {
  const { next: _next, ...rest } = source;
  assertEquals(
    withNext(buildSearchText(rest), source.next),
    buildSearchText(source),
  );
  assertEquals(
    withNext(buildSearchText(source), "Rainy pier"),
    buildSearchText({ ...source, next: "Rainy pier" }),
  );
  assertEquals(withNext(buildSearchText(source), ""), buildSearchText(rest));
});

Deno.test("buildSearchText() takes neighbours and content as stems that are at hand", () => {
  const long = Array.from({ length: 300 }, (_, i) => `Word${i}'s`).join(" ");
  for (const next of [source.next, "", "I do", long]) {
    const whole = buildSearchText({ ...source, next });
    const lent = [...source.previous, next].map((content) =>
      contentOf(buildSearchText({ content, speaker: "Omar" }))
    );
    assertEquals(
      buildSearchText({
        ...source,
        stems: contentStems(source.content),
        previous: lent.slice(0, 2),
        next: lent[2]!,
      }),
      whole,
    );
    assertEquals(withNext(buildSearchText(source), lent[2]!), whole);
  }
});

Deno.test("buildSearchText() is bounded whatever it is given", () => {
  const long = "keyword ".repeat(50_000);
  const text = buildSearchText({
    content: long,
    enrichedContent: long,
    speaker: "界".repeat(100_000),
    timestamp: 0,
    previous: [long, long, long],
    next: long,
  });
  assert(new TextEncoder().encode(text).length < 90 * 1024);
  assertEquals(parseSearchText(text).content.length, MAX_CONTENT_STEMS);
});

Deno.test("buildSearchText() keeps of a long content what only its end says, each word once", () => {
  const long = `${"red boat ".repeat(MAX_CONTENT_STEMS)} harbour red harbour`;
  const { content } = parseSearchText(buildSearchText({ content: long }));
  assertEquals(content.slice(MAX_CONTENT_STEMS), ["harbour"]);

  const names = Array.from({ length: 100_000 }, (_, i) => `name${i}`).join(" ");
  const text = buildSearchText({ content: names });
  assert(parseSearchText(text).content.includes("name3000"));
  assert(text.length < MAX_CONTENT_STEMS * 10 + MAX_FURTHER_CHARACTERS);
});

Deno.test("buildSearchText() holds the days that the content speaks of", () => {
  const { date } = parseSearchText(buildSearchText({
    content: "Yesterday we fixed the date: 8 May 2025",
    timestamp: Date.UTC(2024, 2, 1),
  }));
  assertEquals(date.slice(3), [
    "m202403",
    "d20240301",
    "w20240226",
    "d20250508",
    "d20240229",
  ]);
});

Deno.test("parseSearchText() takes a text without lines as content", () => {
  const fields = parseSearchText("red boat");
  assertEquals(fields.content, ["red", "boat"]);
  assertEquals(fields.next, []);
});
