import type { Value } from "../../values/types.ts";
import type { Expression } from "./filter.ts";
import type { RangeTerm } from "./index_range_builder.ts";

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
      /** Each `search` of the filter: there must be exactly one. */
      searches: readonly { fieldPath: string; query: string }[];
      equalities: readonly SearchEquality[];
    };
  /** Direction in the index; null when not chosen, which means ascending. */
  order: "asc" | "desc" | null;
  /** Applied in turn. */
  operators: readonly ({ filter: Expression } | { limit: number })[];
}
