/**
 * Other spellings of a question's words: "Mueller" for "Müller" and the other way round, and "flowerpot" for
 * "flower pot".
 *
 * @module
 */

import { isContentWord, stem, words } from "./text.ts";

/** Letters that are written as two where keyboards lack them. */
const SPELT_OUT: { readonly [letter: string]: string } = {
  "ä": "ae",
  "ö": "oe",
  "ü": "ue",
  "å": "aa",
  "ø": "oe",
};
const SPELLABLE = new RegExp(`[${Object.keys(SPELT_OUT).join("")}]`, "g");
/** Two letters that may stand for one: "quest" has none. */
const TWO_FOR_ONE = /(?<!q)([aou])e|(a)a/g;
const IS_PLAIN = /^[a-z]+$/;
/** Shorter words are too often other words without one of their letters. */
const MIN_LENGTH = 5;
/** Shortest part of a word made of two, and longest such word. */
const MIN_PART = 3;
const MAX_COMPOUND = 24;
/** Most words of a question that are joined. */
const MAX_JOINED = 5;

/**
 * For stems of a question: the stems that its words have when they are spelt in other ways.
 *
 * @param text The question.
 * @param all Its words, as `words` gives them.
 */
export function spellingsIn(
  text: string,
  all: readonly string[],
): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (word: string, other: string) => {
    if (word === other || !isContentWord(word)) return;
    const [known, spelt] = [stem(word), stem(other)];
    if (known === spelt) return;
    const others = found.get(known);
    if (others === undefined) found.set(known, [spelt]);
    else if (!others.includes(spelt)) others.push(spelt);
  };
  const spelt = spellOut(text);
  const other = spelt === text ? all : words(spelt);
  all.forEach((word, at) => {
    if (other.length === all.length && other[at] !== word) {
      add(word, other[at]!);
    } else if (word.length >= MIN_LENGTH && IS_PLAIN.test(word)) {
      add(word, word.replace(TWO_FOR_ONE, "$1$2"));
    }
  });
  return found;
}

/**
 * The words made of two that follow one another in a question, by the stem of each. None in a question of many words,
 * of which others are found.
 */
export function compoundsIn(all: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  if (all.filter(isContentWord).length > MAX_JOINED) return found;
  for (let at = 1; at < all.length; at++) {
    const [first, second] = [all[at - 1]!, all[at]!];
    if (!isPart(first) || !isPart(second)) continue;
    if (first.length + second.length > MAX_COMPOUND) continue;
    const whole = stem(first + second);
    for (const part of [first, second]) {
      const known = stem(part);
      found.set(known, [...found.get(known) ?? [], whole]);
    }
  }
  return found;
}

function isPart(word: string): boolean {
  return word.length >= MIN_PART && IS_PLAIN.test(word) && isContentWord(word);
}

function spellOut(text: string): string {
  return text.normalize("NFC").toLowerCase()
    .replace(SPELLABLE, (letter) => SPELT_OUT[letter]!);
}
