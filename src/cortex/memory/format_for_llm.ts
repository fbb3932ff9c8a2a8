/** Turns what was recalled into text for a language model. */
import type { RecallItem } from "../types/recall.ts";

const HEADING = "## Relevant Context";
const FACTS = "### Known Facts";
const MEMORIES = "### Conversation History";
const CHARACTERS_PER_TOKEN = 4;

/**
 * Formats items under headings, facts first; empty when there are none. Each text is flattened to one line, so that
 * nothing remembered can open a section of its own, and followed by the item's id in brackets, to be cited by.
 *
 * @param maxTokens Tokens of the whole at most, by {@link estimateTokens}. Items are taken in their order; one that does
 * not fit is left out in favour of shorter ones behind it, but for the first, whose text is cut. Default: no bound.
 */
export function formatForLLM(
  items: readonly RecallItem[],
  maxTokens: number = Infinity,
): string {
  const facts: string[] = [];
  const memories: string[] = [];
  let left = maxTokens - estimateTokens(`${HEADING}\n\n`);
  for (const [at, item] of items.entries()) {
    const lines = item.type === "fact" ? facts : memories;
    const heading = lines.length > 0 ? "" : `${titleOf(item)}\n\n\n`;
    const room = left - estimateTokens(heading);
    const line = at === 0 ? fitted(item, room) : lineOf(item, item.content);
    const tokens = estimateTokens(`${line}\n`);
    if (line === "" || tokens > room) continue;
    left = room - tokens;
    lines.push(line);
  }
  const sections = [...section(FACTS, facts), ...section(MEMORIES, memories)];
  return sections.length === 0 ? "" : [HEADING, ...sections].join("\n\n");
}

/** About how many tokens a text has: four ASCII characters make one, any other character is one. */
export function estimateTokens(text: string): number {
  let ascii = 0;
  let others = 0;
  for (const character of text) character < "\x80" ? ascii++ : others++;
  return Math.ceil(ascii / CHARACTERS_PER_TOKEN) + others;
}

/** The item's line with as much of its text as there is room for; empty when there is none. */
function fitted(item: RecallItem, room: number): string {
  const characters = [...oneLine(item.content)];
  const whole = lineOf(item, item.content);
  if (estimateTokens(`${whole}\n`) <= room) return whole;
  let fits = 0;
  let fails = characters.length;
  const cut = (length: number) =>
    lineOf(item, `${characters.slice(0, length).join("")}…`);
  while (fails - fits > 1) {
    const length = fits + fails >> 1;
    if (estimateTokens(`${cut(length)}\n`) <= room) fits = length;
    else fails = length;
  }
  return fits === 0 ? "" : cut(fits);
}

function lineOf({ type, id, fact, memory }: RecallItem, text: string): string {
  const content = oneLine(text);
  if (type === "fact") {
    return `- ${content} (confidence: ${fact?.confidence ?? 0}%) [${id}]`;
  }
  const role = memory?.messageRole ?? memory?.sourceType ?? "memory";
  return `[${role}]: ${content} [${id}]`;
}

function titleOf({ type }: RecallItem): string {
  return type === "fact" ? FACTS : MEMORIES;
}

function section(heading: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : [[heading, ...lines].join("\n")];
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}
