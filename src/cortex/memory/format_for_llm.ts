/** Turns what was recalled into text for a language model. */
import type { CiteBy, RecallItem } from "../types/recall.ts";

const HEADING = "## Relevant Context";
const FACTS = "### Known Facts";
const MEMORIES = "### Conversation History";
/** Long texts are quoted in part, so that at least this many of them fit. */
const LONG_ITEMS = 6;
/** Least tokens of a quotation: an answer needs its surroundings. */
const MIN_QUOTED = 250;
/** A text is shortened only if it is longer than its quotation by more than this factor. */
const SLACK = 1.25;

/** Formats items under headings, within a number of tokens; documented in `@cortex/memory/recall`. */
export function formatForLLM(
  items: readonly RecallItem[],
  maxTokens: number = Infinity,
  citeBy: CiteBy = "id",
): string {
  const toLine = lineOf(items);
  const seen = new Set<string>();
  const sections: { [title: string]: string[] } = {};
  const share = Math.max(MIN_QUOTED, maxTokens / LONG_ITEMS);
  let left = maxTokens - tokensOf(`${HEADING}\n`);
  for (const [at, item] of items.entries()) {
    const title = item.type === "fact" ? FACTS : MEMORIES;
    const room = left - (sections[title] ? 0 : tokensOf(`${title}\n\n`));
    // No character is more than a token, so most texts need not be counted twice.
    const isLong = item.content.length > SLACK * share &&
      tokensOf(oneLine(item.content)) > SLACK * share;
    let text = isLong
      ? quote(item, (part) => share - tokensOf(oneLine(part)))
      : item.content;
    const cited = ` [${citeBy === "id" ? oneLine(item.id) : at + 1}]`;
    const after = (part: string) => room - tokensOf(toLine(item, part) + cited);
    if (at === 0 && after(text) < 0) text = quote(item, after);
    const said = toLine(item, text);
    const rest = after(text);
    if (rest < 0 || seen.has(said)) continue;
    left = rest;
    seen.add(said);
    (sections[title] ??= [title]).push(said + cited);
  }
  const texts = [FACTS, MEMORIES].flatMap((title) =>
    sections[title]?.join("\n") ?? []
  );
  return texts.length === 0 ? "" : [HEADING, ...texts].join("\n\n");
}

/** Estimates the tokens of a text; documented in `@cortex/memory/recall`. */
export function estimateTokens(text: string): number {
  // Turns each quarter of a token into one character, so that the length counts them: a loop over the characters took a
  // twentieth of a recall's time.
  // deno-lint-ignore no-control-regex
  const quarters = text.replace(/[^\x00-\x7f]/gu, "....").replace(/\d/g, "...");
  return Math.ceil(quarters.length / 4);
}

/**
 * As much of an item's text around its passage as fits; all of it if nothing fits.
 *
 * @param left Tokens that are left after a part of the text; negative if it does not fit.
 */
function quote(item: RecallItem, left: (part: string) => number): string {
  let text = item.content;
  let fits = 0;
  let fails = text.length;
  while (fails - fits > 1) {
    const length = fits + fails >> 1;
    const longer = part(item, length);
    if (left(longer) < 0) fails = length;
    else [fits, text] = [length, longer];
  }
  return text;
}

/**
 * A limited number of characters of an item's text, with marks where text is left out; never cuts a word or a
 * character.
 */
function part(
  { content, passageStart = 0 }: RecallItem,
  length: number,
): string {
  const from = Math.min(passageStart, content.length - length);
  const begun = content.slice(from);
  const rest = from < passageStart
    ? begun.replace(/^(\S{0,40}\s+|[\udc00-\udfff])/, "")
    : begun;
  const text = rest.length > length
    ? rest.slice(0, length).replace(/(\s\S{0,40}|[\ud800-\udbff]?)$/, "…")
    : rest;
  return from > 0 ? "…" + text : text;
}

/** Estimates the tokens of a line with its line end. */
function tokensOf(line: string): number {
  return estimateTokens(`${line}\n`);
}

/** Makes the line of an item with a given text, up to the citation. */
type ToLine = (item: RecallItem, text: string) => string;

/**
 * Makes the function that writes lines. Adds names where several people speak, because a model would take their words
 * for one person's, and days, because texts say "today".
 */
function lineOf(items: readonly RecallItem[]): ToLine {
  const names: { [role: string]: Set<string | undefined> } = {};
  for (const [role, name] of items.map(speakerOf)) {
    (names[role] ??= new Set()).add(name);
  }
  return (item, text) => {
    const { type, fact, memory } = item;
    const [role, name] = speakerOf(item);
    const notes = type === "fact"
      ? [`confidence: ${fact?.confidence ?? 0}%`]
      : [
        names[role]!.size > 1 && name,
        // Null for a time outside the range of `Date`.
        new Date(memory?.sourceTimestamp ?? NaN).toJSON()?.slice(0, 10),
      ].filter(Boolean);
    const line = `${text}${notes[0] ? ` (${notes.join(", ")})` : ""}`;
    return (type === "fact" ? "- " : `[${role}]: `) + oneLine(line);
  };
}

/** Returns the role and the name of an item's speaker. */
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
