/** Scores of the parts of a ranking, made comparable. */

/** What the vector leg knows of a row. */
interface Embedded {
  readonly similarity?: number;
  readonly isUnembedded?: boolean;
}

/** Hits of the vector leg from which on their mean tells what a row without embedding might have. */
const MIN_HITS = 8;

/**
 * Of the embeddings, the greatest as 1. Where enough have one, what has none gets their mean: whoever embeds from today
 * on would find of old rows only what has every word of the question.
 */
export function similarities(candidates: readonly Embedded[]): number[] {
  const hits = candidates.flatMap(({ similarity }) =>
    similarity === undefined ? [] : [Math.max(0, similarity)]
  );
  const unknown = hits.length < MIN_HITS
    ? 0
    : hits.reduce((sum, hit) => sum + hit) / hits.length;
  return byMaximum(
    candidates.map(({ similarity, isUnembedded }) =>
      isUnembedded ? unknown : Math.max(0, similarity ?? 0)
    ),
  );
}

/** The greatest as 1; all of them as they are, where none is above 0. */
export function byMaximum(values: readonly number[]): number[] {
  const most = maximum(values);
  return most > 0 ? values.map((value) => value / most) : [...values];
}

/** The greatest of some numbers, 0 at least. */
export function maximum(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** The mean of some numbers; 1 where they come to nothing. */
export function mean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum > 0 ? sum / values.length : 1;
}
