import type { Document } from "../rows/fields.ts";

/** One result of a vector search. */
export interface VectorResult {
  /** Id of the document. */
  _id: string;
  /** Cosine of the angle between the vectors, −1 to 1. */
  _score: number;
}

/** A vector search that looks at one document after another. */
export interface VectorScan {
  /** The documents of the table. */
  documents: Iterable<Document>;
  /** Where their vectors are. */
  path: readonly string[];
  /** The vector to compare with: at least one number, all finite. */
  vector: readonly number[];
  /** Conditions of which one must hold: the field has the value with this key. Undefined: no filter. */
  conditions: readonly { path: readonly string[]; key: string }[] | undefined;
}
