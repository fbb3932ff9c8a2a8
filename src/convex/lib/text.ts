/**
 * Words and stems: what a text is reduced to before it is indexed, and a question before it is searched.
 *
 * The same reduction runs on both sides. Convex's text search neither stems nor folds accents, so the index holds
 * stems that were made here.
 *
 * @module
 */

import { stemmer } from "stemmer";

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

/** Scripts written without spaces: their runs are cut into overlapping pairs of characters. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const UNSPACED_RUN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{M}ー]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+/gu;
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
/** Possessives and the tails of English contractions, with a straight or a typographic apostrophe. */
const CONTRACTION =
  /\b(?:ca|wo|sha|ai)n['\u2019]t\b|n['\u2019]t\b|['\u2019](?:s|m|re|ve|ll|d)\b/g;
const ASCII_LETTERS = /^[a-z]{3,}$/;

/**
 * Splits a text into lower-case words: compatibility forms and accents folded, possessives and contraction tails
 * removed, scripts without spaces cut into pairs of characters. Stop words are still there.
 *
 * @param text Any text, the empty one included.
 * @returns The words in the order of the text; cost is linear in its length.
 */
export function words(text: string): string[] {
  const folded = text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC").toLowerCase().replace(CONTRACTION, "");
  const found: string[] = [];
  for (const run of folded.match(WORD) ?? []) {
    if (!UNSPACED.test(run)) {
      found.push(run);
      continue;
    }
    for (const part of run.match(UNSPACED_RUN) ?? []) {
      const letters = UNSPACED.test(part) ? [...part] : [];
      if (letters.length < 2) found.push(part);
      for (let at = 1; at < letters.length; at++) {
        found.push(letters[at - 1]! + letters[at]!);
      }
    }
  }
  return found;
}

/**
 * Reduces one word to its stem: Porter's algorithm for words of the letters a to z, other words unchanged; cut to
 * {@link MAX_STEM_BYTES} bytes of UTF-8.
 *
 * @param word A word as {@link words} gives it.
 */
export function stem(word: string): string {
  if (!ASCII_LETTERS.test(word)) return cutBytes(word);
  return cutBytes(stemmer(word));
}

/**
 * Reduces a text to the stems of its words, without stop words, repetitions kept, in the order of the text. A text of
 * nothing but stop words ("I do") keeps them, so that it can be found by them.
 *
 * @param text Any text.
 * @param limit Most stems returned; the rest of the text is left out. Default: no bound.
 */
export function tokenise(text: string, limit = Infinity): string[] {
  const all = words(text);
  const telling = all.filter((word) => !STOP_WORDS.has(word));
  const kept = telling.length > 0 ? telling : all;
  return (kept.length > limit ? kept.slice(0, limit) : kept).map(stem);
}

function cutBytes(word: string): string {
  // A UTF-16 code unit is at most three bytes of UTF-8, so short words need no counting.
  if (word.length * 3 <= MAX_STEM_BYTES) return word;
  let bytes = 0;
  let cut = "";
  for (const letter of word) {
    const code = letter.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > MAX_STEM_BYTES) break;
    cut += letter;
  }
  return cut;
}
