import { assert, assertEquals } from "@std/assert";
import {
  estimateTokens,
  formatForLLM,
} from "../../src/cortex/memory/format_for_llm.ts";
import type { RecallItem } from "../../src/cortex/types/recall.ts";

const item = (part: object): RecallItem =>
  ({ id: "i", score: 1, source: "vector", ...part }) as RecallItem;

Deno.test("formatForLLM() gives nothing for nothing", () => {
  assertEquals(formatForLLM([]), "");
});

Deno.test("formatForLLM() puts facts before messages, sections only where there is something", () => {
  const memory = item({
    type: "memory",
    content: "# Hello\r\n\u2028\x1c\x85\x1b there",
    memory: { messageRole: "user" },
  });
  const note = item({
    type: "memory",
    content: "a note",
    memory: { sourceType: "tool" },
  });
  const fact = item({
    type: "fact",
    content: "f\n- g",
    fact: { confidence: 7 },
  });
  assertEquals(
    formatForLLM([memory, fact, note]),
    "## Relevant Context\n\n### Known Facts\n- f - g (confidence: 7%) [i]\n\n" +
      "### Conversation History\n[user]: # Hello there [i]\n[tool]: a note [i]",
  );
  assertEquals(
    formatForLLM([fact]),
    "## Relevant Context\n\n### Known Facts\n- f - g (confidence: 7%) [i]",
  );
});

Deno.test("formatForLLM() states on which day something was said, and by whom where several users or agents speak", () => {
  const said = (memory: object) =>
    item({ type: "memory", content: "hi", memory });
  const day = Date.UTC(2026, 9, 18, 23, 59);
  const ada = said({
    messageRole: "user",
    userId: "u-1",
    sourceUserName: "Ada\nB.",
    sourceTimestamp: day,
  });
  const reply = said({
    messageRole: "agent",
    userId: "u-1",
    agentId: "bot",
    sourceTimestamp: day + 60_000,
  });
  const lines = (...items: RecallItem[]) =>
    formatForLLM(items).split("\n").slice(3);
  assertEquals(lines(ada, reply), [
    "[user]: hi (2026-10-18) [i]",
    "[agent]: hi (2026-10-19) [i]",
  ]);
  const bob = said({ messageRole: "user", userId: "bob" });
  const scout = said({
    messageRole: "agent",
    agentId: "bot",
    participantId: "scout",
    sourceTimestamp: 1e300,
  });
  assertEquals(lines(ada, reply, bob, scout), [
    "[user]: hi (Ada B., 2026-10-18) [i]",
    "[agent]: hi (bot, 2026-10-19) [i]",
    "[user]: hi (bob) [i]",
    "[agent]: hi (scout) [i]",
  ]);
  const note = said({ sourceType: "tool", participantId: "scout" });
  assertEquals(lines(ada, reply, note)[2], "[tool]: hi [i]");
});

Deno.test("formatForLLM() gives once what was said several times on one day", () => {
  const said = (id: string, day: number, role = "user") =>
    item({
      type: "memory",
      id,
      content: "I ran 5 km",
      memory: { messageRole: role, sourceTimestamp: Date.UTC(2026, 9, day) },
    });
  const fact = (id: string) =>
    item({ type: "fact", id, content: "runs", fact: { confidence: 90 } });
  assertEquals(
    formatForLLM([
      said("m-1", 18),
      said("m-2", 18),
      fact("f-1"),
      said("m-3", 19),
      said("m-4", 18, "agent"),
      fact("f-2"),
    ]).split("\n\n").slice(1),
    [
      "### Known Facts\n- runs (confidence: 90%) [f-1]",
      "### Conversation History\n[user]: I ran 5 km (2026-10-18) [m-1]\n" +
      "[user]: I ran 5 km (2026-10-19) [m-3]\n" +
      "[agent]: I ran 5 km (2026-10-18) [m-4]",
    ],
  );
});

Deno.test("estimateTokens() is near what encodings of language models count", () => {
  // What `gpt-tokenizer` 4.0.0 counts for cl100k_base.
  for (
    const [tokens, text] of [
      [
        23,
        "I moved to Lisbon in March, and my brother wants to follow me there as soon as he has found work.",
      ],
      [
        39,
        "[user]: I moved to Lisbon in March. (2026-11-28) [mem-1795828573581-h5sqru3k5pno1u0j]",
      ],
      [
        42,
        "Call me at +351 912 345 678, order 4711-0815, total 1249.90 EUR, on 2026-11-28 at 18:30.",
      ],
      [
        24,
        "const total = items.filter((item) => item.done).map(({ price }) => price * 1.23);",
      ],
      [19, "Ich bin im März nach Lissabon gezogen und mag keine Nüsse."],
      [18, "私は三月にリスボンに引っ越しました。"],
    ] as const
  ) {
    const estimate = estimateTokens(text);
    assert(Math.abs(estimate / tokens - 1) <= 0.2, `${estimate}: ${text}`);
  }
});

Deno.test("formatForLLM() stays within maxTokens, and prefers the better items", () => {
  const items = Array.from({ length: 40 }, (_, at) =>
    item({
      type: at % 3 === 0 ? "fact" : "memory",
      id: `id-${at}`,
      content: at % 5 === 4 ? "é 東京 ".repeat(40) : `text ${at} `.repeat(4),
      fact: { confidence: 50 },
    }));
  let before = 0;
  for (const maxTokens of [1, 10, 20, 40, 80, 160, 400, 1000, 5000]) {
    const text = formatForLLM(items, maxTokens);
    assert(estimateTokens(text) <= maxTokens, `${maxTokens}`);
    assert(text.length >= before);
    before = text.length;
    if (maxTokens >= 40) assert(text.includes("[id-0]"));
  }
  assertEquals(formatForLLM(items, 5000), formatForLLM(items));
  assert(formatForLLM(items, 160).length > 400);
});

Deno.test("formatForLLM() cuts the best item rather than giving nothing", () => {
  const long = item({
    type: "memory",
    id: "long",
    content: "😀 words ".repeat(99),
  });
  const text = formatForLLM(
    [long, item({ type: "memory", content: "short" })],
    60,
  );
  assert(text.includes("😀 words 😀"));
  assert(/… \[long\]$/.test(text), text);
  assert(text.isWellFormed());
  assertEquals(formatForLLM([long], 5), "");
});

Deno.test("formatForLLM() measures a text as it shows it, in one line", () => {
  const json = JSON.stringify(
    Array.from({ length: 60 }, (_, at) => ({ key: `of lamp ${at}` })),
    null,
    8,
  );
  const best = item({ type: "memory", id: "json", content: json });
  for (const maxTokens of [60, 100, 200]) {
    const text = formatForLLM([best], maxTokens);
    assert(text.includes("of lamp 0"), `${maxTokens}: ${text}`);
    assert(estimateTokens(text) > 0.8 * maxTokens, text);
  }
  const poem = "Rose\n\n\n\n\n\n\n\n".repeat(200);
  const whole = formatForLLM([item({ type: "memory", content: poem })], 1000);
  assert(!whole.includes("…"), "it has 250 tokens");
});

Deno.test("formatForLLM() prefers a short item to a mark for one of which nothing fits", () => {
  const id = "i".repeat(60);
  const long = item({ type: "memory", id, content: "words ".repeat(9) });
  const brief = item({ type: "memory", id: "b", content: "tea" });
  for (let maxTokens = 20; maxTokens < 60; maxTokens++) {
    const text = formatForLLM([long, brief], maxTokens);
    assert(/\]: \w/.test(text), `${maxTokens}: ${text}`);
  }
});

Deno.test("formatForLLM() leaves out what does not fit for shorter items behind it", () => {
  const long = item({
    type: "memory",
    id: "long",
    content: "words ".repeat(99),
  });
  const brief = (id: string) => item({ type: "memory", id, content: "brief" });
  const other = item({ type: "memory", id: "b", content: "other" });
  const text = formatForLLM([brief("a"), long, other], 40);
  assert(text.includes("[a]") && text.includes("[b]"));
  assert(!text.includes("[long]"));
});

Deno.test("formatForLLM() quotes long texts from their passage on, so that several fit", () => {
  const long = (id: string, passageStart?: number) =>
    item({
      id,
      type: "memory",
      content: Array.from({ length: 400 }, (_, at) => `${id}${at}`).join(" "),
      memory: { messageRole: "user" },
      ...(passageStart !== undefined && { passageStart }),
    });
  const start = long("b").content.indexOf("b200 ");
  const items = [long("a"), long("b", start), long("c", 2200), long("d")];
  const context = formatForLLM(items, 2000);
  assert(estimateTokens(context) <= 2000);
  const lines = context.split("\n").slice(3);
  assertEquals(lines.length, 4, "a sixth of the tokens each");
  assert(lines[0]!.startsWith("[user]: a0 a1 "), lines[0]);
  assert(/ a\d+… \[a\]$/.test(lines[0]!), lines[0]);
  assert(lines[1]!.startsWith("[user]: …b200 b201 "), lines[1]);
  assert(/ b\d+… \[b\]$/.test(lines[1]!), lines[1]);
  // Little is left behind this passage: it is quoted from before.
  assert(/^\[user\]: …c\d+ .* c399 \[c\]$/.test(lines[2]!), lines[2]);
  assertEquals(formatForLLM(items).match(/…/g), null, "whole without a bound");
});

Deno.test("formatForLLM() gives a text whole that is little longer than its quotation", () => {
  const text = "word ".repeat(240).trim();
  const whole = item({ type: "memory", content: text, memory: {} });
  assert(estimateTokens(text) > 250);
  const context = formatForLLM([whole, { ...whole, id: "j" }], 1000);
  assert(context.includes(text));
});

Deno.test("formatForLLM() cuts no character in two", () => {
  for (const passageStart of [2000, 3500, 3990, 3998]) {
    const content = "🙂".repeat(2000);
    const cut = item({ type: "memory", content, memory: {}, passageStart });
    for (let maxTokens = 100; maxTokens < 108; maxTokens++) {
      assert(formatForLLM([cut], maxTokens).isWellFormed());
    }
  }
});
