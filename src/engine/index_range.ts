import { EngineError } from "../errors.ts";
import { copyValue } from "../values/copy.ts";
import { stringifyValue } from "../values/json.ts";
import { encodeKey, prefixEnd } from "../values/key.ts";
import type { Value } from "../values/types.ts";
import type { Table } from "./catalog.ts";
import { type IdSource, nextUp } from "./ids.ts";

/** One comparison of an index range. */
export interface RangeTerm {
  /** Comparison. */
  type: "Eq" | "Gt" | "Gte" | "Lt" | "Lte";
  /** Field compared. */
  fieldPath: string;
  /** What it is compared with. */
  value: Value | undefined;
}

/** Keys from `start` to before `end`; no `end`: to the last. */
export interface KeyRange {
  /** First key. */
  start: string;
  /** First key after the range. */
  end: string | undefined;
}

/** The `q` that `withIndex` hands to its callback. */
export class IndexRangeBuilder {
  readonly #terms: readonly RangeTerm[];
  #isUsed = false;

  /** Begins with the comparisons made so far. */
  constructor(terms: readonly RangeTerm[] = []) {
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
  /** The comparisons; the builder is used up. */
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
    return new IndexRangeBuilder([...this.#terms, {
      type,
      fieldPath,
      value: isSimple(value)
        ? value
        : copyValue(value, `index range on "${fieldPath}"`),
    }]);
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

/** Whether a value is one of those that most ranges are made of, which nobody can change and that are always good. */
function isSimple(
  value: unknown,
): value is string | number | boolean | null | undefined {
  return typeof value === "string"
    ? value.isWellFormed()
    : typeof value === "number" || typeof value === "boolean" ||
      value === null || value === undefined;
}

/** Fields of an index that a query may name, in order; undefined when the table has no such index. */
export function indexFields(
  table: Table,
  indexName: string,
): string[] | undefined {
  if (indexName === "by_id") return ["_id"];
  const index = table.indexes.get(indexName);
  if (index) return [...index.fields, "_creationTime"];
  return indexName === "by_creation_time" ? ["_creationTime"] : undefined;
}

/** The keys that a range selects; undefined when it selects none. Throws `INVALID_INDEX_RANGE`. */
export function keyRange(
  ids: IdSource,
  table: Table,
  indexName: string,
  terms: readonly RangeTerm[],
): KeyRange | undefined {
  const label = `${table.name}.${indexName}`;
  const fields = indexFields(table, indexName);
  if (!fields) {
    throw new EngineError("INDEX_NOT_FOUND", `Index ${label} not found.`);
  }
  // Ids are the last field of every index, though no message names them.
  const { equal, bounds, lower, upper } = sortTerms(
    label,
    fields,
    indexName === "by_id" ? fields : [...fields, "_id"],
    terms,
  );
  const prefix = table.indexes.get(indexName)?.prefix ?? table.prefix;
  const userFields = table.indexes.get(indexName)?.fields.length ?? 0;
  const values = equal.slice(0, userFields).map((term) => term.value);
  const base = values.length > 0 ? prefix + encodeKey(values) : prefix;
  const start = (term: RangeTerm, isAfter: boolean) =>
    boundary(ids, table, prefix, base, values, term, isAfter);
  let from = base;
  let to = prefixEnd(base);
  if (!bounds && equal.length <= userFields) return { start: from, end: to };
  let isEmpty = false;
  const narrow = (low: string | undefined, high: string | undefined) => {
    if (low === undefined) isEmpty = true;
    else if (low > from) from = low;
    if (high !== undefined && (to === undefined || high < to)) to = high;
  };
  // An equality on `_creationTime` or `_id` is a range of ids.
  for (const term of equal.slice(userFields)) {
    narrow(start(term, false), start(term, true));
  }
  if (bounds) {
    narrow(
      lower ? start(lower, lower.type === "Gt") : base,
      upper ? start(upper, upper.type === "Lte") : prefixEnd(base),
    );
  }
  if (isEmpty || (to !== undefined && from >= to)) return undefined;
  return { start: from, end: to };
}

function sortTerms(
  label: string,
  named: readonly string[],
  fields: readonly string[],
  terms: readonly RangeTerm[],
) {
  const rangeError = (message: string) =>
    new EngineError("INVALID_INDEX_RANGE", message, {
      cause: { fields: named, terms },
    });
  const equalities = new Map<string, RangeTerm>();
  let lower: RangeTerm | undefined;
  let upper: RangeTerm | undefined;
  for (const term of terms) {
    if (!fields.includes(term.fieldPath)) {
      throw rangeError(
        `The index range included a comparison with ${
          JSON.stringify(term.fieldPath)
        }, but ${label} does not index this field. The index fields are ${
          JSON.stringify(named)
        }.`,
      );
    }
    if (term.type === "Eq") {
      if (equalities.has(term.fieldPath)) {
        throw rangeError(
          `Already defined equality bound in index range. Can't add ${
            describe(term)
          }.`,
        );
      }
      equalities.set(term.fieldPath, term);
    } else if (term.type === "Gt" || term.type === "Gte") {
      if (lower) {
        throw rangeError(
          `Already defined lower bound in index range. Can't add ${
            describe(term)
          }.`,
        );
      }
      lower = term;
    } else {
      if (upper) {
        throw rangeError(
          `Already defined upper bound in index range. Can't add ${
            describe(term)
          }.`,
        );
      }
      upper = term;
    }
  }
  if (lower && upper && lower.fieldPath !== upper.fieldPath) {
    throw rangeError(
      "Upper and lower bounds in `range` can only be applied to a single index field. " +
        `This query against index ${label} tried to set a range bound on both ${lower.fieldPath} and ${upper.fieldPath}. Consider using \`filter\` instead.`,
    );
  }
  const bounds = lower ?? upper;
  const equal: RangeTerm[] = [];
  while (equalities.has(fields[equal.length] ?? "")) {
    equal.push(equalities.get(fields[equal.length]!)!);
  }
  if (
    equal.length < equalities.size ||
    (bounds && bounds.fieldPath !== fields[equal.length])
  ) {
    throw rangeError(
      `Tried to query index ${label} but the query didn't use the index fields in order. Index fields must be used in order, for this index they are ${
        JSON.stringify(named)
      }, got ${terms.map(describe).join(", ")}.`,
    );
  }
  return { equal, bounds, lower, upper };
}

/** First key whose field is at a term's value, or after all keys with it. Undefined: after the last key. */
function boundary(
  ids: IdSource,
  table: Table,
  prefix: string,
  base: string,
  values: readonly (Value | undefined)[],
  term: RangeTerm,
  isAfter: boolean,
): string | undefined {
  const { value } = term;
  if (term.fieldPath !== "_creationTime" && term.fieldPath !== "_id") {
    const key = prefix + encodeKey([...values, value]);
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
    // Ids are ASCII, so whatever follows the first other character does not change the order.
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
  const shown = value === undefined ? "undefined" : stringifyValue(value);
  return `${JSON.stringify(fieldPath)} ${sign} ${shown.slice(0, 80)}`;
}
