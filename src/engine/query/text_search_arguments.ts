import { EngineError } from "../../errors.ts";
import { encodeKey } from "../../values/key.ts";
import { noIndex } from "../plan/no_index.ts";
import type { QueryPlan } from "../plan/query_plan.ts";
import type { SearchIndex, Table } from "../schema/catalog.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { searchError } from "./search_errors.ts";

/** A search in an index, checked. */
export interface TextSearch {
  /** The table that is searched. */
  table: Table;
  /** Its index. */
  index: SearchIndex;
  /** The words to look for. */
  query: string;
  /** Values that filter fields must have, encoded. */
  filters: readonly { field: number; value: string }[];
}

/** Checks a search, and counts it as a read of its index. Undefined for a plan that is not a search. */
export function openSearch(
  transaction: Transaction,
  table: Table | undefined,
  { source, tableName }: QueryPlan,
): TextSearch | undefined {
  if (source.type !== "search") return undefined;
  const index = table?.searchIndexes.get(source.indexName);
  if (!table || !index) throw noIndex(table, tableName, source.indexName);
  transaction.meter.countRange();
  // The rank of a document depends on every other document of the index.
  transaction.rows.noteWhole(index.prefix);
  const { searchFilters: maxFilters } = transaction.database.catalog.limits;
  return {
    table,
    index,
    query: searchText(index, source.searches),
    filters: searchFilters(index, source.equalities, maxFilters),
  };
}

function searchText(
  index: SearchIndex,
  searches: readonly { fieldPath: string; query: string }[],
): string {
  const against = `Search query against ${index.label}`;
  if (searches.length === 0) {
    throw searchError(
      `${against} does not contain any search filters. You must include a search filter like \`q.search("${index.field}", searchText)\`.`,
    );
  }
  const { fieldPath, query } = searches[0]!;
  if (searches.length > 1) {
    throw searchError(
      `${against} contains multiple search filters against ${
        quoted(fieldPath)
      }. Only one is allowed.`,
    );
  }
  if (fieldPath !== index.field) {
    throw searchError(
      `${against} contains a search filter against ${
        quoted(fieldPath)
      }, which doesn't match the indexed \`searchField\` "${index.field}".`,
    );
  }
  if (typeof query !== "string") {
    throw searchError(`the search text must be a string, got ${typeof query}`);
  }
  return query;
}

function searchFilters(
  index: SearchIndex,
  equalities: Extract<QueryPlan["source"], { type: "search" }>["equalities"],
  maxFilters: number,
): { field: number; value: string }[] {
  if (equalities.length > maxFilters) {
    throw new EngineError(
      "LIMIT_EXCEEDED",
      `Search query against ${index.label} has too many filter conditions. Max: ${maxFilters} Actual: ${equalities.length}`,
    );
  }
  return equalities.map(({ fieldPath, value }) => {
    const field = index.filterFields.indexOf(fieldPath);
    if (field < 0) {
      throw searchError(
        `Search query against ${index.label} contains an equality filter on ${
          quoted(fieldPath)
        } but that field isn't indexed for filtering in \`filterFields\`.`,
      );
    }
    return { field, value: encodeKey([value]) };
  });
}

function quoted(fieldPath: string): string {
  return JSON.stringify(String(fieldPath).slice(0, 80));
}
