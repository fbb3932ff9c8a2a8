import { compareValues } from "../../values/compare.ts";
import type { Value } from "../../values/types.ts";
import { fieldAt, splitPath } from "../documents/fields.ts";
import type { QueryPlan } from "./query_plan.ts";
import type { Row } from "./query_rows.ts";
import { scannedTooMany } from "../search/text_search.ts";

/** The whole table, in the order of creation. */
export const WHOLE_TABLE: QueryPlan["source"] = {
  type: "index",
  indexName: "by_creation_time",
  terms: [],
};

/**
 * The rows of a table that a text search of `convex-test` finds: those with a word that begins with one of the words
 * searched, in the order of creation. Whoever goes on after `maxRows` is refused.
 */
export function* plainMatches(
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

/** The cosine of the angle between vectors as `convex-test` has it: of any lengths, 0 for what has no direction. */
export function plainCosine(
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
