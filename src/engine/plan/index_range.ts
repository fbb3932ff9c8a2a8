import { encodeKey, prefixEnd } from "../../values/key.ts";
import { type IdSource, nextUp } from "../ids.ts";
import type { Table } from "../schema/catalog.ts";
import { indexFields } from "./index_fields.ts";
import type { RangeTerm } from "./index_range_builder.ts";
import { noIndex } from "./no_index.ts";
import { type SortedTerms, sortTerms } from "./sorted_terms.ts";

/** Keys from `start` to before `end`; without `end`, to the last one. */
export interface KeyRange {
  /** First key. */
  start: string;
  /** First key after the range. */
  end: string | undefined;
}

/** The keys that a range selects; undefined when it selects none. Throws `INVALID_INDEX_RANGE`. */
export function keyRange(
  ids: IdSource,
  table: Table,
  indexName: string,
  terms: readonly RangeTerm[],
): KeyRange | undefined {
  const { name: tableName } = table;
  const fields = indexFields(table, indexName);
  if (!fields) throw noIndex(table, tableName, indexName);
  const sorted = sortTerms({ tableName, indexName, fields, terms });
  const { equal, lower, upper } = sorted;
  const index = table.indexes.get(indexName);
  // Of a key, `_creationTime` and `_id` are no parts of their own: the id at its end says both.
  const parts = Math.min(equal.length, index?.slots.length ?? 0);
  const range = rangeOfParts(index?.prefix ?? table.prefix, equal, parts);
  if (parts < equal.length || upper) {
    return narrowed(range, sorted, parts, ids, table);
  }
  if (!lower) return range;
  // Most bounds are alone, and need none of the comparisons of long strings by which a range is narrowed.
  const { start: base, end } = range;
  const start = boundary(ids, table, base, lower, lower.type === "Gt");
  return start === undefined || start === end ? undefined : { start, end };
}

/** The keys that begin with a prefix and with the values of the first equalities. */
function rangeOfParts(
  prefix: string,
  equal: readonly RangeTerm[],
  count: number,
): KeyRange {
  let before = "";
  let last = prefix;
  for (let at = 0; at < count; at++) {
    before += last;
    last = encodeKey([equal[at]!.value]);
  }
  // `prefixEnd` is defined here: no part consists only of the last character, which has no successor.
  return { start: before + last, end: before + prefixEnd(last)! };
}

/** The keys of a range that the bounds select, and the equalities after the first `parts`; undefined if there are none. */
function narrowed(
  range: KeyRange,
  { equal, lower, upper }: SortedTerms,
  parts: number,
  ids: IdSource,
  table: Table,
): KeyRange | undefined {
  const { start: base } = range;
  const start = (term: RangeTerm, isAfter: boolean) =>
    boundary(ids, table, base, term, isAfter);
  // An equality on `_creationTime` or `_id` is a range of ids.
  for (const term of equal.slice(parts)) {
    if (!narrow(range, start(term, false), start(term, true))) return undefined;
  }
  if (lower && !narrow(range, start(lower, lower.type === "Gt"), undefined)) {
    return undefined;
  }
  if (upper) narrow(range, base, start(upper, upper.type === "Lte"));
  return range.end !== undefined && range.start >= range.end
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
