import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { parseQuery } from "../../src/convex/lib/ranking/query.ts";
import {
  type Candidate,
  rank,
  WEIGHTS,
} from "../../src/convex/lib/ranking/rank.ts";
import {
  buildSearchText,
  type SearchTextSource,
} from "../../src/convex/lib/text/searchText.ts";

const NOW = Date.UTC(2024, 5, 1);

function row(
  key: string,
  source: SearchTextSource,
  more: Partial<Candidate> = {},
): Candidate {
  const { timestamp = NOW } = source;
  return { key, searchText: buildSearchText(source), timestamp, ...more };
}

function order(
  question: string,
  rows: Candidate[],
  options = { now: NOW },
): string[] {
  return rank(parseQuery(question), rows, options).map((hit) =>
    hit.candidate.key
  );
}

Deno.test("rank() puts the rarer word before the commoner", () => {
  assertEquals(
    order("lamp oboe", [
      row("a", { content: "lamp here" }),
      row("b", { content: "lamp there" }),
      row("c", { content: "oboe there" }),
    ])[0],
    "c",
  );
});

Deno.test("rank() puts what answers a question before what follows a statement", () => {
  const previous = ["green kettle"];
  assertEquals(
    order("green kettle", [
      row("a", { content: "very shiny indeed", previous }),
      row("b", { content: "rather dented now", previous, isAnswer: true }),
    ])[0],
    "b",
  );
});

Deno.test("rank() scores lie in 0 to 1, sorted, and nothing is dropped", () => {
  const rows = ["lamp oboe", "oboe", "lamp", "nothing else", ""].map((
    content,
    at,
  ) => row(`r${at}`, { content }, { similarity: at % 2 ? -0.5 : 0.4 }));
  const hits = rank(parseQuery("oboe and lamp"), rows, { now: NOW });
  assertEquals(hits.length, rows.length);
  hits.forEach(({ score }, at) => {
    assert(score >= 0 && score <= 1, `score ${score}`);
    assert(at === 0 || score <= hits[at - 1]!.score);
  });
});

Deno.test("rank() scores a whole answer 1 to the last bit, at every hour", () => {
  const rows = [row("a", { content: "green kettle" })];
  const question = parseQuery("green kettle");
  for (let hour = 0; hour < 1000; hour++) {
    const [best] = rank(question, rows, { now: NOW + hour * 3_601_237 });
    assertEquals(best!.score, 1, `hour ${hour}`);
  }
});

Deno.test("rank() scores a half-answered question lower than an answered one", () => {
  const rows = [
    row("a", { content: "green kettle" }),
    row("b", { content: "x" }),
  ];
  const [whole] = rank(parseQuery("green kettle"), rows, { now: NOW });
  const [half] = rank(parseQuery("green zeppelin"), rows, { now: NOW });
  assert(whole!.score > half!.score);
  assertEquals(half!.candidate.key, "a");
});

Deno.test("rank() finds an answer by the question that it answers", () => {
  assertEquals(
    order("Which instrument?", [
      row("plain", { content: "The oboe" }),
      row("answer", { content: "The oboe", previous: ["Which instrument?"] }),
    ])[0],
    "answer",
  );
});

Deno.test("rank() weighs own words above the neighbours' words", () => {
  assertEquals(
    order("oboe", [
      row("next", { content: "lamp", next: "oboe" }),
      row("before", { content: "lamp", previous: ["oboe"] }),
      row("own", { content: "oboe" }),
    ]),
    ["own", "before", "next"],
  );
});

Deno.test("rank() prefers the day, then the month that is named", () => {
  const at = (month: number, day: number) => Date.UTC(2023, month, day, 12);
  const rows = [
    row("other", { content: "we had lunch", timestamp: at(6, 3) }),
    row("day", { content: "we had lunch", timestamp: at(4, 8) }),
  ];
  assertEquals(order("lunch on 8 May 2023", rows)[0], "day");
  assertEquals(order("lunch in July 2023", rows)[0], "other");
});

Deno.test("rank() prefers the speaker whom the question names", () => {
  assertEquals(
    order("What did Noor paint?", [
      row("omar", { content: "I paint boats", speaker: "Omar" }),
      row("noor", { content: "I paint boats", speaker: "Noor" }),
    ])[0],
    "noor",
  );
});

Deno.test("rank() prefers a statement to a question", () => {
  assertEquals(
    order("paint boats", [
      row("q", { content: "You paint boats?" }, { isQuestion: true }),
      row("s", { content: "You paint boats." }),
    ])[0],
    "s",
  );
});

Deno.test("rank() prefers words side by side", () => {
  assertEquals(
    order("river bank", [
      row("apart", { content: "bank near wide river" }),
      row("together", { content: "wide near river bank" }),
    ])[0],
    "together",
  );
});

Deno.test("rank() lifts the conversation that is about the question", () => {
  const rows = [
    row("a1", { content: "kayak tour" }, { group: "a" }),
    row("a2", { content: "kayak lake kayak" }, { group: "a" }),
    row("b1", { content: "kayak tour" }, { group: "b" }),
    row("b2", { content: "soup tour dinner" }, { group: "b" }),
  ];
  const found = order("kayak lake", rows);
  assert(found.indexOf("a1") < found.indexOf("b1"), String(found));
});

Deno.test("rank() never lets one leg drop the hits of another", () => {
  const words = row("words", { content: "exact code XK42" });
  const sense = row("sense", { content: "something else" }, {
    similarity: 0.9,
  });
  const found = order("XK42", [words, sense]);
  assertEquals(found.toSorted(), ["sense", "words"]);
  const hits = rank(parseQuery("XK42"), [words, sense], { now: NOW });
  for (const hit of hits) assert(hit.score > 0.3, JSON.stringify(hit));
});

Deno.test("rank() lifts a memory whose fact was found", () => {
  assertEquals(
    order("tour", [
      row("plain", { content: "tour" }),
      row("fact", { content: "tour" }, { factScore: 0.9 }),
    ])[0],
    "fact",
  );
});

Deno.test("rank() lets recency, importance and confidence change a score by at most 15 %", () => {
  const content = "tour";
  const hits = rank(parseQuery("tour"), [
    row("high", { content }, {
      importance: 100,
      confidence: 100,
      timestamp: NOW,
    }),
    row("low", { content }, { importance: 0, confidence: 0, timestamp: 0 }),
  ], { now: NOW });
  assertEquals(hits[0]!.candidate.key, "high");
  assertAlmostEquals(
    hits[1]!.score / hits[0]!.score,
    (1 - WEIGHTS.prior) / (1 + WEIGHTS.prior),
    1e-9,
  );
});

Deno.test("rank() orders equals newest first, then by key, whatever the input order", () => {
  const content = "tour";
  const rows = [
    row("b", { content }, { timestamp: NOW + 1, importance: 50 }),
    row("a", { content }, { timestamp: NOW + 1, importance: 50 }),
    row("c", { content }, { timestamp: NOW + 2, importance: 50 }),
  ];
  assertEquals(order("tour", rows), ["c", "a", "b"]);
  assertEquals(order("tour", rows.toReversed()), ["c", "a", "b"]);
  // Of one moment in one conversation: each shares in the similarity of the one before.
  const said = rows.map((one, at) => ({
    ...one,
    timestamp: NOW,
    group: "talk",
    similarity: at === 0 ? 1 : 0,
  }));
  assertEquals(order("tour", said), ["b", "c", "a"]);
  assertEquals(order("tour", said.toReversed()), ["b", "c", "a"]);
});

Deno.test("rank() finds a thing by its kind, behind the word itself", () => {
  assertEquals(
    order("Which pets are there?", [
      row("none", { content: "A quiet evening" }),
      row("kind", { content: "The puppy sleeps" }),
      row("word", { content: "The pet sleeps" }),
    ]),
    ["word", "kind", "none"],
  );
});

Deno.test("rank() finds a word by its irregular forms", () => {
  assertEquals(
    order("Who buys children's knives?", [
      row("other", { content: "They sell a spoon" }),
      row("forms", { content: "A child bought a knife" }),
    ])[0],
    "forms",
  );
});

Deno.test("rank() prefers what speaks of a day when it is asked for one", () => {
  const rows = [
    row("plain", { content: "Noor mended the clock at home", timestamp: NOW }),
    row("day", { content: "Noor mended the clock yesterday", timestamp: NOW }),
  ];
  assertEquals(order("When was the clock mended?", rows)[0], "day");
  const hits = rank(parseQuery("Who mended the clock?"), rows, {
    now: NOW,
    explain: true,
  });
  assertEquals(hits.map((hit) => hit.explanation!.when), [0, 0]);
});

Deno.test("rank() judges a long text by its best passage", () => {
  const filler = Array.from({ length: 60 }, (_, i) => `word${i}x`).join(" ");
  const rows = [
    row("scattered", {
      content: `brass ${filler} ship ${filler} clock ${filler}`,
    }),
    row("together", { content: `${filler} ${filler} brass ship clock` }),
  ];
  assertEquals(order("clock of the brass ship", rows)[0], "together");
});

Deno.test("rank() prefers what a user said to the same words in an agent's long answer", () => {
  const filler = Array.from({ length: 90 }, (_, i) => `word${i}x`).join(" ");
  assertEquals(
    order("brass clock", [
      row("agent", { content: `brass clock ${filler}` }, { isReply: true }),
      row("user", { content: `brass clock ${filler}` }),
    ])[0],
    "user",
  );
  const [a, b] = rank(parseQuery("brass clock"), [
    row("agent", { content: "brass clock" }, { isReply: true }),
    row("user", { content: "brass clock" }),
  ], { now: NOW });
  assertEquals(a!.score, b!.score);
});

Deno.test("rank() explains each score by what it is made of", () => {
  const rows = [
    row("a", {
      content: "Ran with the brass clock yesterday",
      speaker: "Noor",
    }, { group: "a", similarity: 0.4, importance: 90 }),
    row("b", { content: "A brass clock?", speaker: "Omar" }, {
      group: "b",
      isQuestion: true,
      factScore: 0.5,
    }),
    row("c", { content: "nothing" }, { similarity: 0.9 }),
  ];
  const query = parseQuery("When did Noor run with the brass clock?");
  const hits = rank(query, rows, { now: NOW, explain: true });
  for (const { score, explanation: e } of hits) {
    const text = (e!.words + e!.session + e!.phrase + e!.coverage + e!.date +
      e!.when + e!.length) * e!.speaker * e!.question * e!.reply;
    assertAlmostEquals(
      e!.scale * e!.prior * (text + e!.vector + e!.facts),
      score,
    );
    assert(e!.prior >= 0.85 && e!.prior <= 1.15);
  }
  assertEquals(
    rank(query, rows, { now: NOW }).map(({ explanation }) => explanation),
    [undefined, undefined, undefined],
  );
});

Deno.test("rank() of nothing is nothing, and an empty question ranks by what is left", () => {
  assertEquals(order("tour", []), []);
  const rows = [
    row("a", { content: "x" }),
    row("b", { content: "x" }, { similarity: 0.8 }),
  ];
  assertEquals(order("", rows), ["b", "a"]);
});

Deno.test("rank() counts whole stems only", () => {
  const hits = rank(parseQuery("art"), [
    row("part", { content: "parts cartoon heart" }),
  ], { now: NOW });
  assertEquals(hits[0]!.score, 0);
});

Deno.test("rank() takes the day that a question names for an answer, of a question without other words for a whole one", () => {
  const yesterday = NOW - 86_400_000;
  const rows = [
    row("then", { content: "green kettle", timestamp: yesterday }),
    row("now", { content: "red pan", timestamp: NOW }),
  ];
  const scores = (question: string) =>
    rank(parseQuery(question, NOW), rows, { now: NOW }).map((hit) => [
      hit.candidate.key,
      hit.score,
    ]);
  assertEquals(scores("What happened yesterday?"), [["then", 1], ["now", 0]]);
  const [[key, score]] = scores("Which film did we see yesterday?") as [
    [string, number],
  ];
  assertEquals([key, score], ["then", 0.5]);
});
