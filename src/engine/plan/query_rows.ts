import type { Document } from "../rows/fields.ts";

/** A document and its place in the query's order. */
export interface Row {
  /** Key in the index; for a search, its rank and id. */
  position: string;
  /** The document. */
  document: Document;
}

/** Part of a query's order: after one position, up to and including another. */
export interface RowBounds {
  /** Position after which to begin. */
  after?: string;
  /** Last position. */
  upTo?: string;
  /** How many rows are enough, if known. */
  expected?: number;
}
