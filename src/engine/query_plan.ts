import type { JsonValue, Value } from "../values/types.ts";
import { valueToJson } from "../values/json.ts";
import type { Expression } from "./filter.ts";
import type { RangeTerm } from "./index_range.ts";

/** An equality filter of a text search. */
export interface SearchEquality {
  /** Filter field. */
  fieldPath: string;
  /** The value it must have; undefined: missing. */
  value: Value | undefined;
}

/** What a query reads. */
export interface QueryPlan {
  /** The table. */
  tableName: string;
  /** Where its rows come from. */
  source:
    | { type: "index"; indexName: string; terms: readonly RangeTerm[] }
    | {
      type: "search";
      indexName: string;
      /** Each `search` of the filter: one is right. */
      searches: readonly { fieldPath: string; query: string }[];
      equalities: readonly SearchEquality[];
    };
  /** Order by the index; null when not chosen: ascending. */
  order: "asc" | "desc" | null;
  /** Applied in turn. */
  operators: readonly ({ filter: Expression } | { limit: number })[];
}

/** A plan as JSON, for the fingerprint in its cursors. */
export function planJson(plan: QueryPlan): JsonValue {
  const { source } = plan;
  return [
    plan.tableName,
    source.indexName,
    plan.order ?? "asc",
    source.type === "index"
      ? source.terms.map((term) => [
        term.type,
        term.fieldPath,
        jsonOf(term.value),
      ])
      : [
        source.searches.map((search) => [search.fieldPath, search.query]),
        source.equalities.map((term) => [term.fieldPath, jsonOf(term.value)]),
      ],
    plan.operators.map((operator) =>
      "filter" in operator ? operator.filter.json : operator.limit
    ),
  ];
}

function jsonOf(value: Value | undefined): JsonValue {
  return value === undefined ? { $undefined: null } : valueToJson(value);
}
