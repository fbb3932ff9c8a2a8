import type { RangeTerm } from "../../engine/plan/index_range_builder.ts";

/**
 * The message of `convex-test` for comparisons that do not follow the order of an index's fields, equalities first,
 * then at most a lower and an upper bound of one field; undefined if they do.
 */
export function mockRangeProblem(
  fields: readonly string[],
  terms: readonly RangeTerm[],
): string | undefined {
  let place = 0;
  let bound: RangeTerm | undefined;
  let isFull = false;
  for (const term of terms) {
    const { type, fieldPath } = term;
    if (isFull) {
      return `Incorrect operator used in \`withIndex\`, cannot chain more operators after both \`.gt\` and \`.lt\` were already used, got \`.${
        nameOf(term)
      }(${fieldPath}, ${term.value})\`.`;
    }
    if (bound && (type === "Eq" || isLower(term) === isLower(bound))) {
      return `Incorrect operator used in \`withIndex\`, cannot chain \`.${
        nameOf(term)
      }()\` after \`.${nameOf(bound)}()\``;
    }
    // Every index ends with the id, which pagination helpers compare last.
    const expected = place === fields.length ? "_id" : fields[place];
    if (fieldPath !== expected) {
      const both = bound
        ? " `.gt` and `.lt` must operate on the same field,"
        : "";
      return `Incorrect field used in \`withIndex\`,${both} expected "${expected}", got "${fieldPath}"`;
    }
    if (type === "Eq") place++;
    else {
      isFull = bound !== undefined;
      bound = term;
    }
  }
  return undefined;
}

function nameOf({ type }: RangeTerm): string {
  return type.toLowerCase();
}

function isLower({ type }: RangeTerm): boolean {
  return type === "Gt" || type === "Gte";
}
