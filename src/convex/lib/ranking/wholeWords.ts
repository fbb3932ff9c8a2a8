/** Finds whole words in a search text, whose stems are separated by blanks and line breaks only. */

/** Whether a text contains a word. */
export function has(text: string, word: string): boolean {
  return placeOf(text, word, 0) >= 0;
}

/** Index of `word` as a whole word at or after `from`; -1 if there is none. */
export function placeOf(text: string, word: string, from: number): number {
  let at = text.indexOf(word, from);
  while (at >= 0 && !isWholeAt(text, word, at)) at = text.indexOf(word, at + 1);
  return at;
}

/** Whether `word` is a whole word at index `at`. */
export function isWordAt(text: string, word: string, at: number): boolean {
  return text.startsWith(word, at) && isWholeAt(text, word, at);
}

function isWholeAt(text: string, word: string, at: number): boolean {
  return isBreak(text, at - 1) && isBreak(text, at + word.length);
}

/** Whether there is a blank, a line break or the end of the text at an index. */
export function isBreak(text: string, at: number): boolean {
  if (at < 0 || at >= text.length) return true;
  const code = text.charCodeAt(at);
  return code === 32 || code === 10;
}
