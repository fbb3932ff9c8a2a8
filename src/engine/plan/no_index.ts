import { EngineError } from "../../errors.ts";
import type { Table } from "../schema/catalog.ts";

/** The error for a query of an index that the table does not have, or that is not filled yet. */
export function noIndex(
  table: Table | undefined,
  tableName: string,
  indexName: string,
  data?: { type: string },
): EngineError {
  const label = `Index ${String(tableName).slice(0, 80)}.${
    String(indexName).slice(0, 80)
  }`;
  return new EngineError(
    "INDEX_NOT_FOUND",
    table?.stagedIndexes.has(indexName)
      ? `${label} is currently backfilling and not available to query yet. The schema has it as a staged index.`
      : `${label} not found.`,
    data && { data },
  );
}
