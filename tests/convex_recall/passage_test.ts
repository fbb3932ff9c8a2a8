import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseQuery } from "../../src/convex/lib/ranking/query.ts";
import { passageStart } from "../../src/convex/lib/recall/passage.ts";
import { buildSearchText } from "../../src/convex/lib/text/searchText.ts";

/** Sentences that have nothing of any question here. */
function filler(count: number, from = 0): string {
  return Array.from(
    { length: count },
    (_, at) => `Paragraph ${from + at} tells of weather and of boats. `,
  ).join("");
}

/** The content from where it is to be quoted. */
function quoted(question: string, content: string): string | undefined {
  const searchText = buildSearchText({ content });
  const start = passageStart(parseQuery(question), content, searchText);
  return start === undefined ? undefined : content.slice(start);
}

const ANSWER = "The spare key hangs behind the boiler.";

Deno.test("passageStart() is a sentence at most 250 characters before the one that answers", () => {
  for (const before of [0, 3, 20, 300]) {
    const content = filler(before) + ANSWER + " " + filler(40, before);
    const text = quoted("Where does the spare key hang?", content)!;
    const lead = text.indexOf(ANSWER);
    assert(lead >= 0 && lead <= 250, `${before}: ${lead}`);
    assert(lead > 150 || before < 20, `${before}: ${lead}`);
    assert(before === 0 || text.startsWith("Paragraph "), text.slice(0, 30));
  }
});

Deno.test("passageStart() prefers what is rare in the text, and most of the question together", () => {
  const content = filler(10) + "A key is a key. ".repeat(12) + filler(20) +
    "Some keys are spare. " + filler(20) + ANSWER + filler(20);
  const text = quoted("Behind what does the spare key hang?", content)!;
  assert(text.indexOf(ANSWER) <= 250);
});

Deno.test("passageStart() finds forms near to a word that the text does not have", () => {
  const content = filler(30) + "Our anniversary is on a Sunday. " + filler(30);
  const text = quoted("When is the anniversery?", content)!;
  assert(text.indexOf("Our anniversary") <= 250);
});

Deno.test("passageStart() finds a passage behind all that is ranked", () => {
  const content = filler(2000) + ANSWER + " " + filler(10);
  const text = quoted("Where is the boiler?", content)!;
  assertStringIncludes(text.slice(0, 300), ANSWER);
});

Deno.test("passageStart() needs no blanks and no full stops", () => {
  const chinese = "今天天气很好，我们去划船，".repeat(60);
  const text = quoted(
    "备用钥匙在哪里？",
    chinese + "备用钥匙挂在锅炉后面" + chinese,
  )!;
  const lead = text.indexOf("备用钥匙");
  assert(lead >= 0 && lead <= 420, `${lead}`);
  const endless = "boats and ".repeat(300) + "a spare key " +
    "and boats ".repeat(300);
  assert(quoted("spare key", endless)!.indexOf("spare") <= 420);
});

Deno.test("passageStart() is nothing for short texts and for those without a word of the question", () => {
  assertEquals(quoted("Where is the key?", ANSWER), undefined);
  assertEquals(quoted("Who likes chess?", filler(40)), undefined);
});
