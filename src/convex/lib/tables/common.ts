/** What tables have in common. */
import { v } from "convex/values";

/** Fields of every row that belongs to a tenant. */
export const scoped = {
  tenantId: v.optional(v.string()),
  organizationId: v.optional(v.string()),
};

/** Fields of every embedding row. */
export const embeddingFields = {
  /** Tenant or nothing, NUL, memory space: the only filter of vector searches, since Convex joins filters by OR. */
  scopeKey: v.string(),
  /** Length of `embedding`. */
  dims: v.number(),
  embedding: v.array(v.float64()),
};

/** Rows of these lengths have a vector index `by_embedding_<length>` in `memoryEmbeddings` and `factEmbeddings`. */
export const INDEXED_DIMENSIONS: readonly number[] = [384, 768, 1024, 1536];
/** Likewise in `memoryEmbeddingsWide` and `factEmbeddingsWide`; Convex allows four vector indexes a table. */
export const WIDE_DIMENSIONS: readonly number[] = [256, 512, 2048, 3072];

/** A vector index of a length, with the one filter that searches use. */
export function vectorIndex(dimensions: number) {
  return {
    vectorField: "embedding" as const,
    dimensions,
    filterFields: ["scopeKey" as const],
  };
}
