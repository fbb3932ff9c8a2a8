import type { Document } from "../rows/fields.ts";
import { passes } from "../plan/filter.ts";
import type { QueryPlan } from "../plan/query_plan.ts";

/** Applies the filters and limits of a query to its documents in turn. */
export class QueryOperators {
  readonly #operators: QueryPlan["operators"];
  /** Documents that each limit still lets pass; Infinity for filters. */
  readonly #left: number[];
  #isOver: boolean;

  /** Begins before the first document. */
  constructor(operators: QueryPlan["operators"]) {
    this.#operators = operators;
    this.#left = operators.map((operator) =>
      "limit" in operator ? operator.limit : Infinity
    );
    this.#isOver = this.#left.some((left) => left <= 0);
  }

  /** Whether a limit is reached. Then the next document must not be read, as reading it would count. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the next document is part of the result. */
  takes(document: Document): boolean {
    for (let at = 0; at < this.#operators.length; at++) {
      const operator = this.#operators[at]!;
      if ("limit" in operator) {
        if (--this.#left[at]! === 0) this.#isOver = true;
      } else if (!passes(operator.filter, document)) return false;
    }
    return true;
  }
}
