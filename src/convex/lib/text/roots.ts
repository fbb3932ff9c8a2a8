/**
 * Beginnings of words, by which other forms of a word are found in languages that inflect their words more than English
 * does: "переехали" and "переехать", "kirjassa" and "kirja". Rows contain the beginnings of their words besides the
 * words, so that the text index finds any form; the ranking then compares the words themselves.
 *
 * Cutting words off needs no knowledge of the language, which is hard to tell of a short text, and finds about as much
 * as stemming does (McNamee and Mayfield, "Character n-gram tokenization for European language text retrieval",
 * Information Retrieval 7, 2004). English words are stemmed and need none.
 *
 * The ends of long words are there too, by which "Halbmarathon" is found by "Marathon". They are marked, since they are
 * not words: a beginning often is one.
 *
 * @module
 */

import { functionWords } from "./functionWords.ts";
import { isContentWord } from "./text.ts";

/** Lengths of a beginning: of shorter words, and of longer ones, many of which share four letters by chance. */
const SHORT = 4;
const LONG = 5;
/** Longest word that is found by its first four letters, and longest that searches for these. */
const MAX_FOUND_BY_SHORT = 7;
const MAX_SEARCHED_BY_SHORT = 8;
/** Shortest word whose end is a word of its own, and shortest such end. */
const MIN_COMPOUND = 9;
const MIN_END = 5;
/** Long words are made of others in languages of this script. */
const IS_LATIN = /^[a-z]+$/;
/** Endings that the end of a word may have or not: "Schuh" and "Wanderschuhe". */
const ENDING = /(?<=.{5})(?:e[nrsm]|[ensr])$/;
/** Mark of an end. */
const END = "0";
/** Most beginnings and ends of a row. */
const MAX_ROOTS = 1024;
/** How many words of a text tell its language. */
const MAX_TELLING_WORDS = 128;
/** An English text has a greater share of function words than this. */
const MIN_ENGLISH = 0.25;
/** Words of letters, except those of scripts that are cut into pairs. */
const IS_LETTERS =
  /^(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])[\p{L}\p{M}])+$/u;

/**
 * Whether a text is in English: over a quarter of its words are English function words, and no other language has
 * more of them.
 *
 * @param words Its words, as `words` gives them.
 */
export function isEnglish(words: readonly string[]): boolean {
  const first = words.slice(0, MAX_TELLING_WORDS);
  const english = first.filter((word) => !isContentWord(word)).length;
  return english > MIN_ENGLISH * first.length &&
    functionWords(first).size === 0;
}

/** The beginnings of a row's words that are longer than them, and the ends of long ones, each once. */
export function rootsOf(stems: readonly string[]): string[] {
  const found = new Set<string>();
  for (const stem of stems) {
    const { length } = stem;
    if (length <= SHORT || !IS_LETTERS.test(stem)) continue;
    if (length <= MAX_FOUND_BY_SHORT) found.add(stem.slice(0, SHORT));
    if (length > LONG) found.add(stem.slice(0, LONG));
    if (length >= MIN_COMPOUND && IS_LATIN.test(stem)) found.add(endOf(stem));
    if (found.size >= MAX_ROOTS) break;
  }
  return [...found];
}

/**
 * The beginnings of other forms of a question's word, longest first. For a word of four letters that is the word
 * itself; shorter ones have none.
 */
export function beginningsOf(stem: string): string[] {
  const { length } = stem;
  if (length < SHORT || !IS_LETTERS.test(stem)) return [];
  return [
    ...(length > LONG ? [stem.slice(0, LONG)] : []),
    ...(length <= MAX_SEARCHED_BY_SHORT ? [stem.slice(0, SHORT)] : []),
  ];
}

/**
 * The end of a question's word without its ending, if longer words may end in it: to be searched for by {@link endOf},
 * and compared with the words found.
 */
export function coreOf(stem: string): string | undefined {
  if (stem.length < MIN_END || !IS_LATIN.test(stem)) return undefined;
  return stem.replace(ENDING, "");
}

/** The token of a word's end. */
export function endOf(stem: string): string {
  return END + stem.replace(ENDING, "").slice(-MIN_END);
}

/** Whether a word is a longer one that ends in a {@link coreOf core}, with any ending. */
export function endsIn(word: string, core: string): boolean {
  return word.length >= MIN_COMPOUND &&
    word.replace(ENDING, "").endsWith(core) &&
    word.length > core.length + 2;
}
