/** Returns a text in lower case, trimmed, with inner blanks collapsed. */
export function normalise(text: string | undefined): string {
  return (text ?? "").toLowerCase().trim().replace(/\s+/g, " ");
}
