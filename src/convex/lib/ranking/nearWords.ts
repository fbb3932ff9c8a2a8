/**
 * Words near those of a question that no row has: another form of the word ("alquileres", "alquiler"), a part of it
 * ("Routerpasswort", "Router"), or a slip ("anniversery"). They count where the word itself is nowhere, and less.
 *
 * @module
 */

import type { ParsedQuery } from "./query.ts";
import { has, isBreak } from "./wholeWords.ts";

/** Shorter words are near too many others. */
const MIN_LENGTH = 5;
/** Letters that near words begin with alike. */
const ALIKE = 3;
/** And longer words. */
const LONG_ALIKE = 4;
const LONG = 7;
/** Words near one word that are kept. */
const MAX_NEAR = 32;
/** Words that the index is asked for beginnings of. */
const MAX_BEGINNINGS = 3;
const IS_LETTERS = /^[\p{L}\p{M}]+$/u;

/** Stems of a question that none of the search texts holds, longest first: those that may have near ones. */
export function missingStems(
  { stems, light }: ParsedQuery,
  texts: readonly string[],
): string[] {
  return stems.filter((stem) =>
    stem.length >= MIN_LENGTH && !light.has(stem) && IS_LETTERS.test(stem) &&
    !texts.some((text) => has(text, stem))
  ).sort((a, b) => b.length - a.length);
}

/** What words near those that are missing begin with: at most three beginnings, to be searched for one by one. */
export function beginnings(
  query: ParsedQuery,
  texts: readonly string[],
): string[] {
  const starts = missingStems(query, texts).map(beginningOf);
  return [...new Set(starts)].slice(0, MAX_BEGINNINGS);
}

/**
 * For each stem of the question that no text holds: the words of the texts' own contents near to it, where there are
 * any.
 */
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

/** Whether most of the shorter word begins the longer one, or one slip makes one of the other. */
function isNear(stem: string, word: string): boolean {
  const shorter = Math.min(stem.length, word.length);
  let alike = 0;
  while (alike < shorter && stem[alike] === word[alike]) alike++;
  return alike >= LONG_ALIKE && alike * 4 >= shorter * 3 ||
    word.length >= MIN_LENGTH && isOneSlip(stem, word, alike);
}

/**
 * Whether the words differ by one letter more, less, other or exchanged with the next, behind the letters that are
 * alike.
 */
function isOneSlip(a: string, b: string, alike: number): boolean {
  const [x, y] = [a.slice(alike), b.slice(alike)];
  return x.slice(1) === y || x === y.slice(1) || x.slice(1) === y.slice(1) ||
    x.slice(2) === y.slice(2) && x[0] === y[1] && x[1] === y[0];
}

/** The words of a text's own content that begin so, each once. */
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
