/**
 * Stems of Arabic and Hebrew words, which are written in one with articles, particles and endings. What is taken off
 * is the same for all forms of most words, though it may be a part of the word itself.
 *
 * @module
 */

/** "and", the article with and without particles ("with the"), "for the"; two letters stay, three behind "and". */
const ARABIC_PREFIX = /^(?:[وبكف]?ال|لل)(?=..)|^و(?=...)/;
/** Possessives, dual, plurals and the feminine; two letters stay. */
const ARABIC_SUFFIX = /(?<=..)(?:ها|ا[نت]|ون|ي[نهة]|[هةي])$/;
/**
 * Plurals; three letters stay. The feminine and "my", which also end short words: four letters stay, or three at last.
 */
const HEBREW_SUFFIXES = /(?:(?<=...)(?:ימ|ות)|(?<=....)[התי])+$/;
const HEBREW_LAST = /(?<=...)[התי]+$/;
/** "and", "the", "in", "to", "from", "that", "as", and several of them; three letters stay. */
const HEBREW_PREFIXES = /^[והבלמשכ]+(?=...)/;
const HEBREW_FINAL = /[ךםןףץ]$/;

/**
 * Stem of a word of Arabic letters, by the affixes of "light10" (Larkey, Ballesteros and Connell, "Improving stemming
 * for Arabic information retrieval", SIGIR 2002).
 */
export function arabicStem(word: string): string {
  // The last letter has two spellings.
  return word.replace(/ى$/, "ي").replace(ARABIC_PREFIX, "")
    .replace(ARABIC_SUFFIX, "");
}

/** Stem of a word of Hebrew letters. */
export function hebrewStem(word: string): string {
  // Behind the form that a letter has at the end of words is the one that it has elsewhere.
  return word.replace(
    HEBREW_FINAL,
    (letter) => String.fromCodePoint(letter.codePointAt(0)! + 1),
  )
    .replace(HEBREW_SUFFIXES, "").replace(HEBREW_PREFIXES, "")
    .replace(HEBREW_LAST, "");
}
