import { EngineError } from "../../errors.ts";
import { copyValue } from "../../values/copy.ts";
import { formatValue } from "../../values/format.ts";
import { formatNumber } from "../../values/format_number.ts";
import { encodeKey, prefixEnd } from "../../values/key.ts";
import type { Value } from "../../values/types.ts";
import type { Table } from "../schema/catalog.ts";
import { type IdSource, nextUp } from "../ids.ts";
import { noIndex } from "./no_index.ts";

/** One comparison of an index range. */
export interface RangeTerm {
  /** Comparison. */
  type: "Eq" | "Gt" | "Gte" | "Lt" | "Lte";
  /** Field compared. */
  fieldPath: string;
  /** The value that the field is compared with. */
  value: Value | undefined;
}

/** Keys from `start` to before `end`; without `end`, to the last one. */
export interface KeyRange {
  /** First key. */
  start: string;
  /** First key after the range. */
  end: string | undefined;
}

/** The `q` that `withIndex` hands to its callback. */
export class IndexRangeBuilder {
  readonly #terms: RangeTerm[];
  #isUsed = false;

  /** Begins with the comparisons made so far, to which it appends. */
  constructor(terms: RangeTerm[] = []) {
    this.#terms = terms;
  }

  /** Field equals value; `undefined` means that the field is missing. */
  eq(fieldName: string, value: unknown): IndexRangeBuilder {
    return this.#with("Eq", fieldName, value);
  }
  /** Field is after value. */
  gt(fieldName: string, value: unknown): IndexRangeBuilder {
    return this.#with("Gt", fieldName, value);
  }
  /** Field is value or after it. */
  gte(fieldName: string, value: unknown): IndexRangeBuilder {
    return this.#with("Gte", fieldName, value);
  }
  /** Field is before value, also when it is missing. */
  lt(fieldName: string, value: unknown): IndexRangeBuilder {
    return this.#with("Lt", fieldName, value);
  }
  /** Field is value or before it. */
  lte(fieldName: string, value: unknown): IndexRangeBuilder {
    return this.#with("Lte", fieldName, value);
  }
  /** Returns the comparisons and uses up the builder. */
  export(): readonly RangeTerm[] {
    this.#use();
    return this.#terms;
  }

  #with(
    type: RangeTerm["type"],
    fieldPath: string,
    value: unknown,
  ): IndexRangeBuilder {
    this.#use();
    this.#terms.push({
      type,
      fieldPath,
      value: isSimple(value)
        ? value
        : copyValue(value, `index range on "${fieldPath}"`),
    });
    return new IndexRangeBuilder(this.#terms);
  }

  #use(): void {
    if (this.#isUsed) {
      throw new Error(
        "IndexRangeBuilder has already been used! Chain your method calls like `q => q.eq(...).eq(...)`. See https://docs.convex.dev/using/indexes",
      );
    }
    this.#isUsed = true;
  }
}

/** Whether a value needs no copy and no check, being immutable and valid: most ranges consist of such values. */
function isSimple(
  value: unknown,
): value is string | number | boolean | null | undefined {
  return typeof value === "string"
    ? value.isWellFormed()
    : typeof value === "number" || typeof value === "boolean" ||
      value === null || value === undefined;
}

const BY_ID: readonly string[] = ["_id"];
const BY_CREATION_TIME: readonly string[] = ["_creationTime"];

/** Fields of an index that a query may name, in order; undefined when the table has no such index. */
export function indexFields(
  table: Table,
  indexName: string,
): readonly string[] | undefined {
  if (indexName === "by_id") return BY_ID;
  return table.indexes.get(indexName)?.fields ??
    (indexName === "by_creation_time" ? BY_CREATION_TIME : undefined);
}

/** The keys that a range selects; undefined when it selects none. Throws `INVALID_INDEX_RANGE`. */
export function keyRange(
  ids: IdSource,
  table: Table,
  indexName: string,
  terms: readonly RangeTerm[],
): KeyRange | undefined {
  const fields = indexFields(table, indexName);
  if (!fields) {
    throw noIndex(table, table.name, indexName);
  }
  const { equal, lower, upper } = sortTerms(table, indexName, fields, terms);
  const index = table.indexes.get(indexName);
  const userFields = index?.slots.length ?? 0;
  let base = "";
  let last = index?.prefix ?? table.prefix;
  let place = 0;
  for (; place < equal.length && place < userFields; place++) {
    base += last;
    last = encodeKey([equal[place]!.value]);
  }
  // `prefixEnd` is defined here: no part consists only of the last character, which has no successor.
  const end = base + prefixEnd(last)!;
  base += last;
  const range: KeyRange = { start: base, end };
  const start = (term: RangeTerm, isAfter: boolean) =>
    boundary(ids, table, base, term, isAfter);
  // Fast path for one bound, which most ranges have: `narrow` would compare long strings, at a higher cost than joining
  // them.
  if (lower && !upper && place === equal.length) {
    const from = start(lower, lower.type === "Gt");
    return from === undefined || from === range.end
      ? undefined
      : { start: from, end: range.end };
  }
  // An equality on `_creationTime` or `_id` is a range of ids.
  for (; place < equal.length; place++) {
    const term = equal[place]!;
    if (!narrow(range, start(term, false), start(term, true))) return undefined;
  }
  if (lower && !narrow(range, start(lower, lower.type === "Gt"), undefined)) {
    return undefined;
  }
  if (upper) narrow(range, base, start(upper, upper.type === "Lte"));
  return (lower || upper || userFields < equal.length) &&
      range.end !== undefined && range.start >= range.end
    ? undefined
    : range;
}

/**
 * Narrows a range to the keys from `start` to before `end`. False if `start` is undefined, that is, after the last key.
 */
function narrow(
  range: KeyRange,
  start: string | undefined,
  end: string | undefined,
): boolean {
  if (start === undefined) return false;
  if (start > range.start) range.start = start;
  if (end !== undefined && (range.end === undefined || end < range.end)) {
    range.end = end;
  }
  return true;
}

/** Equalities in the order of the index's fields, and the bounds of the field after them. */
interface SortedTerms {
  equal: RangeTerm[];
  lower: RangeTerm | undefined;
  upper: RangeTerm | undefined;
}

/** Sorts the terms of a range. Throws `INVALID_INDEX_RANGE` when the index cannot answer them. */
function sortTerms(
  table: Table,
  indexName: string,
  named: readonly string[],
  terms: readonly RangeTerm[],
): SortedTerms {
  const sorted = splitTerms(table, indexName, named, terms);
  checkFields(table, indexName, named, terms);
  const bound = sorted.lower ?? sorted.upper;
  const inOrder = putInOrder(sorted.equal, named) &&
    (!bound || bound.fieldPath === fieldAt(named, sorted.equal.length));
  if (!inOrder) throw outOfOrder(table, indexName, named, terms, sorted);
  return sorted;
}

/** Separates equalities from bounds; refuses two of a kind for one field, and bounds on two fields. */
function splitTerms(
  table: Table,
  indexName: string,
  named: readonly string[],
  terms: readonly RangeTerm[],
): SortedTerms {
  const equal: RangeTerm[] = [];
  let lower: RangeTerm | undefined;
  let upper: RangeTerm | undefined;
  for (const term of terms) {
    const { type, fieldPath } = term;
    if (type === "Eq") {
      const at = placeOf(equal, fieldPath);
      if (at >= 0) throw twice("equality", equal[at]!, named, terms);
      equal.push(term);
      continue;
    }
    const isLower = type === "Gt" || type === "Gte";
    const other = isLower ? upper : lower;
    if (isLower ? lower : upper) {
      throw twice(isLower ? "lower" : "upper", term, named, terms);
    }
    if (other && other.fieldPath !== fieldPath) {
      const index = `${table.name}.${indexName}`;
      throw rangeError(boundsOfTwoFields(index, other, term), named, terms);
    }
    if (isLower) lower = term;
    else upper = term;
  }
  const bound = lower ?? upper;
  const bounded = bound ? placeOf(equal, bound.fieldPath) : -1;
  if (bounded >= 0) throw twice("inequality", equal[bounded]!, named, terms);
  return { equal, lower, upper };
}

function boundsOfTwoFields(
  index: string,
  first: RangeTerm,
  second: RangeTerm,
): string {
  return "Upper and lower bounds in `range` can only be applied to a single index field. " +
    `This query against index ${index} attempted to set a range bound on both ${
      JSON.stringify(first.fieldPath)
    } and ${
      JSON.stringify(second.fieldPath)
    }. Consider using \`filter\` instead.`;
}

/** Refuses fields that are not in the index. */
function checkFields(
  table: Table,
  indexName: string,
  named: readonly string[],
  terms: readonly RangeTerm[],
): void {
  for (const { fieldPath } of terms) {
    if (named.includes(fieldPath) || fieldPath === "_id") continue;
    throw rangeError(
      `The index range included a comparison with ${
        JSON.stringify(fieldPath)
      }, but ${table.name}.${indexName} with fields ${
        list(named === BY_ID ? [] : named)
      } doesn't index this field.`,
      named,
      terms,
    );
  }
}

function outOfOrder(
  table: Table,
  indexName: string,
  named: readonly string[],
  terms: readonly RangeTerm[],
  { equal, lower, upper }: SortedTerms,
): EngineError {
  const bound = lower ?? upper;
  const used = equal.map(({ fieldPath }) => fieldPath);
  const rank = (field: string) => (named.indexOf(field) + 1) || Infinity;
  used.sort((a, b) => rank(a) - rank(b));
  if (bound) used.push(bound.fieldPath);
  return rangeError(
    `Tried to query index ${table.name}.${indexName} but the query didn't use the index fields in order.\nIndex fields: ${
      list(named === BY_ID ? [] : named)
    }\nQuery fields: ${list(used)}\nFirst incorrect field: ${
      JSON.stringify(used.find((field, at) => field !== fieldAt(named, at)))
    }`,
    named,
    terms,
  );
}

function twice(
  kind: string,
  term: RangeTerm,
  named: readonly string[],
  terms: readonly RangeTerm[],
): EngineError {
  return rangeError(
    `Already defined ${kind} bound in index range. Can't add ${
      describe(term)
    }.`,
    named,
    terms,
  );
}

function list(fields: readonly string[]): string {
  return `[${fields.map((field) => JSON.stringify(field)).join(", ")}]`;
}

/** Puts equalities in the order of the index's fields; false when they are not on its first fields. */
function putInOrder(equal: RangeTerm[], named: readonly string[]): boolean {
  for (let place = 0; place < equal.length; place++) {
    const at = placeOf(equal, fieldAt(named, place));
    if (at < 0) return false;
    if (at > place) [equal[place], equal[at]] = [equal[at]!, equal[place]!];
  }
  return true;
}

/** The field of an index at a place. Every index ends with the id, though messages do not list it. */
function fieldAt(named: readonly string[], place: number): string | undefined {
  return place === named.length && named !== BY_ID ? "_id" : named[place];
}

/** Place of the term for a field; -1 when there is none. */
function placeOf(terms: readonly RangeTerm[], field?: string): number {
  let at = terms.length - 1;
  while (at >= 0 && terms[at]!.fieldPath !== field) at--;
  return at;
}

function rangeError(
  message: string,
  fields: readonly string[],
  terms: readonly RangeTerm[],
): EngineError {
  const cause = { fields, terms };
  return new EngineError("INVALID_INDEX_RANGE", message, { cause });
}

/**
 * First key with a term's value in its field, or first key after those; `base` is the key of the preceding fields.
 * Undefined: after the last key.
 */
function boundary(
  ids: IdSource,
  table: Table,
  base: string,
  term: RangeTerm,
  isAfter: boolean,
): string | undefined {
  const { value } = term;
  if (term.fieldPath !== "_creationTime" && term.fieldPath !== "_id") {
    const key = base + encodeKey([value]);
    return isAfter ? prefixEnd(key) : key;
  }
  const sample = term.fieldPath === "_id" ? "" : 0;
  const order = typeof value === typeof sample
    ? 0
    : encodeKey([value]) < encodeKey([sample])
    ? -1
    : 1;
  if (order < 0) return base;
  if (order > 0) return prefixEnd(base);
  if (typeof value === "string") {
    // Ids are ASCII, so nothing after the first other character can change the order.
    const ascii = value.replace(/[^\0-\x7f].*$/s, "\xff");
    return base + ascii + (isAfter ? "\0" : "");
  }
  const time = value as number;
  if (time < 0 || Object.is(time, -0)) return base;
  if (!(time < Infinity)) return prefixEnd(base);
  return base + ids.least(table, isAfter ? nextUp(time) : time);
}

function describe({ type, fieldPath, value }: RangeTerm): string {
  const sign = { Eq: "==", Gt: ">", Gte: ">=", Lt: "<", Lte: "<=" }[type];
  return `${JSON.stringify(fieldPath)} ${sign} ${
    formatValue(value, formatNumber)
  }`;
}
