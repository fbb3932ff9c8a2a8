/**
 * Words similar to a word of the question that no row contains: another form ("alquileres", "alquiler"), a part
 * ("Routerpasswort", "Router"), or a misspelling ("anniversery"). They count, but less than the word itself would.
 *
 * @module
 */

import type { ParsedQuery } from "./query.ts";
import { has, isBreak } from "./wholeWords.ts";

/** Shorter words are similar to too many others. */
const MIN_LENGTH = 5;
/** Length of the prefix that similar words share. */
const ALIKE = 3;
/** Length of the prefix for longer words. */
const LONG_ALIKE = 4;
const LONG = 7;
/** Most similar words kept for one word. */
const MAX_NEAR = 32;
/** Most prefixes that the index is searched for. */
const MAX_BEGINNINGS = 3;
const IS_LETTERS = /^[\p{L}\p{M}]+$/u;

/** Stems of a question that no search text contains, longest first, if they may have similar words. */
export function missingStems(
  { stems, light }: ParsedQuery,
  texts: readonly string[],
): string[] {
  return stems.filter((stem) =>
    stem.length >= MIN_LENGTH && !light.has(stem) && IS_LETTERS.test(stem) &&
    !texts.some((text) => has(text, stem))
  ).sort((a, b) => b.length - a.length);
}

/** Prefixes of words similar to missing ones: at most three, to be searched for one by one. */
export function beginnings(
  query: ParsedQuery,
  texts: readonly string[],
): string[] {
  const starts = missingStems(query, texts).map(beginningOf);
  return [...new Set(starts)].slice(0, MAX_BEGINNINGS);
}

/** For each stem of the question that no text contains: the similar words in the texts' own contents, if any. */
export function nearWords(
  query: ParsedQuery,
  texts: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const near = new Map<string, string[]>();
  for (const stem of missingStems(query, texts)) {
    const start = beginningOf(stem);
    const found = new Set<string>();
    for (const text of texts) {
      if (found.size >= MAX_NEAR) break;
      for (const word of wordsFrom(text, start)) {
        if (isNear(stem, word)) found.add(word);
      }
    }
    if (found.size > 0) near.set(stem, [...found]);
  }
  return near;
}

function beginningOf(stem: string): string {
  return stem.slice(0, stem.length >= LONG ? LONG_ALIKE : ALIKE);
}

/** Whether most of the shorter word is a prefix of the longer one, or the words differ by one misspelling. */
function isNear(stem: string, word: string): boolean {
  const shorter = Math.min(stem.length, word.length);
  let alike = 0;
  while (alike < shorter && stem[alike] === word[alike]) alike++;
  return alike >= LONG_ALIKE && alike * 4 >= shorter * 3 ||
    word.length >= MIN_LENGTH && isOneSlip(stem, word, alike);
}

/**
 * Whether the words differ, after their shared prefix, by one letter inserted, deleted, replaced or swapped with the
 * next.
 */
function isOneSlip(a: string, b: string, alike: number): boolean {
  const [x, y] = [a.slice(alike), b.slice(alike)];
  return x.slice(1) === y || x === y.slice(1) || x.slice(1) === y.slice(1) ||
    x.slice(2) === y.slice(2) && x[0] === y[1] && x[1] === y[0];
}

/** The distinct words of a text's own content with a given prefix. */
function wordsFrom(text: string, start: string): Set<string> {
  const found = new Set<string>();
  let at = text.indexOf(start);
  if (at < 0) return found;
  const line = text.indexOf("\n");
  const end = line < 0 ? text.length : line;
  for (; at >= 0 && at < end; at = text.indexOf(start, at + 1)) {
    if (!isBreak(text, at - 1)) continue;
    let last = at + start.length;
    while (!isBreak(text, last)) last++;
    found.add(text.slice(at, last));
  }
  return found;
}
