import { assert, assertEquals } from "@std/assert";
import {
  MAX_QUERY_STEMS,
  MAX_SEARCH_TERMS,
  parseQuery,
} from "../../src/convex/lib/ranking/query.ts";

Deno.test("parseQuery() keeps each stem once, in the order of the text", () => {
  assertEquals(parseQuery("Which boats did Noor's boat club paint?").stems, [
    "boat",
    "noor",
    "club",
    "paint",
  ]);
});

Deno.test("parseQuery() puts the longest stem last, where Convex reads a prefix", () => {
  assertEquals(
    parseQuery("a hippopotamus in the zoo at noon").search.split(" ").at(-1),
    "hippopotamu",
  );
});

Deno.test("parseQuery() sends at most 16 terms, the most telling ones", () => {
  const short = "abcdefghijklmnopqrst".split("").map((c) => `q${c}`);
  const text = `${short.join(" ")} Zanzibar 4711`;
  const terms = parseQuery(text).search.split(" ");
  assertEquals(terms.length, MAX_SEARCH_TERMS);
  assert(terms.includes("zanzibar") && terms.includes("4711"));
});

Deno.test("parseQuery() recognises dates with day or month", () => {
  const cases: [string, string[]][] = [
    ["on 8 May 2023", ["d20230508"]],
    ["on May 8th, 2023?", ["d20230508"]],
    ["in Feb 2024", ["m202402"]],
    ["2024-02-09 and 2024-03", ["d20240209", "m202403"]],
    ["may I ask in 2023", []],
    ["in May", []],
    ["2024-13-01", []],
    ["31 August, 1999", ["d19990831"]],
  ];
  for (const [text, dates] of cases) {
    assertEquals([...parseQuery(text).dates], dates, text);
  }
});

Deno.test("parseQuery() searches for the dates that it recognised", () => {
  assert(parseQuery("lunch on 8 May 2023").search.includes("d20230508"));
});

Deno.test("parseQuery() takes yesterday from the time of asking", () => {
  const now = Date.UTC(2024, 2, 1);
  assertEquals(parseQuery("lunch yesterday", now).dates, ["d20240229"]);
  assertEquals(parseQuery("lunch yesterday").dates, []);
  assert(parseQuery("lunch yesterday", now).search.includes("d20240229"));
});

Deno.test("parseQuery() of a time alone looks for its dates alone", () => {
  const now = Date.UTC(2024, 2, 1);
  for (
    const text of [
      "What did I tell you yesterday?",
      "what happened yesterday",
    ]
  ) {
    const { stems, search } = parseQuery(text, now);
    assertEquals([stems, search], [[], "d20240229"], text);
  }
  assertEquals(parseQuery("yesterday", now).stems, ["yesterdai"]);
  assertEquals(parseQuery("Which film did we see yesterday?", now).stems, [
    "film",
    "see",
    "yesterdai",
  ]);
});

Deno.test("parseQuery() of stop words alone keeps them", () => {
  assertEquals(parseQuery("Who are you?").stems, ["who", "ar", "you"]);
});

Deno.test("parseQuery() of a text without words is empty", () => {
  const query = parseQuery(" ?!… ");
  assertEquals([query.stems.length, query.search], [0, ""]);
});

Deno.test("parseQuery() bounds a pasted page", () => {
  const page = Array.from({ length: 5000 }, (_, at) => `word${at}x`).join(" ");
  const query = parseQuery(page);
  assertEquals(query.stems.length, MAX_QUERY_STEMS);
  assertEquals(query.search.split(" ").length, MAX_SEARCH_TERMS);
});

Deno.test("parseQuery() knows which stems follow each other", () => {
  const { followers } = parseQuery("red boat, red house");
  assertEquals([...followers.get("red")!], ["boat", "hous"]);
  assertEquals(followers.has("hous"), false);
});

Deno.test("parseQuery() searches for the kinds that are named, while there is room", () => {
  const { kinds, search } = parseQuery("Which pets has Noor?");
  assertEquals([...kinds], [["pet", ["k0pet"]]]);
  assert(search.split(" ").includes("k0pet"));
  assertEquals(parseQuery("Which puppy?").kinds.size, 0);
  const long = Array.from({ length: 20 }, (_, i) => `longword${i}`).join(" ");
  assert(!parseQuery(`${long} pet`).search.includes("k0pet"));
});

Deno.test("parseQuery() knows a question for a time", () => {
  for (const text of ["When was it?", "How long ago?", "What year was it?"]) {
    assert(parseQuery(text).asksWhen, text);
  }
  for (const text of ["", "Who?", "I know when", "How many?", "What time"]) {
    assertEquals(parseQuery(text).asksWhen, text === "What time", text);
  }
});

Deno.test("a question is about the speaker if no other word says anything", () => {
  for (
    const text of [
      "Who am I?",
      "What do you know about me?",
      "Summarize our conversation",
      "What's my name?",
      "what did I just tell you",
    ]
  ) assert(parseQuery(text).isOfSelf, text);
  for (
    const text of [
      "",
      "Who is it?",
      "What do you know about Bob?",
      "Where do I live?",
      "What's my cat's name?",
      "Hi!",
    ]
  ) assert(!parseQuery(text).isOfSelf, text);
});
