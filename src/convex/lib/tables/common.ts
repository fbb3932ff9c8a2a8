/** Fields and indexes that tables share. */
import { v } from "convex/values";

/** Fields of every row that belongs to a tenant. */
export const scoped = {
  tenantId: v.optional(v.string()),
  organizationId: v.optional(v.string()),
};

/** Fields of every embedding row. */
export const embeddingFields = {
  /**
   * Filter of vector searches: tenant or nothing, NUL, memory space; one string, because Convex joins filters by OR.
   */
  scopeKey: v.string(),
  /** Filter of searches by user: the same, NUL, the user whom the row is about. */
  userKey: v.optional(v.string()),
  /** The same with the user who said it, if that is another one. */
  sourceUserKey: v.optional(v.string()),
  /** Length of `embedding`. */
  dims: v.number(),
  embedding: v.array(v.float64()),
};

/**
 * Embeddings of these lengths have a vector index `by_embedding_<length>` in `memoryEmbeddings` and `factEmbeddings`.
 */
export const INDEXED_DIMENSIONS: readonly number[] = [384, 768, 1024, 1536];
/** The same in `memoryEmbeddingsWide` and `factEmbeddingsWide`, because Convex allows four vector indexes per table. */
export const WIDE_DIMENSIONS: readonly number[] = [256, 512, 2048, 3072];

/** Makes the vector index for a length, with the filters that searches use. */
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
