/**
 * How a text search scores, as Convex's search engine (tantivy) does: BM25 over lengths that are kept in one byte each.
 *
 * @module
 */

const K1 = 1.2;
const B = 0.75;
/** Lengths up to here are kept exactly, with the bits that a byte has beyond the exponents of greater ones. */
const EXACT_LENGTHS = 40;
/** What the scale of rounded lengths begins at. */
const SCALE_START = 24;

/** Numbers about all documents of an index, which every score depends on. */
export interface TextStatistics {
  /** Documents. */
  documents: number;
  /** Words in all of them. */
  words: number;
}

/**
 * A length in words as one byte can hold it: exact up to 40, from there on rounded down to four significant bits above
 * 24 (40, 42, …, 54, 56, 60, …). Texts of nearly equal length tie because of it.
 */
export function keptLength(words: number): number {
  if (words < EXACT_LENGTHS) return words;
  const rest = words - SCALE_START;
  const shift = 28 - Math.clz32(rest);
  return SCALE_START + (rest >>> shift << shift);
}

/** How much a term says: the more, the fewer documents have it. */
export function rarity(
  { documents }: TextStatistics,
  documentsWithTerm: number,
): number {
  return Math.log(
    1 + (documents - documentsWithTerm + 0.5) / (documentsWithTerm + 0.5),
  );
}

/** What `norm` needs of the statistics, computed once a search. */
export interface LengthScale {
  /** Part of a document's norm that does not depend on its length. */
  base: number;
  /** Part for each word of its kept length. */
  perWord: number;
}

/** The scale that lengths are measured by. */
export function lengthScale(
  { documents, words }: TextStatistics,
): LengthScale {
  return {
    base: K1 * (1 - B),
    perWord: words === 0 ? 0 : K1 * B * documents / words,
  };
}

/** How many occurrences of a term in a document of a kept length give half of what the term can give. */
export function norm({ base, perWord }: LengthScale, length: number): number {
  return base + perWord * length;
}

/** How much `count` occurrences of a term of some rarity count in a document of a norm. */
export function score(rarity: number, count: number, norm: number): number {
  return rarity * saturation(count, norm);
}

/** The part of a score that does not depend on the term. */
export function saturation(count: number, norm: number): number {
  return (K1 + 1) * count / (count + norm);
}
