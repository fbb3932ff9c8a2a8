/**
 * Scores of a text search, computed as in Convex's search engine (tantivy): BM25 over lengths quantised to one byte.
 *
 * @module
 */

const K1 = 1.2;
const B = 0.75;
/** Lengths below this are exact: the codes that a byte has left over from the quantised ones. */
const EXACT_LENGTHS = 40;
/** Offset of the quantised lengths. */
const SCALE_START = 24;

/** Totals of an index, which every score depends on. */
export interface TextStatistics {
  /** Documents. */
  documents: number;
  /** Words in all of them. */
  words: number;
}

/**
 * A length in words, quantised to one byte: exact below 40, from there on rounded down to four significant bits above
 * 24 (40, 42, …, 54, 56, 60, …). Texts of nearly equal length therefore tie.
 */
export function quantisedLength(words: number): number {
  if (words < EXACT_LENGTHS) return words;
  const rest = words - SCALE_START;
  const shift = 28 - Math.clz32(rest);
  return SCALE_START + (rest >>> shift << shift);
}

/** Inverse document frequency: the fewer documents have a term, the more it counts. */
export function idf(
  { documents }: TextStatistics,
  documentsWithTerm: number,
): number {
  return Math.log(
    1 + (documents - documentsWithTerm + 0.5) / (documentsWithTerm + 0.5),
  );
}

/** Coefficients of `norm`, computed once per search. */
export interface LengthScale {
  /** The constant part. */
  base: number;
  /** Added for each word of the quantised length. */
  perWord: number;
}

/** The coefficients for an index with these totals. */
export function lengthScale(
  { documents, words }: TextStatistics,
): LengthScale {
  return {
    base: K1 * (1 - B),
    perWord: words === 0 ? 0 : K1 * B * documents / words,
  };
}

/** The count of a term at which a document of this quantised length gets half of the term's greatest score. */
export function norm({ base, perWord }: LengthScale, length: number): number {
  return base + perWord * length;
}

/** Score of a term that occurs `count` times in a document with this norm. */
export function score(idf: number, count: number, norm: number): number {
  return idf * saturation(count, norm);
}

/** The factor of a score that does not depend on the term. */
export function saturation(count: number, norm: number): number {
  return (K1 + 1) * count / (count + norm);
}
