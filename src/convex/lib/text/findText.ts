/** Where a text holds another one. */

/** The host's own search is quick, but takes time by the product of both lengths where a long text almost repeats. */
const MAX_PLAIN = 64;

/**
 * Makes a search that gives the first place of a text in others; -1: none. Its time is linear in the lengths of both
 * (the algorithm of Knuth, Morris and Pratt), whatever they are.
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

/** For each beginning of a text, by its length: the length of the longest shorter one that it ends with. */
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
