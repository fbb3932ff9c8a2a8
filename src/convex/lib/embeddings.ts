/** Embeddings have tables of their own, so that reading a memory or a fact does not read its vector as well. */
import { WIDE_DIMENSIONS } from "./tables/common.ts";
import type { Doc, Id, MutationCtx, QueryCtx } from "./model.ts";
import { scopeKey, userKey } from "./scope.ts";

/** `_id` of a memory's embedding. */
export type MemoryEmbeddingId =
  | Id<"memoryEmbeddings">
  | Id<"memoryEmbeddingsWide">;

/** `_id` of a fact's embedding. */
export type FactEmbeddingId = Id<"factEmbeddings"> | Id<"factEmbeddingsWide">;

type Row<Table extends "memories" | "facts"> =
  & Pick<Doc<Table>, "_id" | "tenantId" | "memorySpaceId" | "userId">
  & Keyed;

/** The table for memory embeddings with `dims` dimensions. */
export function memoryEmbeddingTable(
  dims: number,
): "memoryEmbeddings" | "memoryEmbeddingsWide" {
  return WIDE_DIMENSIONS.includes(dims)
    ? "memoryEmbeddingsWide"
    : "memoryEmbeddings";
}

/** The table for fact embeddings with `dims` dimensions. */
export function factEmbeddingTable(
  dims: number,
): "factEmbeddings" | "factEmbeddingsWide" {
  return WIDE_DIMENSIONS.includes(dims)
    ? "factEmbeddingsWide"
    : "factEmbeddings";
}

/** Prefix of keys that no search must match. Searched keys never begin with it, because ids contain no NUL. */
const HIDDEN = "\u0000\u0000";

/** What the keys of an embedding are made from: the owner of its memory or fact, and whether searches may find it. */
interface Keyed {
  tenantId?: string | undefined;
  memorySpaceId: string;
  userId?: string | undefined;
  sourceUserId?: string | undefined;
  /** Memories only. */
  isActive?: boolean | undefined;
  /** Facts only. */
  isCurrent?: boolean | undefined;
}

/**
 * The keys by which vector searches filter embeddings. Archived rows get keys that no search uses: a vector search
 * returns a fixed number of hits, and archived rows would crowd out those that may be found.
 */
export function embeddingKeys(
  row: Keyed,
): Pick<Doc<"memoryEmbeddings">, "scopeKey" | "userKey" | "sourceUserKey"> {
  const { tenantId, memorySpaceId, userId, sourceUserId = userId } = row;
  const isFound = row.isActive ?? row.isCurrent ?? true;
  const prefix = isFound ? "" : HIDDEN;
  const keyOf = (id: string) => prefix + userKey(tenantId, memorySpaceId, id);
  return {
    scopeKey: prefix + scopeKey(tenantId, memorySpaceId),
    ...(userId !== undefined && { userKey: keyOf(userId) }),
    ...(sourceUserId !== userId && { sourceUserKey: keyOf(sourceUserId!) }),
  };
}

/** Stores the embedding of a new memory. */
export async function insertMemoryEmbedding(
  ctx: MutationCtx,
  memory: Row<"memories"> & Pick<Doc<"memories">, "memoryId" | "sourceUserId">,
  embedding: number[],
): Promise<void> {
  const row = {
    memoryDocId: memory._id,
    memoryId: memory.memoryId,
    ...embeddingKeys(memory),
    dims: embedding.length,
    embedding,
  };
  const id = await ctx.db.insert(memoryEmbeddingTable(embedding.length), row);
  await linkEmbedding(ctx, memory._id, id);
}

/** Notes the embedding's id in its memory or fact, so that a vector search finds the row without reading the vector. */
export async function linkEmbedding(
  ctx: MutationCtx,
  owner: Id<"memories"> | Id<"facts">,
  embeddingDocId: MemoryEmbeddingId | FactEmbeddingId,
): Promise<void> {
  await ctx.db.patch(owner, { embeddingDocId });
}

/** Reads the memory or the fact of an embedding; null if either is gone. */
export async function findOwner<Table extends "memories" | "facts">(
  ctx: QueryCtx,
  table: Table,
  embeddingDocId: MemoryEmbeddingId | FactEmbeddingId,
): Promise<Doc<Table> | null> {
  // Both tables use the same names for the index and the link.
  const linked: unknown = await ctx.db.query(table as "memories")
    .withIndex(
      "by_embedding",
      (q) => q.eq("embeddingDocId", embeddingDocId as MemoryEmbeddingId),
    )
    .first();
  if (linked !== null) return linked as Doc<Table>;
  // Rows stored by earlier versions have no link.
  const embedding = await ctx.db.get(embeddingDocId);
  if (embedding === null) return null;
  const owner = "memoryDocId" in embedding
    ? embedding.memoryDocId
    : embedding.factDocId;
  return await ctx.db.get(owner as Id<Table>);
}

/** Rewrites the search keys of a memory's embedding after it was archived or restored. */
export async function rekeyMemoryEmbedding(
  ctx: MutationCtx,
  memory: Doc<"memories">,
): Promise<void> {
  const row = await findMemoryEmbedding(ctx, memory);
  if (row !== null) await ctx.db.patch(row._id, embeddingKeys(memory));
}

/** Rewrites the search keys of a fact's embedding; see {@link rekeyMemoryEmbedding}. */
export async function rekeyFactEmbedding(
  ctx: MutationCtx,
  fact: Doc<"facts">,
): Promise<void> {
  const row = await findFactEmbedding(ctx, fact);
  if (row !== null) await ctx.db.patch(row._id, embeddingKeys(fact));
}

/** Reads the embedding row of a memory; null when it has none. */
export async function findMemoryEmbedding(
  ctx: QueryCtx,
  memory: { _id: Id<"memories">; embeddingDims?: number },
): Promise<
  Doc<"memoryEmbeddings"> | Doc<"memoryEmbeddingsWide"> | null
> {
  if (memory.embeddingDims === undefined) return null;
  return await ctx.db.query(memoryEmbeddingTable(memory.embeddingDims))
    .withIndex("by_memory", (q) => q.eq("memoryDocId", memory._id))
    .first();
}

/** Stores the embedding of a current fact. */
export async function insertFactEmbedding(
  ctx: MutationCtx,
  fact: Row<"facts"> & Pick<Doc<"facts">, "factId" | "factType">,
  embedding: number[],
): Promise<void> {
  const row = {
    factDocId: fact._id,
    factId: fact.factId,
    factType: fact.factType,
    ...embeddingKeys(fact),
    dims: embedding.length,
    embedding,
  };
  const { dims } = row;
  const embeddingDocId = await ctx.db.insert(factEmbeddingTable(dims), row);
  await ctx.db.patch(fact._id, { embeddingDocId, embeddingDims: dims });
}

/** Reads the embedding row of a fact; null when it has none. */
export async function findFactEmbedding(
  ctx: QueryCtx,
  fact: { _id: Id<"facts">; embeddingDims?: number },
): Promise<Doc<"factEmbeddings"> | Doc<"factEmbeddingsWide"> | null> {
  if (fact.embeddingDims === undefined) return null;
  return await ctx.db.query(factEmbeddingTable(fact.embeddingDims))
    .withIndex("by_fact", (q) => q.eq("factDocId", fact._id))
    .first();
}

/** Deletes the embedding of a fact that is no longer current. */
export async function deleteFactEmbedding(
  ctx: MutationCtx,
  fact: { _id: Id<"facts">; embeddingDims?: number },
): Promise<void> {
  const row = await findFactEmbedding(ctx, fact);
  if (row !== null) await ctx.db.delete(row._id);
}

/** Cosine similarity, at most 1, and 1 for the same vector; 0 for a zero vector or lengths that differ. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return 0;
  let product = 0;
  let squareA = 0;
  let squareB = 0;
  for (let at = 0; at < a.length; at++) {
    const x = a[at] as number;
    const y = b[at] as number;
    product += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  // The product of two equal roots is not always their square. One root of both would leave the range of numbers.
  const length = squareA === squareB
    ? squareA
    : Math.sqrt(squareA) * Math.sqrt(squareB);
  return length > 0 ? Math.min(product / length, 1) : 0;
}
