/** Finds a text in others in linear time. */

/**
 * Longest text that the host's own search is used for: it is fast, but its time grows with the product of both lengths
 * if a long text almost repeats.
 */
const MAX_PLAIN = 64;

/**
 * Makes a function that returns the first index of a text in another; -1 if there is none. Its time is always linear in
 * both lengths (the Knuth–Morris–Pratt algorithm).
 */
export function textFinder(wanted: string): (text: string) => number {
  if (wanted.length <= MAX_PLAIN) return (text) => text.indexOf(wanted);
  const start = wanted.slice(0, MAX_PLAIN);
  let codes: Uint16Array | undefined;
  let borders: Uint32Array;
  return (text) => {
    const first = text.length < wanted.length ? -1 : text.indexOf(start);
    if (first < 0) return -1;
    if (codes === undefined) {
      codes = codesOf(wanted);
      borders = bordersOf(codes);
    }
    let held = 0;
    for (let at = first; at < text.length; at++) {
      const code = text.charCodeAt(at);
      while (held > 0 && codes[held] !== code) held = borders[held]!;
      if (codes[held] !== code) continue;
      if (++held === codes.length) return at + 1 - held;
    }
    return -1;
  };
}

/**
 * A text for comparisons that ignore case. Lower case alone is not enough: Σ becomes ς at the end of a word and σ
 * elsewhere, so part of a text in capitals would not be in it.
 */
export function foldCase(text: string): string {
  return text.toLowerCase().replaceAll("ς", "σ");
}

/**
 * The failure function: for each prefix of a text, by its length, the length of the longest shorter prefix that it ends
 * with.
 */
function bordersOf(codes: Uint16Array): Uint32Array {
  const borders = new Uint32Array(codes.length);
  let held = 0;
  for (let at = 1; at < codes.length; at++) {
    borders[at] = held;
    while (held > 0 && codes[held] !== codes[at]) held = borders[held]!;
    if (codes[held] === codes[at]) held++;
  }
  return borders;
}

function codesOf(text: string): Uint16Array {
  const codes = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at++) codes[at] = text.charCodeAt(at);
  return codes;
}
