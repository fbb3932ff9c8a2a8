/** Texts cut to a length. */

/** At most so many characters of a text, and no half of one, which Convex cannot hold. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
