/** Length above which a transition is split into chunks, in UTF-16 units: Convex's 5 MB, if the text is ASCII. */
const MAX_CHUNK_LENGTH = 5_000_000;

/** The frames that carry a transition: itself, or the chunks of one that is too long for a single frame. */
export function splitTransition(text: string): string[] {
  if (text.length <= MAX_CHUNK_LENGTH) return [text];
  const totalParts = Math.ceil(text.length / MAX_CHUNK_LENGTH);
  const transitionId = crypto.randomUUID();
  return Array.from({ length: totalParts }, (_, partNumber) =>
    JSON.stringify({
      type: "TransitionChunk",
      // May split a surrogate pair, which is whole again when the chunks are joined.
      chunk: text.slice(
        partNumber * MAX_CHUNK_LENGTH,
        (partNumber + 1) * MAX_CHUNK_LENGTH,
      ),
      partNumber,
      totalParts,
      transitionId,
    }));
}
