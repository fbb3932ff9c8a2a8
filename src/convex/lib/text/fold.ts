/** Makes texts equal that differ in case, accents and compatibility forms only. */

/** Accents, and the vowel signs that Arabic and Hebrew may omit. */
const OPTIONAL_MARKS =
  /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc]/g;
/** Invisible characters within words: soft hyphen, joiners and non-joiners, and the Arabic tatweel. */
const INVISIBLE = /[\u00ad\u0640\u200c\u200d\u2060\ufeff]/g;
/** Letters that Unicode does not decompose, and Persian letters that stand for Arabic ones. */
const FOLDED: { readonly [letter: string]: string } = {
  "ß": "ss",
  "æ": "ae",
  "œ": "oe",
  "ø": "o",
  "ł": "l",
  "đ": "d",
  "ð": "d",
  "þ": "th",
  "ı": "i",
  "ς": "σ",
  "ی": "ي",
  "ک": "ك",
};
const FOLDABLE = new RegExp(`[${Object.keys(FOLDED).join("")}]`, "g");

/** A text in compatibility forms without accents, signs that may be left out, and invisible characters. */
export function withoutMarks(text: string): string {
  return text.normalize("NFKD").replace(OPTIONAL_MARKS, "")
    .replace(INVISIBLE, "");
}

/** A text in lower case, with letters that Unicode does not decompose as others. */
export function foldLetters(text: string): string {
  return text.toLowerCase()
    .replace(FOLDABLE, (letter) => FOLDED[letter]!);
}

/** Letters with accents: Latin, Greek, Cyrillic and Arabic. */
const ACCENTED: readonly (readonly [first: number, last: number])[] = [
  [0xc0, 0x24f],
  [0x370, 0x52f],
  [0x622, 0x626],
  [0x6a9, 0x6a9],
  [0x6cc, 0x6cc],
  [0x1e00, 0x1fff],
];

/**
 * Makes a function that turns a text into the source of a pattern that also finds it with other accents, or none. The
 * pattern must ignore case and have the flag `u`.
 */
export function accentPatterns(): (text: string) => string {
  let spelt: ReadonlyMap<string, string> | undefined;
  const marks = `${OPTIONAL_MARKS.source}*`;
  const one = (letter: string) =>
    `[${letter}${(spelt ??= accentedLetters()).get(letter) ?? ""}]${marks}`;
  return (text) =>
    foldLetters(text.normalize("NFD").replace(OPTIONAL_MARKS, ""))
      .normalize("NFC")
      .replace(/ss|ae|oe|th|\p{L}|[\\^$.*+?()[\]{}|/]/gu, (part) => {
        if (!/\p{L}/u.test(part)) return `\\${part}`;
        const apart = [...part].map(one).join("");
        const joined = part.length === 1 ? undefined : spelt?.get(part);
        return joined === undefined
          ? apart
          : `(?:${apart}|[${joined}]${marks})`;
      });
}

/** Letters with accents by what they are without. */
function accentedLetters(): Map<string, string> {
  const spelt = new Map<string, string>();
  for (const [first, last] of ACCENTED) {
    for (let code = first; code <= last; code++) {
      const letter = String.fromCharCode(code);
      const plain = foldLetters(withoutMarks(letter));
      if (plain !== letter.toLowerCase() && /^\p{L}{1,2}$/u.test(plain)) {
        spelt.set(plain, (spelt.get(plain) ?? "") + letter);
      }
    }
  }
  return spelt;
}
