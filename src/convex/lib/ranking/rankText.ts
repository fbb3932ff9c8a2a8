/**
 * What the ranking reads from a search text: which words of a question it holds, in which kinds of text.
 *
 * It looks for the few stems of the question instead of taking the text apart, which is what keeps a recall over
 * hundreds of candidates short. Lengths are in characters; only their ratios are used.
 *
 * @module
 */

import { bestPassage, PASSAGE, type Place } from "./bestPassage.ts";
import type { ParsedQuery } from "./query.ts";
import { ANSWER } from "../text/searchText.ts";
import { has, isWordAt, placeOf } from "./wholeWords.ts";

/** How much a word counts in each kind of text, in the order of the lines of a search text. */
const LINE_WEIGHTS: readonly number[] = [1, 0.5, 1, 1.5, 0, 0.4, 0.2, 0.2];
/** The previous message's, where it asks something: its words are what this one is about. */
const QUESTION_WEIGHT = 0.8;
/** How much a thing of the kind that is asked for counts beside the word itself. */
const KIND_WEIGHT = 0.5;
/** How much a word near the one of the question counts, where no row has that one. */
export const NEAR_WEIGHT = 0.5;
/** Lines of a search text that are read specially. */
const CONTENT = 0;
const SPEAKER = 2;
const DATE = 3;
const KINDS = 4;
const PREVIOUS = 5;
/** What `dateTokens` makes of a row's own time; further ones are days that the row speaks of. */
const OWN_DATES = 6;
/** What one search text has of a question. */
export interface Matches {
  /** Weighted frequency of each stem of the question, over all kinds of text. */
  readonly weighted: readonly number[];
  /** Frequency of each stem of the question in the row's own text. */
  readonly own: readonly number[];
  /** Weighted length of all kinds of text. */
  readonly length: number;
  /** Length of the row's own text. */
  readonly ownLength: number;
  /** Neighbouring words of the question that stand side by side. */
  readonly bigrams: ReadonlySet<string>;
  /** It is of a day or month that the question names. */
  readonly dateMatch: boolean;
  /** It speaks of a day: "yesterday", "8 May 2023". */
  readonly namesDay: boolean;
  /** The question names who said it. */
  readonly speakerNamed: boolean;
  /** The message before it asks something. */
  readonly isAnswer: boolean;
}

const NONE: ReadonlySet<string> = new Set();
const NO_WORDS: ReadonlyMap<string, readonly string[]> = new Map();

/**
 * Reads one search text. It is done for each candidate, hence by plain loops.
 *
 * @param near For stems that no text holds: words that count for them.
 */
export function readMatches(
  query: ParsedQuery,
  searchText: string,
  near: ReadonlyMap<string, readonly string[]> = NO_WORDS,
): Matches {
  const { stems, followers } = query;
  const starts = lineStarts(searchText);
  const lines = starts.length - 1;
  const textOf = (line: number) =>
    line < lines ? searchText.slice(starts[line], starts[line + 1]! - 1) : "";
  const kinds = textOf(KINDS);
  const isAnswer = kinds.includes(ANSWER);
  const ownLength = starts[CONTENT + 1]! - 1;
  const isLong = ownLength > PASSAGE;
  const weighted = zeros(stems.length);
  const own = zeros(stems.length);
  let bigrams: Set<string> | undefined;
  const places: Place[] = [];
  let speakerNamed = false;
  for (let word = 0; word < stems.length; word++) {
    const stem = stems[word]!;
    let line = 0;
    let at = placeOf(searchText, stem, 0);
    for (; at >= 0; at = placeOf(searchText, stem, at + stem.length)) {
      while (starts[line + 1]! <= at) line++;
      if (line === SPEAKER) speakerNamed = true;
      if (line !== CONTENT) {
        weighted[word]! += weightOf(line, isAnswer);
        continue;
      }
      if (isLong) places.push({ at, word, weight: 1 });
      else own[word]!++;
      for (const second of followers.get(stem) ?? NONE) {
        if (isWordAt(searchText, second, at + stem.length + 1)) {
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
  if (near.size > 0) {
    const content = textOf(CONTENT);
    stems.forEach((stem, word) => {
      if (near.get(stem)?.some((form) => has(content, form))) {
        weighted[word]! += NEAR_WEIGHT;
      }
    });
  }
  if (query.kinds.size > 0) {
    stems.forEach((stem, word) => {
      // The word itself belongs to its kind, too, and has been counted.
      if (own[word]! > 0 || kinds === "") return;
      const tokens = query.kinds.get(stem) ?? [];
      if (tokens.some((token) => has(kinds, token))) {
        weighted[word]! += KIND_WEIGHT;
      }
    });
  }
  let length = 0;
  for (let line = 0; line < lines; line++) {
    // A text that speaks of many days, or of many things, is not a long text.
    if (line === DATE || line === KINDS) continue;
    const characters = starts[line + 1]! - 1 - starts[line]!;
    length += weightOf(line, isAnswer) *
      (line === CONTENT ? Math.min(PASSAGE, characters) : characters);
  }
  return {
    weighted,
    own,
    length,
    ownLength,
    bigrams: bigrams ?? NONE,
    dateMatch: query.dates.some((date) => has(searchText, date)),
    namesDay: query.asksWhen && textOf(DATE).split(" ").length > OWN_DATES,
    speakerNamed,
    isAnswer,
  };
}

/** So many zeros. A typed array of so few numbers takes longer to make than to fill. */
export function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

function weightOf(line: number, isAnswer: boolean): number {
  return line === PREVIOUS && isAnswer
    ? QUESTION_WEIGHT
    : LINE_WEIGHTS[line] ?? 0;
}

/** Where the lines of a text begin, and where one more would. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (
    let at = text.indexOf("\n");
    at >= 0;
    at = text.indexOf("\n", at + 1)
  ) starts.push(at + 1);
  starts.push(text.length + 1);
  return starts;
}
