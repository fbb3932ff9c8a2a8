/** Turns what was recalled into text for a language model. */
import type { RecallItem } from "../types/recall.ts";

const HEADING = "## Relevant Context";
const FACTS = "### Known Facts";
const MEMORIES = "### Conversation History";

/**
 * Formats items under headings, facts first; empty when there are none. Each text is flattened to one line, so that
 * nothing remembered can open a section of its own, and followed by the day it was said (UTC), by who said it where
 * several users or several agents did, and by the item's id in brackets, to be cited by. Of lines that differ in their
 * ids alone, the first is given: what is repeated line after line teaches a model to pass over all of it.
 *
 * @param maxTokens Tokens of the whole at most, by {@link estimateTokens}. Items are taken in their order; one that does
 * not fit is left out in favour of shorter ones behind it, but for the first, whose text is cut. Default: no bound.
 */
export function formatForLLM(
  items: readonly RecallItem[],
  maxTokens: number = Infinity,
): string {
  const toLine = lineOf(items);
  const told = new Set<string>();
  const sections: { [title: string]: string[] } = {};
  let left = maxTokens - tokensOf(`${HEADING}\n`);
  for (const [at, item] of items.entries()) {
    const title = item.type === "fact" ? FACTS : MEMORIES;
    const room = left - (sections[title] ? 0 : tokensOf(`${title}\n\n`));
    const line = at === 0
      ? fitted(item, room, toLine)
      : toLine(item, item.content);
    const tokens = tokensOf(line);
    const said = line.slice(0, -item.id.length - 1);
    if (tokens > room || told.has(said)) continue;
    left = room - tokens;
    told.add(said);
    (sections[title] ??= [title]).push(line);
  }
  const texts = [FACTS, MEMORIES].flatMap((title) =>
    sections[title]?.join("\n") ?? []
  );
  return texts.length === 0 ? "" : [HEADING, ...texts].join("\n\n");
}

/**
 * About how many tokens a text has: four ASCII characters make one, of which a digit counts for three, as ids and
 * dates are cut into short tokens; any other character is one. English prose has about an eighth fewer in the encodings
 * `o200k_base` and `cl100k_base`, code and Chinese have more.
 */
export function estimateTokens(text: string): number {
  let quarters = 0;
  for (const character of text) {
    quarters += character > "\x7f" ? 4 : /\d/.test(character) ? 3 : 1;
  }
  return Math.ceil(quarters / 4);
}

/** The item's line with as much of its text as there is room for; the whole line when there is none. */
function fitted(item: RecallItem, room: number, toLine: ToLine): string {
  let line = toLine(item, item.content);
  if (tokensOf(line) <= room) return line;
  const characters = [...oneLine(item.content)];
  let fits = 0;
  let fails = characters.length;
  while (fails - fits > 1) {
    const length = fits + fails >> 1;
    const cut = toLine(item, `${characters.slice(0, length).join("")}…`);
    if (tokensOf(cut) > room) fails = length;
    else [fits, line] = [length, cut];
  }
  return line;
}

/** With the end of the line. */
function tokensOf(line: string): number {
  return estimateTokens(`${line}\n`);
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

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ").trim();
}
