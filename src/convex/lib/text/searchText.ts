/**
 * The text for the search index of a memory or a fact: stems, with one line per kind of text.
 *
 * Convex's tokeniser splits at every character other than letters and digits, so line breaks cost nothing in the index.
 * The ranking reads the lines and weights each kind of text by itself, without stemming anything again.
 *
 * @module
 */

import { dateTokens, namedDates } from "./dates.ts";
import { kindsOf } from "./kinds.ts";
import { relativeDates } from "./relativeDates.ts";
import { isEnglish, rootsOf } from "./roots.ts";
import { contentWords, stem, tokenise, words } from "./text.ts";

/** Stems kept of the start of a row's own content, with repetitions: about 20,000 characters of English. */
export const MAX_CONTENT_STEMS = 2048;
/**
 * Characters for stems that occur only in the rest of the content, each once: enough for about 300,000 characters of
 * English.
 */
export const MAX_FURTHER_CHARACTERS = 32_768;
/** Most stems kept of each neighbouring message, of the enriched content and of the speaker. */
const MAX_CONTEXT_STEMS = 128;

/** How much of the content is searched for dates. */
const MAX_DATED_CHARACTERS = 4096;

/** Token among the kinds of a row if the message before it asks a question. Never a word of a text. */
export const ANSWER = "k1answer";

/** A neighbouring message: its text, or its stems as {@link contentOf} or {@link contentStems} return them. */
export type Neighbour = string | readonly string[];

/** Input of {@link buildSearchText}. */
export interface SearchTextSource {
  /** The row's own text. */
  readonly content: string;
  /** Its stems, if known: the result of {@link contentStems} for the content. */
  readonly stems?: readonly string[];
  /** Text that the caller added: aliases, categories, a summary. */
  readonly enrichedContent?: string;
  /** Name of who said it. */
  readonly speaker?: string;
  /**
   * When it was said, in milliseconds since the Unix epoch. Its date in UTC becomes searchable, and so do relative
   * dates in the content ("yesterday").
   */
  readonly timestamp?: number;
  /** The messages before it in its conversation, nearest first; only two are used. */
  readonly previous?: readonly Neighbour[];
  /** Whether the nearest of them ends in a question: {@link isQuestion}. */
  readonly isAnswer?: boolean;
  /** The message after it. */
  readonly next?: Neighbour;
}

/** A parsed search text: the stems of each kind of text, in order. */
export interface SearchFields {
  readonly content: readonly string[];
  readonly enriched: readonly string[];
  readonly speaker: readonly string[];
  /** When it was said, and the days that it mentions, as `dateTokens` makes them. */
  readonly date: readonly string[];
  /**
   * Kinds of things that the content names, as `kindsOf` returns them, {@link ANSWER}, and the beginnings of its words
   * if it is not in English, as `rootsOf` returns them.
   */
  readonly kinds: readonly string[];
  readonly previous: readonly string[];
  readonly previous2: readonly string[];
  readonly next: readonly string[];
}

const FIELDS = [
  "content",
  "enriched",
  "speaker",
  "date",
  "kinds",
  "previous",
  "previous2",
  "next",
] as const;
/** Line of the message before, and line of the next one, the last. */
const FIRST_NEIGHBOUR = 5;
const NEXT = 7;
/** Line of the kinds and beginnings, which are not words of the text. */
export const KINDS_LINE = 4;

/**
 * Builds the search text of a row. At most {@link MAX_CONTENT_STEMS} + 5 × {@link MAX_CONTEXT_STEMS} stems of at most
 * 31 bytes each, {@link MAX_FURTHER_CHARACTERS}, a few dates and kinds: under 90 KiB unless the content is long, and
 * under 190 KiB whatever the row holds.
 *
 * @returns Lines of stems divided by blanks; to be stored in the field that the search index is on.
 */
export function buildSearchText(source: SearchTextSource): string {
  const content = source.stems ?? contentStems(source.content);
  const start = source.content.slice(0, MAX_DATED_CHARACTERS);
  const first = words(start);
  return joinFields({
    content,
    enriched: tokenise(source.enrichedContent ?? "", MAX_CONTEXT_STEMS),
    speaker: tokenise(source.speaker ?? "", MAX_CONTEXT_STEMS),
    date: datesOf(start, first, source.timestamp),
    kinds: [
      ...kindsOf(content),
      ...(source.isAnswer ? [ANSWER] : []),
      ...(isEnglish(first) ? [] : rootsOf(content)),
    ],
    previous: contextStems(source.previous?.[0]),
    previous2: contextStems(source.previous?.[1]),
    next: contextStems(source.next),
  });
}

/**
 * Replaces the next message in a search text, for the row before a new message. The row's other texts are not needed.
 */
export function withNext(searchText: string, next: Neighbour): string {
  const lines = searchText.split("\n", NEXT);
  while (lines.length < NEXT) lines.push("");
  lines.push(contextStems(next).join(" "));
  return joinLines(lines);
}

/** Whether a search text has words of neighbouring messages. */
export function hasNeighbours(searchText: string): boolean {
  return searchText.split("\n").length > FIRST_NEIGHBOUR;
}

/** A search text without the words of neighbouring messages. */
export function withoutNeighbours(searchText: string): string {
  return joinLines(searchText.split("\n", FIRST_NEIGHBOUR));
}

/** Whether a text ends in a question. */
export function isQuestion(content: string): boolean {
  return /[?？]\s*$/.test(content.slice(-8));
}

/** Stems of the content in a search text. */
export function contentOf(searchText: string): string[] {
  const end = searchText.indexOf("\n");
  const line = end < 0 ? searchText : searchText.slice(0, end);
  return line === "" ? [] : line.split(" ");
}

/** Parses a search text. A text without line breaks is content only. */
export function parseSearchText(searchText: string): SearchFields {
  const lines = searchText.split("\n");
  const part = (at: number): string[] => {
    const line = lines[at];
    return line === undefined || line === "" ? [] : line.split(" ");
  };
  return {
    content: part(0),
    enriched: part(1),
    speaker: part(2),
    date: part(3),
    kinds: part(4),
    previous: part(5),
    previous2: part(6),
    next: part(7),
  };
}

/**
 * Stems of a row's content. Long content is ranked by its start, and also found by words that occur only in the rest.
 */
export function contentStems(content: string): string[] {
  const all = contentWords(content);
  const stems = all.slice(0, MAX_CONTENT_STEMS).map(stem);
  if (all.length <= MAX_CONTENT_STEMS) return stems;
  const known = new Set(stems);
  let budget = MAX_FURTHER_CHARACTERS;
  for (const word of new Set(all.slice(MAX_CONTENT_STEMS))) {
    const further = stem(word);
    if (known.has(further)) continue;
    budget -= further.length + 1;
    if (budget < 0) break;
    known.add(further);
    stems.push(further);
  }
  return stems;
}

/** Tokens of the date when it was said, and of the days that it mentions. */
function datesOf(
  start: string,
  all: readonly string[],
  timestamp: number | undefined,
): string[] {
  return [
    ...new Set([
      ...(timestamp === undefined ? [] : dateTokens(timestamp)),
      ...namedDates(start, all),
      ...(timestamp === undefined ? [] : relativeDates(all, timestamp).tokens),
    ]),
  ];
}

function contextStems(neighbour: Neighbour = ""): readonly string[] {
  return typeof neighbour === "string"
    ? tokenise(neighbour, MAX_CONTEXT_STEMS)
    : neighbour.slice(0, MAX_CONTEXT_STEMS);
}

function joinFields(fields: SearchFields): string {
  return joinLines(FIELDS.map((field) => fields[field].join(" ")));
}

function joinLines(lines: readonly string[]): string {
  let used = lines.length;
  while (used > 0 && lines[used - 1] === "") used--;
  return lines.slice(0, used).join("\n");
}
