/** What tables have in common. */
import { v } from "convex/values";

/** Fields of every row that belongs to a tenant. */
export const scoped = {
  tenantId: v.optional(v.string()),
  organizationId: v.optional(v.string()),
};

/** Fields of every embedding row. */
export const embeddingFields = {
  /** Tenant or nothing, NUL, memory space: the filter of vector searches, one string since Convex joins filters by OR. */
  scopeKey: v.string(),
  /** The same, NUL, the user whom the row is about: the filter of searches for a user's. */
  userKey: v.optional(v.string()),
  /** Likewise the user who said it, if that is another one. */
  sourceUserKey: v.optional(v.string()),
  /** Length of `embedding`. */
  dims: v.number(),
  embedding: v.array(v.float64()),
};

/** Rows of these lengths have a vector index `by_embedding_<length>` in `memoryEmbeddings` and `factEmbeddings`. */
export const INDEXED_DIMENSIONS: readonly number[] = [384, 768, 1024, 1536];
/** Likewise in `memoryEmbeddingsWide` and `factEmbeddingsWide`; Convex allows four vector indexes a table. */
export const WIDE_DIMENSIONS: readonly number[] = [256, 512, 2048, 3072];

/** A vector index of a length, with the filters that searches use. */
export function vectorIndex(dimensions: number) {
  return {
    vectorField: "embedding" as const,
    dimensions,
    filterFields: [
      "scopeKey" as const,
      "userKey" as const,
      "sourceUserKey" as const,
    ],
  };
}
