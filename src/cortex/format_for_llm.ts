/** Turns what was recalled into text for a language model. */
import type { RecallItem } from "./types/recall.ts";

/**
 * Formats items under headings, facts first; empty when there are none. Each text is flattened to one line, so that
 * nothing remembered can open a section of its own.
 */
export function formatForLLM(items: readonly RecallItem[]): string {
  const facts = items.filter(({ type }) => type === "fact").map((
    { content, fact },
  ) => `- ${oneLine(content)} (confidence: ${fact?.confidence ?? 0}%)`);
  const memories = items.filter(({ type }) => type === "memory").map((
    { content, memory },
  ) =>
    `[${memory?.messageRole ?? memory?.sourceType ?? "memory"}]: ${
      oneLine(content)
    }`
  );
  const sections = [
    ...section("### Known Facts", facts),
    ...section("### Conversation History", memories),
  ];
  return sections.length === 0
    ? ""
    : ["## Relevant Context", ...sections].join("\n\n");
}

function section(heading: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [[heading, ...lines].join("\n")];
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}
