/**
 * Words and stems. Texts are reduced to stems before they are indexed, and questions before they are searched.
 *
 * Convex's text search neither stems nor folds accents, so this module does both.
 *
 * @module
 */

import { stemmer } from "stemmer";
import { cutBytes } from "./cutText.ts";
import { foldLetters, withoutMarks } from "./fold.ts";
import { spread } from "./identifiers.ts";
import { lemmaOf } from "./lemmas.ts";
import { arabicStem, hebrewStem } from "./semiticStems.ts";

/** Convex's tokeniser keeps tokens of at most 31 bytes and drops longer ones silently; stems are cut to that. */
export const MAX_STEM_BYTES = 31;

/**
 * English words that carry no meaning of their own in a question or an answer. "may" and "march" are months as often
 * as verbs, so they are not here; "won" and "can" (the noun) are rare enough.
 */
const STOP_WORDS: ReadonlySet<string> = new Set(
  ("a about above after again against all also am an and any are as at be because been before being below between " +
    "both but by can cannot could did do does doing done down during each else ever every few for from further get " +
    "gets getting got had has have having he her here hers herself hey hi him himself his how however i if in into is " +
    "it its itself just let lets like me more most much must my myself no nor not now of off oh ok okay on once only " +
    "onto or other our ours ourselves out over own please really s same shall she should so some such t than thanks " +
    "that the their theirs them themselves then there these they this those though through to too under until up upon " +
    "us very was we well were what whats when where whether which while who whom whose why will with within without " +
    "would wow yeah yes yet you your yours yourself yourselves")
    .split(" "),
);

/** Characters of Chinese, Japanese and Korean that carry no meaning on their own. */
const STOP_CHARACTERS: ReadonlySet<string> = new Set(
  "的了是在我你他她它们們这這那有和就不也都很吗嗎呢吧啊么麼什个個一与與及之而或은는이가을를에의도와과",
);

/** Scripts without spaces, and Hangul, which attaches particles to words. Runs of these are cut into pairs. */
const PAIRED = "Han Hiragana Katakana Hangul Thai Lao Khmer Myanmar".split(" ")
  .map((script) => `\\p{Script=${script}}`).join("");
const IS_PAIRED = new RegExp(`[${PAIRED}]`, "u");
const RUNS = new RegExp(`[${PAIRED}\\p{M}ー]+|[^${PAIRED}]+`, "gu");
/** Scripts in which a single character can be a word. */
const IS_WORD_OF_ONE = /[\p{Script=Han}\p{Script=Hangul}]/u;
const WORD =
  /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*|\p{Extended_Pictographic}|\p{RI}{2}/gu;
/** An emoji; a flag is two characters, the letters of its country's code. */
const IS_PICTURE = /^[\p{Extended_Pictographic}\p{RI}]/u;
/** Possessives and the tails of English contractions, with a straight or a typographic apostrophe. */
const CONTRACTION =
  /\b(?:ca|wo|sha|ai)n['\u2019]t\b|n['\u2019]t\b|['\u2019](?:s|m|re|ve|ll|d)\b/g;
/** Two words that are also written as one: "wi-fi", "e-mail", "check-in", "anne-marie". */
const HYPHENATED =
  /(?<![\w-])(?:([a-z]{1,3})-([a-z]{2,})|([a-z]{4,})-([a-z]+))(?![\w-])/g;
/** Numbers with thousands separators: "1,150". */
const THOUSANDS = /(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/g;
const ASCII_LETTERS = /^[a-z]{3,}$/;
// Longer ones are no words, and the patterns of affixes take time by the square of the length.
const ARABIC_LETTERS = /^[\u0621-\u064a]{3,64}$/;
const HEBREW_LETTERS = /^[\u05d0-\u05ea]{3,64}$/;
// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;
const ASCII_WORD = /[a-z0-9]+/g;

/**
 * Splits a text into lower-case words. Folds compatibility forms and accents, and removes possessives and the tails of
 * contractions. "e-mail" gives both "email" and its parts, as does "getUser", and "1,150" gives "1150". Scripts without
 * spaces are cut into pairs of characters; Chinese characters and Korean syllables are words on their own as well. An
 * emoji becomes `emoji` with its code point, a flag with its two. Stop words are kept.
 *
 * @param text Any text, which may be empty.
 * @returns The words in the order of the text. The cost is linear in its length.
 */
export function words(text: string): string[] {
  if (ASCII.test(text)) {
    // The usual case, and half the cost of remembering: nothing to fold, and no other scripts.
    const lower = spread(text).toLowerCase();
    const whole = lower.includes("'") ? lower.replace(CONTRACTION, "") : lower;
    return joined(whole).match(ASCII_WORD) ?? [];
  }
  const folded = foldLetters(spread(withoutMarks(text).normalize("NFC")))
    .replace(CONTRACTION, "");
  const found: string[] = [];
  for (const word of joined(folded).match(WORD) ?? []) {
    if (IS_PICTURE.test(word)) {
      const codes = [...word].map((one) => one.codePointAt(0)!.toString(16));
      found.push(`emoji${codes.join("")}`);
    } else if (!IS_PAIRED.test(word)) found.push(word);
    else for (const run of word.match(RUNS) ?? []) addPieces(found, run);
  }
  return found;
}

/**
 * Puts the joined form of hyphenated words in front of them, so that the words of dates still follow one another.
 */
function joined(text: string): string {
  const whole = text.includes(",") ? text.replace(THOUSANDS, plain) : text;
  if (!whole.includes("-")) return whole;
  return whole.replace(
    HYPHENATED,
    (both, a = "", b = "", c = "", d = "") => `${a}${b}${c}${d} ${both}`,
  );
}

function plain(number: string): string {
  return number.replaceAll(",", "");
}

/** Adds the pairs of a run, then the characters that are words on their own. Adds a run of other scripts unchanged. */
function addPieces(found: string[], run: string): void {
  const letters = IS_PAIRED.test(run) ? [...run] : [];
  if (letters.length < 2) found.push(run);
  for (let at = 1; at < letters.length; at++) {
    found.push(letters[at - 1]! + letters[at]!);
  }
  for (const letter of letters) {
    if (letters.length > 1 && IS_WORD_OF_ONE.test(letter)) found.push(letter);
  }
}

/**
 * Reduces one word to its stem, of at most {@link MAX_STEM_BYTES} bytes of UTF-8. Words of the letters a to z are
 * stemmed by Porter's algorithm, irregular forms ("bought") after reduction to their base form. Arabic and Hebrew words
 * lose attached prefixes and suffixes. Other words are unchanged.
 *
 * @param word A word as {@link words} returns it.
 */
export function stem(word: string): string {
  return cutBytes(wholeStem(word), MAX_STEM_BYTES);
}

function wholeStem(word: string): string {
  if (ASCII_LETTERS.test(word)) return stemmer(lemmaOf(word));
  if (ARABIC_LETTERS.test(word)) return arabicStem(word);
  return HEBREW_LETTERS.test(word) ? hebrewStem(word) : word;
}

/**
 * Reduces a text to stems, in its order and with repetitions, without stop words. A text that consists of stop words
 * ("I do") keeps them, so that it can be found.
 *
 * @param text Any text.
 * @param limit Most stems to return. Default: no bound.
 */
export function tokenise(text: string, limit = Infinity): string[] {
  const kept = contentWords(text);
  return (kept.length > limit ? kept.slice(0, limit) : kept).map(stem);
}

/** The words of a text without stop words, or all its words when there are no others. */
export function contentWords(text: string): readonly string[] {
  return withoutStopWords(words(text));
}

/** Removes stop words, unless there are no other words. */
export function withoutStopWords(all: readonly string[]): readonly string[] {
  const content = all.filter(isContentWord);
  return content.length > 0 ? content : all;
}

/** Whether a word is not a stop word. */
export function isContentWord(word: string): boolean {
  return !STOP_WORDS.has(word) && !STOP_CHARACTERS.has(word);
}
