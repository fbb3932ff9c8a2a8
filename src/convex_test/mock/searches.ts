import { compareValues } from "../../values/compare.ts";
import { encodeKey } from "../../values/key.ts";
import type { Value } from "../../values/types.ts";
import { fieldAt, splitPath } from "../../engine/rows/fields.ts";
import type { QueryPlan } from "../../engine/plan/query_plan.ts";
import type { Row } from "../../engine/plan/query_rows.ts";
import { scannedTooMany } from "../../engine/query/search_errors.ts";
import type {
  VectorResult,
  VectorScan,
} from "../../engine/plan/vector_scan.ts";

/**
 * The rows of a table that a text search of `convex-test` finds: those with a word that begins with one of the searched
 * words, in the order of creation. Throws when read beyond `maxRows`.
 */
export function* mockMatches(
  source: Extract<QueryPlan["source"], { type: "search" }>,
  rows: Iterable<Row>,
  maxRows: number,
): IterableIterator<Row> {
  let count = 0;
  const words = source.searches.flatMap(({ query }) => wordsOf(query));
  const fields = source.searches.map(({ fieldPath }) => splitPath(fieldPath));
  for (const row of rows) {
    const found = fields.some((path) => {
      const text = fieldAt(row.document, path);
      return typeof text === "string" &&
        wordsOf(text).some((word) =>
          words.some((beginning) => word.startsWith(beginning))
        );
    });
    const isEqual = source.equalities.every(({ fieldPath, value }) =>
      compareValues(fieldAt(row.document, splitPath(fieldPath)), value) === 0
    );
    if (!found || !isEqual) continue;
    yield row;
    if (++count === maxRows) throw scannedTooMany(maxRows);
  }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter((word) => word !== "");
}

/**
 * The results of a vector search of `convex-test`, nearest first: vectors may have any length, and filters any fields.
 */
export function mockNearest(
  { documents, path, vector, conditions }: VectorScan,
): VectorResult[] {
  const results: VectorResult[] = [];
  for (const document of documents) {
    const own = fieldAt(document, path);
    // Here `convex-test` would fail.
    if (!Array.isArray(own)) continue;
    const passes = conditions?.some(({ path, key }) =>
      encodeKey([fieldAt(document, path)]) === key
    ) ?? true;
    if (passes) {
      results.push({ _id: document._id, _score: cosine(vector, own) });
    }
  }
  return results.sort((a, b) => b._score - a._score);
}

/** The cosine of the angle between vectors of any lengths; 0 if one has no direction. */
function cosine(
  one: readonly number[],
  other: readonly Value[],
): number {
  let product = 0;
  let square = 0;
  let otherSquare = 0;
  for (let at = 0; at < one.length; at++) {
    const [a, b] = [one[at]!, Number(other[at])];
    product += a * b;
    square += a * a;
    otherSquare += b * b;
  }
  return square > 0 && otherSquare > 0
    ? product / (Math.sqrt(square) * Math.sqrt(otherSquare))
    : 0;
}
