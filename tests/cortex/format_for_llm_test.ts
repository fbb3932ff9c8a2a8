import { assertEquals } from "@std/assert";
import { formatForLLM } from "../../src/cortex/format_for_llm.ts";
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
    "## Relevant Context\n\n### Known Facts\n- f - g (confidence: 7%)\n\n" +
      "### Conversation History\n[user]: # Hello there\n[tool]: a note",
  );
  assertEquals(
    formatForLLM([fact]),
    "## Relevant Context\n\n### Known Facts\n- f - g (confidence: 7%)",
  );
});
