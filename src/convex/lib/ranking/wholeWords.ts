/** Whole words of a search text, whose stems are divided by blanks and line breaks only. */

/** Whether a word stands somewhere in a text. */
export function has(text: string, word: string): boolean {
  return placeOf(text, word, 0) >= 0;
}

/** Where `word` stands as a whole word, at `from` or behind; -1: nowhere. */
export function placeOf(text: string, word: string, from: number): number {
  let at = text.indexOf(word, from);
  while (at >= 0 && !isWholeAt(text, word, at)) at = text.indexOf(word, at + 1);
  return at;
}

/** Whether `word` stands at `at` as a whole word. */
export function isWordAt(text: string, word: string, at: number): boolean {
  return text.startsWith(word, at) && isWholeAt(text, word, at);
}

function isWholeAt(text: string, word: string, at: number): boolean {
  return isBreak(text, at - 1) && isBreak(text, at + word.length);
}

/** Whether a blank, a line break or an end of the text is at a place. */
export function isBreak(text: string, at: number): boolean {
  if (at < 0 || at >= text.length) return true;
  const code = text.charCodeAt(at);
  return code === 32 || code === 10;
}
