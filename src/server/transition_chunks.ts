/** Length of a frame from which on a transition is cut, in UTF-16 units: Convex's 5 MB, for text that is mostly ASCII. */
export const MAX_CHUNK_LENGTH = 5_000_000;

/** The frames that carry a transition: itself, or the chunks of one that is too long for a single frame. */
export function splitTransition(
  text: string,
  maxLength: number = MAX_CHUNK_LENGTH,
): string[] {
  if (text.length <= maxLength) return [text];
  const totalParts = Math.ceil(text.length / maxLength);
  const transitionId = crypto.randomUUID();
  return Array.from({ length: totalParts }, (_, partNumber) =>
    JSON.stringify({
      type: "TransitionChunk",
      // A character of two units that is cut in half is whole again when the chunks are joined.
      chunk: text.slice(partNumber * maxLength, (partNumber + 1) * maxLength),
      partNumber,
      totalParts,
      transitionId,
    }));
}
