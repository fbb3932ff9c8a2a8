import { copyValue } from "../../values/copy.ts";
import type { SearchEquality } from "./query_plan.ts";
import { requireArgument } from "./require_argument.ts";

/** The `q` that `withSearchIndex` hands to its callback. */
export class SearchFilterBuilder {
  readonly #searches: readonly { fieldPath: string; query: string }[];
  readonly #equalities: readonly SearchEquality[];
  #isUsed = false;

  /** Begins with the filters made so far. */
  constructor(
    searches: readonly { fieldPath: string; query: string }[] = [],
    equalities: readonly SearchEquality[] = [],
  ) {
    this.#searches = searches;
    this.#equalities = equalities;
  }

  /** Finds documents whose text field has words of the query. */
  search(fieldPath: string, query: string): SearchFilterBuilder {
    requireArgument(fieldPath, 1, "search", "fieldName");
    requireArgument(query, 2, "search", "query");
    this.#use();
    return new SearchFilterBuilder(
      [...this.#searches, { fieldPath, query }],
      this.#equalities,
    );
  }

  /** Keeps documents whose filter field has this value; `undefined` means that the field is missing. */
  eq(fieldPath: string, value: unknown): SearchFilterBuilder {
    requireArgument(fieldPath, 1, "eq", "fieldName");
    this.#use();
    return new SearchFilterBuilder(this.#searches, [...this.#equalities, {
      fieldPath,
      value: value === undefined
        ? undefined
        : copyValue(value, `search filter on "${fieldPath}"`),
    }]);
  }

  /** Returns the query and uses up the builder. */
  export(): {
    searches: readonly { fieldPath: string; query: string }[];
    equalities: readonly SearchEquality[];
  } {
    this.#use();
    return { searches: this.#searches, equalities: this.#equalities };
  }

  #use(): void {
    if (this.#isUsed) {
      throw new Error(
        "SearchFilterBuilder has already been used! Chain your method calls like `q => q.search(...).eq(...)`.",
      );
    }
    this.#isUsed = true;
  }
}
