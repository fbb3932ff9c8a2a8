import { copyValue } from "../../values/copy.ts";
import type { Value } from "../../values/types.ts";

/** One comparison of an index range. */
export interface RangeTerm {
  /** Comparison. */
  type: "Eq" | "Gt" | "Gte" | "Lt" | "Lte";
  /** Field compared. */
  fieldPath: string;
  /** The value that the field is compared with. */
  value: Value | undefined;
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
