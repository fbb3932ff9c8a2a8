/**
 * Stems of Arabic and Hebrew words, which are written together with articles, particles and endings. Stripping these
 * may remove a part of the word itself, but gives all forms of most words the same stem.
 *
 * @module
 */

/** "and", the article with and without particles ("with the"), "for the"; leaves two letters, three after "and". */
const ARABIC_PREFIX = /^(?:[وبكف]?ال|لل)(?=..)|^و(?=...)/;
/** Possessives, dual, plurals and the feminine; leaves two letters. */
const ARABIC_SUFFIX = /(?<=..)(?:ها|ا[نت]|ون|ي[نهة]|[هةي])$/;
/** Plurals leave three letters. The feminine and "my", which also end short words, leave four, or three in the end. */
const HEBREW_SUFFIXES = /(?:(?<=...)(?:ימ|ות)|(?<=....)[התי])+$/;
const HEBREW_LAST = /(?<=...)[התי]+$/;
/** "and", "the", "in", "to", "from", "that", "as", and combinations of these; leaves three letters. */
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
  // The final form of a letter is followed in Unicode by its usual form.
  return word.replace(
    HEBREW_FINAL,
    (letter) => String.fromCodePoint(letter.codePointAt(0)! + 1),
  )
    .replace(HEBREW_SUFFIXES, "").replace(HEBREW_PREFIXES, "")
    .replace(HEBREW_LAST, "");
}
