/** Helpers for JSON text as UTF-8. */
import { BACKSLASH, DOLLAR, QUOTE, UNDERSCORE } from "./json_constants.ts";

const decoder = new TextDecoder();

/** Decodes UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** True for white space of JSON. */
export function isSpace(code: number | undefined): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

/** Index of the quote that ends the string beginning at `from`, or -1. */
export function stringEnd(text: Uint8Array, from: number): number {
  let at = from + 1;
  // Most strings are short; calling the host's search pays only for longer ones.
  for (const near = Math.min(text.length, from + 40); at < near; at++) {
    const code = text[at];
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  for (;;) {
    const quote = text.indexOf(QUOTE, at);
    if (quote === -1) return -1;
    let before = quote;
    while (before > at && text[before - 1] === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote;
    at = quote + 1;
  }
}

/**
 * Index after the name that begins at `from`, negative when Convex may forbid the name. `undefined` for a name that
 * begins with `$`, and when there is no name.
 */
export function nameEnd(text: Uint8Array, from: number): number | undefined {
  for (let at = from + 1; at < text.length; at++) {
    const code = text[at]!;
    if (code === QUOTE) {
      const first = text[from + 1];
      if (first === DOLLAR) return undefined;
      const isDoubtful =
        first === UNDERSCORE && text[from + 2] === UNDERSCORE ||
        at - from > 1024;
      return isDoubtful ? -at - 1 : at + 1;
    }
    if (code < 32 || code >= 127 || code === BACKSLASH) break;
  }
  const end = stringEnd(text, from) + 1;
  try {
    const name: string = JSON.parse(decodeText(text.subarray(from, end)));
    return name.startsWith("$") ? undefined : -end;
  } catch {
    return undefined;
  }
}

/** The last index up to `at` where a string may be cut without splitting a character or an escape. */
export function cutBefore(text: Uint8Array, at: number): number {
  while ((text[at]! & 0xc0) === 0x80) at--;
  let escape = at - 1;
  while (escape > at - 6 && text[escape] !== BACKSLASH) escape--;
  if (text[escape] !== BACKSLASH) return at;
  let first = escape;
  while (text[first - 1] === BACKSLASH) first--;
  const isEscaped = (escape - first) % 2 === 1;
  const length = isEscaped ? 1 : text[escape + 1] === 117 ? 6 : 2;
  return escape + length > at ? escape : at;
}
