/**
 * What the ranking reads from a search text: which words of a question it contains, and in which kinds of text.
 *
 * It searches for the few stems of the question instead of splitting the text into words, which keeps a recall over
 * hundreds of candidates fast. Lengths are in characters; only their ratios are used.
 *
 * @module
 */

import { bestPassage, PASSAGE, type Place } from "./bestPassage.ts";
import type { ParsedQuery } from "./query.ts";
import { ANSWER, KINDS_LINE } from "../text/searchText.ts";
import { has, isWordAt, placeOf } from "./wholeWords.ts";

/** How much a word counts in each kind of text: one weight per line of a search text. */
const LINE_WEIGHTS: readonly number[] = [1, 0.5, 1, 1.5, 0, 0.4, 0.2, 0.2];
/** Weight of the previous message's line where that is a question: its words are what this message is about. */
const QUESTION_WEIGHT = 0.8;
/** How much a word of the requested kind, such as a city, counts compared with the word itself. */
const KIND_WEIGHT = 0.5;
/** How much a similar word, or another form, counts for a word of the question that the row does not contain. */
export const NEAR_WEIGHT = 0.5;
// Lines of a search text that are handled separately.
const CONTENT = 0;
const SPEAKER = 2;
const DATE = 3;
const PREVIOUS = 5;
/** Tokens that `dateTokens` makes of a row's own time; any more are days that its text mentions. */
export const OWN_DATES = 6;

/** What one search text has in common with a question. */
export interface Matches {
  /** Weighted frequency of each stem of the question, over all kinds of text. */
  readonly weighted: readonly number[];
  /** Frequency of each stem of the question in the row's own text. */
  readonly own: readonly number[];
  /** Weighted length of all kinds of text. */
  readonly length: number;
  /** Indexes of the stems of which the row has only similar words or other forms. */
  readonly near: ReadonlySet<number>;
  /** Length of the row's own text. */
  readonly ownLength: number;
  /** Words that are neighbours in the question and in the text. */
  readonly bigrams: ReadonlySet<string>;
  /** Whether it is from a day or month that the question names. */
  readonly dateMatch: boolean;
  /** Whether it mentions a day ("yesterday", "8 May 2023") and the question asks when. */
  readonly namesDay: boolean;
  /** Whether the question names its speaker. */
  readonly speakerNamed: boolean;
  /** Whether the message before it is a question. */
  readonly isAnswer: boolean;
}

const NONE: ReadonlySet<string> = new Set();
const NO_PLACES: ReadonlySet<number> = new Set();
const NO_WORDS: ReadonlyMap<string, readonly string[]> = new Map();

/** A search text and where its lines begin. */
interface Lines {
  readonly text: string;
  readonly count: number;
  /** Start of each line, and where one more line would start. */
  readonly starts: readonly number[];
}

/** What is counted per stem of the question. */
type Counts = Pick<Matches, "own" | "bigrams" | "speakerNamed"> & {
  weighted: number[];
};

/**
 * Reads one search text. This runs for every candidate, hence the plain loops.
 *
 * @param near For some stems: the words that stand in for them, as `nearWords` finds them.
 */
export function readMatches(
  query: ParsedQuery,
  searchText: string,
  near: ReadonlyMap<string, readonly string[]> = NO_WORDS,
): Matches {
  const lines = linesOf(searchText);
  const kinds = lineText(lines, KINDS_LINE);
  const isAnswer = kinds.includes(ANSWER);
  const counts = countStems(query, lines, isAnswer);
  const onlyNear = near.size === 0
    ? NO_PLACES
    : addNearWords(query, lineText(lines, CONTENT), near, counts);
  if (query.kinds.size > 0) addKinds(query, kinds, counts);
  return {
    ...counts,
    near: onlyNear,
    length: weightedLength(lines, isAnswer),
    ownLength: lineLength(lines, CONTENT),
    dateMatch: query.dates.some((date) => has(searchText, date)),
    namesDay: query.asksWhen &&
      lineText(lines, DATE).split(" ").length > OWN_DATES,
    isAnswer,
  };
}

/** Counts the stems of the question; in a long content, only those of its best passage. */
function countStems(
  { stems, followers }: ParsedQuery,
  lines: Lines,
  isAnswer: boolean,
): Counts {
  const { text, starts } = lines;
  const isLong = lineLength(lines, CONTENT) > PASSAGE;
  const weighted = zeros(stems.length);
  const own = zeros(stems.length);
  let bigrams: Set<string> | undefined;
  let speakerNamed = false;
  const places: Place[] = [];
  for (let word = 0; word < stems.length; word++) {
    const stem = stems[word]!;
    let line = 0;
    let at = placeOf(text, stem, 0);
    for (; at >= 0; at = placeOf(text, stem, at + stem.length)) {
      while (starts[line + 1]! <= at) line++;
      if (line === SPEAKER) speakerNamed = true;
      if (line !== CONTENT) {
        weighted[word]! += weightOf(line, isAnswer);
        continue;
      }
      if (isLong) places.push({ at, word, weight: 1 });
      else own[word]!++;
      for (const second of followers.get(stem) ?? NONE) {
        if (isWordAt(text, second, at + stem.length + 1)) {
          (bigrams ??= new Set()).add(`${stem} ${second}`);
        }
      }
    }
  }
  if (isLong) {
    places.sort((a, b) => a.at - b.at);
    for (const { word } of bestPassage(places)) own[word]!++;
  }
  for (let word = 0; word < stems.length; word++) {
    weighted[word]! += LINE_WEIGHTS[CONTENT]! * own[word]!;
  }
  return { weighted, own, bigrams: bigrams ?? NONE, speakerNamed };
}

/**
 * Counts similar words for the stems that the row's own text does not contain. Returns those of which the row has
 * nothing else.
 */
function addNearWords(
  { stems }: ParsedQuery,
  content: string,
  near: ReadonlyMap<string, readonly string[]>,
  { own, weighted }: Counts,
): ReadonlySet<number> {
  const found = new Set<number>();
  stems.forEach((stem, word) => {
    if (own[word]! > 0) return;
    if (!near.get(stem)?.some((form) => has(content, form))) return;
    if (weighted[word] === 0) found.add(word);
    weighted[word]! += NEAR_WEIGHT;
  });
  return found;
}

/** Counts things of a kind that the question asks for, such as a city. */
function addKinds(
  query: ParsedQuery,
  kinds: string,
  { own, weighted }: Counts,
): void {
  if (kinds === "") return;
  query.stems.forEach((stem, word) => {
    // The word itself is of its kind, too, and is already counted.
    if (own[word]! > 0) return;
    const tokens = query.kinds.get(stem) ?? [];
    if (tokens.some((token) => has(kinds, token))) {
      weighted[word]! += KIND_WEIGHT;
    }
  });
}

function weightedLength(lines: Lines, isAnswer: boolean): number {
  let length = 0;
  for (let line = 0; line < lines.count; line++) {
    // Naming many days, or many things, does not make a text long.
    if (line === DATE || line === KINDS_LINE) continue;
    const characters = lineLength(lines, line);
    length += weightOf(line, isAnswer) *
      (line === CONTENT ? Math.min(PASSAGE, characters) : characters);
  }
  return length;
}

/** An array of zeros. For so few numbers, a typed array takes longer to create than this one to fill. */
export function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

function weightOf(line: number, isAnswer: boolean): number {
  return line === PREVIOUS && isAnswer
    ? QUESTION_WEIGHT
    : LINE_WEIGHTS[line] ?? 0;
}

function linesOf(text: string): Lines {
  const starts = [0];
  for (
    let at = text.indexOf("\n");
    at >= 0;
    at = text.indexOf("\n", at + 1)
  ) starts.push(at + 1);
  starts.push(text.length + 1);
  return { text, count: starts.length - 1, starts };
}

/** Without its line break; empty when the text has no such line. */
function lineText({ text, count, starts }: Lines, line: number): string {
  return line < count ? text.slice(starts[line], starts[line + 1]! - 1) : "";
}

function lineLength({ starts }: Lines, line: number): number {
  return starts[line + 1]! - 1 - starts[line]!;
}
