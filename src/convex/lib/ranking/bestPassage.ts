/**
 * Long content is ranked, and quoted, by its best passage of this length, in characters of its stems (some sixty words
 * of text): a long answer contains many words, of which few belong together.
 */
export const PASSAGE = 256;

/** An occurrence of a word of the question in the stems of a text. */
export interface Place {
  /** Offset in characters of the stems. */
  readonly at: number;
  /** Index of the question's word. */
  readonly word: number;
  readonly weight: number;
}

/**
 * The occurrences in the best passage: the one whose distinct words have the greatest weight; among equals, the one
 * with most occurrences, then the first. Cost: linear.
 *
 * @param places All occurrences, in order.
 */
export function bestPassage(places: readonly Place[]): readonly Place[] {
  // A power of two keeps the sums of whole weights exact.
  const repeated = 2 ** -Math.ceil(Math.log2(places.length + 1));
  const counts = new Map<number, number>();
  let best: readonly [number, number] = [0, 0];
  let bestScore = 0;
  let score = 0;
  let end = 0;
  for (let first = 0; first < places.length; first++) {
    const { at, word, weight } = places[first]!;
    for (; end < places.length; end++) {
      const next = places[end]!;
      if (next.at >= at + PASSAGE) break;
      const count = counts.get(next.word) ?? 0;
      if (count === 0) score += next.weight;
      score += repeated;
      counts.set(next.word, count + 1);
    }
    if (score > bestScore) [best, bestScore] = [[first, end], score];
    const count = counts.get(word)! - 1;
    if (count === 0) score -= weight;
    score -= repeated;
    counts.set(word, count);
  }
  return places.slice(...best);
}
