import { EngineError } from "../../errors.ts";

/** The error for a search that its index cannot answer, or whose arguments are wrong. */
export function searchError(message: string): EngineError {
  return new EngineError("INVALID_SEARCH", message);
}

/** The error for a search that reads too many documents. */
export function scannedTooMany(count: number): EngineError {
  return new EngineError(
    "LIMIT_EXCEEDED",
    `Search query scanned too many documents (fetched ${count}). Consider using a smaller limit, paginating the query, or using a filter field to limit the number of documents pulled from the search index.`,
  );
}
