/** Lower case, trimmed, inner blanks collapsed. */
export function normalise(text: string | undefined): string {
  return (text ?? "").toLowerCase().trim().replace(/\s+/g, " ");
}
