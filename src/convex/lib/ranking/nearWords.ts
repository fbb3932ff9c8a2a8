/**
 * Words similar to a word of the question that no row contains: another form ("alquileres", "alquiler"), a part
 * ("Routerpasswort", "Router"), or a misspelling ("anniversery"). They count, but less than the word itself would.
 *
 * @module
 */

import type { ParsedQuery } from "./query.ts";
import { endsIn } from "../text/roots.ts";
import { KINDS_LINE } from "../text/searchText.ts";
import { has, isBreak, placeOf } from "./wholeWords.ts";

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
    !texts.some((text) => holds(text, stem))
  ).sort((a, b) => b.length - a.length);
}

/** Whether a text contains a word, other than as a beginning or a kind of other words. */
function holds(text: string, word: string): boolean {
  let at = placeOf(text, word, 0);
  while (at >= 0 && lineAt(text, at) === KINDS_LINE) {
    at = placeOf(text, word, at + word.length);
  }
  return at >= 0;
}

/** Number of the line that an index is in. */
function lineAt(text: string, index: number): number {
  let line = 0;
  let at = text.indexOf("\n");
  for (; at >= 0 && at < index; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/**
 * What to search the index for in addition, one by one: the question in the other form of Chinese characters, and at
 * most three prefixes of words similar to missing ones.
 */
export function furtherSearches(
  query: ParsedQuery,
  texts: readonly string[],
): string[] {
  const starts = missingStems(query, texts).map(beginningOf);
  return [
    query.searchInOtherHan,
    ...[...new Set(starts)].slice(0, MAX_BEGINNINGS),
  ].filter((terms) => terms !== "");
}

/**
 * For each stem of the question that no text contains: the similar words in the texts' own contents, if any. For each
 * that may have other forms or spellings, these.
 */
export function nearWords(
  query: ParsedQuery,
  texts: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const { beginnings, cores, spellings } = query;
  const near = new Map<string, string[]>();
  const missing = new Set(missingStems(query, texts));
  for (const stem of query.stems) {
    const found = new Set<string>();
    for (const other of spellings.get(stem) ?? []) {
      if (texts.some((text) => has(text, other))) found.add(other);
    }
    const isMissing = missing.has(stem);
    const form = beginnings.get(stem)?.at(-1);
    if (isMissing || form !== undefined) {
      const isAlike = (word: string) =>
        isMissing && isNear(stem, word) ||
        form !== undefined && isForm(stem, word);
      addAlike(
        found,
        stem,
        texts,
        isMissing ? beginningOf(stem) : form!,
        isAlike,
      );
    }
    const core = cores.get(stem);
    if (core !== undefined) addCompounds(found, texts, core);
    if (found.size > 0) near.set(stem, [...found]);
  }
  return near;
}

/** Adds the words of the texts' own contents that end in a part. */
function addCompounds(
  found: Set<string>,
  texts: readonly string[],
  core: string,
): void {
  for (const text of texts) {
    if (found.size >= MAX_NEAR) return;
    for (const word of wordsWith(text, core)) {
      if (endsIn(word, core)) found.add(word);
    }
  }
}

/** Adds the words of the texts' own contents that begin in a way and are similar to a stem. */
function addAlike(
  found: Set<string>,
  stem: string,
  texts: readonly string[],
  start: string,
  isAlike: (word: string) => boolean,
): void {
  for (const text of texts) {
    if (found.size >= MAX_NEAR) return;
    for (const word of wordsFrom(text, start)) {
      if (word !== stem && isAlike(word)) found.add(word);
    }
  }
}

function beginningOf(stem: string): string {
  return stem.slice(0, stem.length >= LONG ? LONG_ALIKE : ALIKE);
}

/** Whether most of the shorter word is a prefix of the longer one, or the words differ by one misspelling. */
function isNear(stem: string, word: string): boolean {
  const alike = alikeIn(stem, word);
  return alike >= LONG_ALIKE &&
      alike * 4 >= Math.min(stem.length, word.length) * 3 ||
    word.length >= MIN_LENGTH && isOneSlip(stem, word, alike);
}

/** Whether seven tenths of the shorter word are a prefix of the longer one, as of two forms of one word. */
function isForm(stem: string, word: string): boolean {
  const alike = alikeIn(stem, word);
  return alike >= LONG_ALIKE &&
    alike * 10 >= Math.min(stem.length, word.length) * 7;
}

/** Length of the prefix that two words share. */
function alikeIn(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let alike = 0;
  while (alike < shorter && a[alike] === b[alike]) alike++;
  return alike;
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

/** The distinct words of a text's own content that contain a part, other than at their start. */
function wordsWith(text: string, part: string): Set<string> {
  const found = new Set<string>();
  let at = text.indexOf(part);
  if (at < 0) return found;
  const line = text.indexOf("\n");
  const end = line < 0 ? text.length : line;
  for (; at >= 0 && at < end; at = text.indexOf(part, at + 1)) {
    let first = at;
    while (!isBreak(text, first - 1)) first--;
    if (first === at) continue;
    let last = at + part.length;
    while (!isBreak(text, last)) last++;
    found.add(text.slice(first, last));
  }
  return found;
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
