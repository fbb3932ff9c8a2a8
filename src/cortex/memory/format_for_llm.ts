/** Turns what was recalled into text for a language model. */
import type { RecallItem } from "../types/recall.ts";

const HEADING = "## Relevant Context";
const FACTS = "### Known Facts";
const MEMORIES = "### Conversation History";
const CHARACTERS_PER_TOKEN = 4;

/**
 * Formats items under headings, facts first; empty when there are none. Each text is flattened to one line, so that
 * nothing remembered can open a section of its own, and followed by the day it was said (UTC), by who said it where
 * several users or several agents did, and by the item's id in brackets, to be cited by.
 *
 * @param maxTokens Tokens of the whole at most, by {@link estimateTokens}. Items are taken in their order; one that does
 * not fit is left out in favour of shorter ones behind it, but for the first, whose text is cut. Default: no bound.
 */
export function formatForLLM(
  items: readonly RecallItem[],
  maxTokens: number = Infinity,
): string {
  const toLine = lineOf(items);
  const facts: string[] = [];
  const memories: string[] = [];
  let left = maxTokens - estimateTokens(`${HEADING}\n\n`);
  for (const [at, item] of items.entries()) {
    const lines = item.type === "fact" ? facts : memories;
    const heading = lines.length > 0 ? "" : `${titleOf(item)}\n\n\n`;
    const room = left - estimateTokens(heading);
    const line = at === 0
      ? fitted(item, room, toLine)
      : toLine(item, item.content);
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
function fitted(item: RecallItem, room: number, toLine: ToLine): string {
  const characters = [...oneLine(item.content)];
  const whole = toLine(item, item.content);
  if (estimateTokens(`${whole}\n`) <= room) return whole;
  let fits = 0;
  let fails = characters.length;
  const cut = (length: number) =>
    toLine(item, `${characters.slice(0, length).join("")}…`);
  while (fails - fits > 1) {
    const length = fits + fails >> 1;
    if (estimateTokens(`${cut(length)}\n`) <= room) fits = length;
    else fails = length;
  }
  return fits === 0 ? "" : cut(fits);
}

/** Makes the line of an item, with this text of it. */
type ToLine = (item: RecallItem, text: string) => string;

/** Without names, a model takes what several users of a space said for the words of one; without days, "today" too. */
function lineOf(items: readonly RecallItem[]): ToLine {
  const names: { [role: string]: Set<string | undefined> } = {};
  for (const [role, name] of items.map(speakerOf)) {
    (names[role] ??= new Set()).add(name);
  }
  return (item, text) => {
    const { type, id, fact, memory } = item;
    const [role, name] = speakerOf(item);
    const notes = type === "fact"
      ? [`confidence: ${fact?.confidence ?? 0}%`]
      : [
        names[role]!.size > 1 && name,
        // Null for a time beyond what a Date holds.
        new Date(memory?.sourceTimestamp ?? NaN).toJSON()?.slice(0, 10),
      ].filter(Boolean);
    const line = `${text}${notes[0] ? ` (${notes.join(", ")})` : ""} [${id}]`;
    return (type === "fact" ? "- " : `[${role}]: `) + oneLine(line);
  };
}

/** Role and name. */
function speakerOf({ memory }: RecallItem): [role: string, name?: string] {
  const role = memory?.messageRole ?? memory?.sourceType ?? "memory";
  return [
    role,
    role === "user"
      ? memory?.sourceUserName ?? memory?.userId
      : memory?.participantId ?? memory?.agentId,
  ];
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
