/** Texts cut to a length. */

/** At most `max` UTF-16 units of a text, without cutting a surrogate pair, which Convex cannot store. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** At most `max` bytes of a text in UTF-8, without cutting a character. */
export function cutBytes(text: string, max: number): string {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= max) return text;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= max) return text;
  let end = max;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}
