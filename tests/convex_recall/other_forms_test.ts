/** Other forms and spellings of a question's words, also where the question's own form is in other rows. */
import { assert, assertEquals } from "@std/assert";
import {
  furtherSearches,
  nearWords,
} from "../../src/convex/lib/ranking/nearWords.ts";
import {
  MAX_SEARCH_TERMS,
  parseQuery,
} from "../../src/convex/lib/ranking/query.ts";
import { rank } from "../../src/convex/lib/ranking/rank.ts";
import {
  buildSearchText,
  parseSearchText,
  withNext,
} from "../../src/convex/lib/text/searchText.ts";
import {
  beginningsOf,
  coreOf,
  endOf,
  endsIn,
  isEnglish,
  rootsOf,
} from "../../src/convex/lib/text/roots.ts";
import { otherHan } from "../../src/convex/lib/text/hanVariants.ts";
import { words } from "../../src/convex/lib/text/text.ts";

const text = (content: string) => buildSearchText({ content });

Deno.test("isEnglish() tells English from other languages, and not from a few words", () => {
  const english = [
    "We moved to Leipzig in March.",
    "Zoë is my sister, she lives in Zürich.",
    "Where did I park?",
  ];
  for (const one of english) assert(isEnglish(words(one)), one);
  const others = [
    "Wir sind im März nach Leipzig umgezogen.",
    "Mi hermana vive al sur de Madrid, junto al hospital.",
    "Pracuję w szpitalu i mam kota.",
    "Veljeni Mikko menee naimisiin ensi vuonna.",
    "parking garage",
    "",
  ];
  for (const one of others) assert(!isEnglish(words(one)), one);
});

Deno.test("rootsOf() has beginnings of longer words, each once, and none of numbers and pairs", () => {
  assertEquals(rootsOf(["кот", "орех", "книга", "книги"]), ["книг"]);
  assertEquals(rootsOf(["переехали", "орехами"]), ["перее", "орех", "ореха"]);
  assertEquals(rootsOf(["halbmarathon"]), ["halbm", "0ratho"]);
  assertEquals(rootsOf(["2024", "ab12cdef", "東京", "ไปบ้าน"]), []);
});

Deno.test("beginningsOf() are among the roots of other forms, or these forms themselves", () => {
  const forms: string[][] = [
    ["орех", "орехи", "орехами"],
    ["kirja", "kirjan", "kirjassa"],
    ["kira", "kirayi", "kiralar"],
    ["appartamento", "appartamenti"],
    ["скрипка", "скрипке", "скрипками"],
  ];
  for (const all of forms) {
    for (const asked of all) {
      for (const said of all) {
        const terms = new Set([asked, ...beginningsOf(asked)]);
        assert(
          [said, ...rootsOf([said])].some((token) => terms.has(token)),
          `${asked}, ${said}`,
        );
      }
    }
  }
});

Deno.test("a search text keeps the beginnings of its words when the next message comes", () => {
  const before = text("Мы переехали в Пермь");
  const { kinds, next } = parseSearchText(withNext(before, "Правда?"));
  assert(kinds.includes("перее"));
  assertEquals(next, ["правда"]);
});

Deno.test("parseQuery() looks for other forms, except in English, and within the bound", () => {
  const { search, beginnings } = parseQuery("Куда мы переехали?");
  assert(search.split(" ").includes("перее"));
  assertEquals(beginnings.get("переехали"), ["перее"]);
  assertEquals(parseQuery("Where have we moved to?").beginnings.size, 0);
  const long = parseQuery(
    "переехали квартира скрипка собака машина ".repeat(3),
  );
  assert(long.search.split(" ").length <= MAX_SEARCH_TERMS);
});

Deno.test("nearWords() has other forms also where a text holds the word itself", () => {
  const texts = [text("Где была скрипка?"), text("Она играет на скрипке")];
  const near = nearWords(parseQuery("Где моя скрипка?"), texts);
  assertEquals(near.get("скрипка"), ["скрипке"]);
});

Deno.test("nearWords() has no words that share only a few letters", () => {
  const texts = [text("umbria"), text("progreso del programa")];
  assertEquals(nearWords(parseQuery("umbrella"), texts).size, 0);
  assertEquals(
    nearWords(parseQuery("¿Dónde están los progenitores?"), texts).size,
    0,
  );
});

Deno.test("rank() puts the word itself before its other forms, and these before nothing", () => {
  const rows = ["Кошка соседки", "Собака спит", "Гуляю с собакой"].map(
    (content, at) => ({
      key: content,
      searchText: text(content),
      timestamp: at,
    }),
  );
  const ranked = rank(parseQuery("Какая у нас собака?"), rows, { now: 0 });
  assertEquals(ranked.map(({ candidate }) => candidate.key), [
    "Собака спит",
    "Гуляю с собакой",
    "Кошка соседки",
  ]);
  assert(ranked[1]!.score > 0 && ranked[1]!.score < ranked[0]!.score);
  assertEquals(ranked[2]!.score, 0);
});

Deno.test("nearWords() has spellings of keyboards without the letter, both ways", () => {
  const cases: [question: string, content: string][] = [
    ["Mueller", "Dr. Müller is my dentist"],
    ["Müller", "Dr. Mueller is my dentist"],
    ["Zuerich", "She lives in Zürich"],
    ["Who is Søren?", "Soeren is a philosopher"],
    ["Håkan", "My boss is Haakan"],
  ];
  for (const [question, content] of cases) {
    const query = parseQuery(question);
    const { content: stems } = parseSearchText(text(content));
    const near = [...nearWords(query, [text(content)]).values()].flat();
    const asked = query.search.split(" ");
    const isFound = (stem: string) => asked.includes(stem);
    assert(
      near.some(isFound) || query.stems.some((stem) => stems.includes(stem)),
      question,
    );
  }
  assertEquals(parseQuery("the quest").spellings.get("quest"), undefined);
});

Deno.test("parseQuery() looks for a word made of two of a short question", () => {
  const near = (question: string, content: string) =>
    nearWords(parseQuery(question), [text(content)]);
  assertEquals(
    near("my flower pot keys", "Keys are under the flowerpot").get("pot"),
    ["flowerpot"],
  );
  assertEquals(
    parseQuery("red green blue black white pink boats").spellings.size,
    0,
  );
});

Deno.test("rows that an earlier version indexed, without beginnings or parts, are found as before", () => {
  const cases: [question: string, searchText: string][] = [
    ["когда мы переехать", "переехали из казани"],
    ["flight LH441", "booked lh441"],
    ["What does getUserProfile do?", "getuserprofil throw"],
    ["Dr. Müller", "dr muller dentist"],
    ["Who is (555) 867-5309?", "call 555 867 5309"],
  ];
  for (const [question, searchText] of cases) {
    const row = { key: "row", searchText, timestamp: 0 };
    const [ranked] = rank(parseQuery(question), [row], { now: 0 });
    assert(ranked!.score > 0, question);
  }
});

Deno.test("a long word is found by the word that it ends in, with any ending", () => {
  const cases: [asked: string, said: string, isFound: boolean][] = [
    ["marathon", "halbmarathon", true],
    ["vertrag", "mietvertrages", true],
    ["schuhe", "wanderschuh", true],
    ["orkest", "schoolorkest", true],
    ["kurse", "abendkurs", false],
    ["termin", "terminen", false],
    ["haus", "krankenhaus", false],
  ];
  for (const [asked, said, isFound] of cases) {
    const core = coreOf(asked);
    const isEnd = core !== undefined && endsIn(said, core) &&
      rootsOf([said]).includes(endOf(asked));
    assertEquals(isEnd, isFound, `${asked}, ${said}`);
  }
  const query = parseQuery("Wann war der Marathon?");
  assert(query.search.split(" ").includes("0ratho"));
  const near = nearWords(query, [text("Ich lief einen Halbmarathon.")]);
  assertEquals(near.get("marathon"), ["halbmarathon"]);
  assertEquals(parseQuery("When was the marathon?").cores.size, 0);
});

Deno.test("otherHan() turns simplified characters into traditional ones, and the other way round", () => {
  const cases: [string, string][] = [
    ["电动车", "電動車"],
    ["密码", "密碼"],
    ["台中", "臺中"],
    ["结婚", "結婚"],
  ];
  for (const [simple, full] of cases) {
    assertEquals([otherHan(simple), otherHan(full)], [full, simple]);
  }
  for (const word of ["北京", "kat", "コー"]) {
    assertEquals(otherHan(word), word);
  }
});

Deno.test("a question in one form of Chinese characters is also searched for in the other", () => {
  const query = parseQuery("谁买了电动车?");
  assert(!query.search.includes("電動"));
  const terms = query.searchInOtherHan.split(" ");
  assert(terms.includes("電動") && terms.length <= MAX_SEARCH_TERMS);
  assert(furtherSearches(query, []).includes(query.searchInOtherHan));
  const near = nearWords(query, [text("我們買了一輛電動車")]);
  assertEquals(near.get("电动"), ["電動"]);
  assertEquals(
    parseQuery("北京在哪里").searchInOtherHan.includes("北京"),
    true,
  );
  assertEquals(parseQuery("Where is Lena?").searchInOtherHan, "");
  assertEquals(furtherSearches(parseQuery("a kit"), []), []);
});
