import { EngineError } from "../../errors.ts";
import { formatValue } from "../../values/format.ts";
import { formatNumber } from "../../values/format_number.ts";
import { fieldAt, listedFields } from "./index_fields.ts";
import type { RangeTerm } from "./index_range_builder.ts";

/** The comparisons of an index range, and the index that they are about. */
export interface IndexTerms {
  /** Name of the table. */
  tableName: string;
  /** Name of the index. */
  indexName: string;
  /** Its fields that a query may name, in order. */
  fields: readonly string[];
  /** The comparisons, as the query made them. */
  terms: readonly RangeTerm[];
}

/** Equalities in the order of the index's fields, and the bounds of the field after them. */
export interface SortedTerms {
  /** Equalities, one per field. */
  equal: RangeTerm[];
  /** Bound below. */
  lower: RangeTerm | undefined;
  /** Bound above. */
  upper: RangeTerm | undefined;
}

/** Sorts the terms of a range. Throws `INVALID_INDEX_RANGE` when the index cannot answer them. */
export function sortTerms(range: IndexTerms): SortedTerms {
  const { fields } = range;
  const sorted = splitTerms(range);
  checkFields(range);
  const bound = sorted.lower ?? sorted.upper;
  const inOrder = putInOrder(sorted.equal, fields) &&
    (!bound || bound.fieldPath === fieldAt(fields, sorted.equal.length));
  if (!inOrder) throw outOfOrder(range, sorted);
  return sorted;
}

/** Separates equalities from bounds; refuses two of a kind for one field, and bounds on two fields. */
function splitTerms(range: IndexTerms): SortedTerms {
  const equal: RangeTerm[] = [];
  let lower: RangeTerm | undefined;
  let upper: RangeTerm | undefined;
  for (const term of range.terms) {
    const { type, fieldPath } = term;
    if (type === "Eq") {
      const at = placeOf(equal, fieldPath);
      if (at >= 0) throw twice(range, "equality", equal[at]!);
      equal.push(term);
      continue;
    }
    const isLower = type === "Gt" || type === "Gte";
    const other = isLower ? upper : lower;
    if (isLower ? lower : upper) {
      throw twice(range, isLower ? "lower" : "upper", term);
    }
    if (other && other.fieldPath !== fieldPath) {
      throw boundsOfTwoFields(range, other, term);
    }
    if (isLower) lower = term;
    else upper = term;
  }
  const bound = lower ?? upper;
  const bounded = bound ? placeOf(equal, bound.fieldPath) : -1;
  if (bounded >= 0) throw twice(range, "inequality", equal[bounded]!);
  return { equal, lower, upper };
}

/** Refuses fields that are not in the index. */
function checkFields(range: IndexTerms): void {
  const { tableName, indexName, fields, terms } = range;
  for (const { fieldPath } of terms) {
    if (fields.includes(fieldPath) || fieldPath === "_id") continue;
    throw rangeError(
      range,
      `The index range included a comparison with ${
        JSON.stringify(fieldPath)
      }, but ${tableName}.${indexName} with fields ${
        list(listedFields(fields))
      } doesn't index this field.`,
    );
  }
}

/** Puts equalities in the order of the index's fields; false when they are not on its first fields. */
function putInOrder(equal: RangeTerm[], fields: readonly string[]): boolean {
  for (let place = 0; place < equal.length; place++) {
    const at = placeOf(equal, fieldAt(fields, place));
    if (at < 0) return false;
    if (at > place) [equal[place], equal[at]] = [equal[at]!, equal[place]!];
  }
  return true;
}

/** Place of the term for a field; -1 when there is none. */
function placeOf(terms: readonly RangeTerm[], field?: string): number {
  let at = terms.length - 1;
  while (at >= 0 && terms[at]!.fieldPath !== field) at--;
  return at;
}

function outOfOrder(
  range: IndexTerms,
  { equal, lower, upper }: SortedTerms,
): EngineError {
  const { tableName, indexName, fields } = range;
  const bound = lower ?? upper;
  const used = equal.map(({ fieldPath }) => fieldPath);
  const rank = (field: string) => (fields.indexOf(field) + 1) || Infinity;
  used.sort((a, b) => rank(a) - rank(b));
  if (bound) used.push(bound.fieldPath);
  return rangeError(
    range,
    `Tried to query index ${tableName}.${indexName} but the query didn't use the index fields in order.\nIndex fields: ${
      list(listedFields(fields))
    }\nQuery fields: ${list(used)}\nFirst incorrect field: ${
      JSON.stringify(used.find((field, at) => field !== fieldAt(fields, at)))
    }`,
  );
}

function boundsOfTwoFields(
  range: IndexTerms,
  first: RangeTerm,
  second: RangeTerm,
): EngineError {
  const { tableName, indexName } = range;
  return rangeError(
    range,
    "Upper and lower bounds in `range` can only be applied to a single index field. " +
      `This query against index ${tableName}.${indexName} attempted to set a range bound on both ${
        JSON.stringify(first.fieldPath)
      } and ${
        JSON.stringify(second.fieldPath)
      }. Consider using \`filter\` instead.`,
  );
}

function twice(range: IndexTerms, kind: string, term: RangeTerm): EngineError {
  return rangeError(
    range,
    `Already defined ${kind} bound in index range. Can't add ${
      describe(term)
    }.`,
  );
}

function rangeError(
  { fields, terms }: IndexTerms,
  message: string,
): EngineError {
  const cause = { fields, terms };
  return new EngineError("INVALID_INDEX_RANGE", message, { cause });
}

function list(fields: readonly string[]): string {
  return `[${fields.map((field) => JSON.stringify(field)).join(", ")}]`;
}

function describe({ type, fieldPath, value }: RangeTerm): string {
  const sign = { Eq: "==", Gt: ">", Gte: ">=", Lt: "<", Lte: "<=" }[type];
  return `${JSON.stringify(fieldPath)} ${sign} ${
    formatValue(value, formatNumber)
  }`;
}
