/**
 * Vector search: finds the rows whose embeddings are nearest to a question's.
 *
 * Convex offers vector search to actions only, for the lengths that have an index. It joins filters by OR, so each is
 * one string: the scope (tenant and memory space), or scope and user; everything else is checked once the rows are
 * read. Embeddings of other lengths are compared one by one, newest first and bounded.
 *
 * @module
 */

import type { FilterExpression } from "convex/server";
import { v } from "convex/values";
import { INDEXED_DIMENSIONS, WIDE_DIMENSIONS } from "../../schema.ts";
import {
  cosine,
  type FactEmbeddingId,
  factEmbeddingTable,
  findOwner,
  type MemoryEmbeddingId,
  memoryEmbeddingTable,
} from "../embeddings.ts";
import type { ActionCtx, Doc, QueryCtx } from "../model.ts";
import { type Scope, scopeKey, userKey } from "../scope.ts";
import { bytesRead, embeddingBytes, vectorBytes } from "../size.ts";
import { StepBudget } from "../paging/walk.ts";

/** Most hits of a vector search; Convex's own bound. */
export const MAX_VECTOR_HITS = 256;
/** Most embeddings that one scan compares. */
const MAX_SCANNED = 5000;
/** Most bytes of embeddings that a scan reads, half of what a Convex query may read. */
export const MAX_SCANNED_BYTES = 8 * 1024 * 1024;
/** Bytes of such a row beside its embedding, about. */
const ROW_BYTES = 256;

/** The kind of rows whose embeddings are searched. */
export type VectorKind = "memories" | "facts";

/** A found embedding, before its row is read. */
export interface VectorHit<Kind extends VectorKind> {
  /** Row of the embeddings' table. */
  readonly embeddingId: EmbeddingId<Kind>;
  /** Cosine similarity, -1 to 1. */
  readonly similarity: number;
}

/** The embedding to search for, and where. */
export interface VectorQuestion {
  readonly memorySpaceId: string;
  readonly embedding: number[];
  /** Only rows about this user, or of what this user said. */
  readonly userId?: string | undefined;
  /** Most hits, 1 to {@link MAX_VECTOR_HITS}. */
  readonly limit: number;
}

type EmbeddingId<Kind extends VectorKind> = Kind extends "memories"
  ? MemoryEmbeddingId
  : FactEmbeddingId;

/** Validator of {@link VectorHit}s of memories. */
export const memoryHits = v.array(v.object({
  embeddingId: v.union(v.id("memoryEmbeddings"), v.id("memoryEmbeddingsWide")),
  similarity: v.number(),
}));

/** Validator of {@link VectorHit}s of facts. */
export const factHits = v.array(v.object({
  embeddingId: v.union(v.id("factEmbeddings"), v.id("factEmbeddingsWide")),
  similarity: v.number(),
}));

interface FilterBuilder {
  eq(
    field: "scopeKey" | "userKey" | "sourceUserKey",
    value: string,
  ): FilterExpression<boolean>;
  or(...filters: FilterExpression<boolean>[]): FilterExpression<boolean>;
}

/** `ctx.vectorSearch` with a table and index chosen by the embedding's length, which its own type cannot express. */
type VectorSearch = (
  table: string,
  index: string,
  query: {
    vector: number[];
    limit: number;
    filter: (q: FilterBuilder) => FilterExpression<boolean>;
  },
) => Promise<{ _id: string; _score: number }[]>;

function tableOf(kind: VectorKind, dimensions: number) {
  return kind === "memories"
    ? memoryEmbeddingTable(dimensions)
    : factEmbeddingTable(dimensions);
}

/** True when embeddings of this length have a vector index. */
export function isIndexed(dimensions: number): boolean {
  return INDEXED_DIMENSIONS.includes(dimensions) ||
    WIDE_DIMENSIONS.includes(dimensions);
}

/**
 * Searches the vector index for the embedding's length; see {@link isIndexed}.
 *
 * @returns Hits of this scope, nearest first.
 */
export async function searchVectors<Kind extends VectorKind>(
  ctx: ActionCtx,
  kind: Kind,
  { tenantId }: Scope,
  { memorySpaceId, embedding, userId, limit }: VectorQuestion,
): Promise<VectorHit<Kind>[]> {
  const filter = (q: FilterBuilder) => {
    if (userId === undefined) {
      return q.eq("scopeKey", scopeKey(tenantId, memorySpaceId));
    }
    const user = userKey(tenantId, memorySpaceId, userId);
    return q.or(q.eq("userKey", user), q.eq("sourceUserKey", user));
  };
  // A method, not a function taken off its object: it may need `this`.
  const searcher = ctx as unknown as { vectorSearch: VectorSearch };
  const hits = await searcher.vectorSearch(
    tableOf(kind, embedding.length),
    `by_embedding_${embedding.length}`,
    { vector: embedding, limit, filter },
  );
  return hits.map(({ _id, _score }) => ({
    embeddingId: _id as EmbeddingId<Kind>,
    similarity: _score,
  }));
}

/**
 * Compares the embedding with the newest {@link MAX_SCANNED} of its length in the scope, one by one, while the budget
 * lasts.
 *
 * @returns Hits without negative similarity, nearest first, at most `limit`. A zero vector has similarity 0 to
 * everything.
 */
export async function scanVectors<Kind extends VectorKind>(
  ctx: QueryCtx,
  kind: Kind,
  { tenantId }: Scope,
  { memorySpaceId, embedding, userId, limit }: VectorQuestion,
  whole: StepBudget,
): Promise<VectorHit<Kind>[]> {
  const user = userId !== undefined &&
    userKey(tenantId, memorySpaceId, userId);
  const newest = ctx.db.query(tableOf(kind, embedding.length))
    .withIndex(
      "by_scope_dims",
      (q) =>
        q.eq("scopeKey", scopeKey(tenantId, memorySpaceId))
          .eq("dims", embedding.length),
    )
    .order("desc");
  const budget = new StepBudget(MAX_SCANNED, MAX_SCANNED_BYTES, whole);
  const hits: VectorHit<Kind>[] = [];
  if (budget.isSpent) return hits;
  for await (const row of newest) {
    budget.take(vectorBytes(row.dims) + ROW_BYTES);
    const isWanted = !user || row.userKey === user ||
      row.sourceUserKey === user;
    const similarity = isWanted ? cosine(embedding, row.embedding) : -1;
    if (similarity >= 0) {
      hits.push({ embeddingId: row._id as EmbeddingId<Kind>, similarity });
    }
    if (budget.isSpent) break;
  }
  return hits.sort((a, b) => b.similarity - a.similarity).slice(0, limit);
}

/**
 * Tells whether a space has only embeddings of other lengths: a question embedded by another model finds nothing by
 * meaning, and the caller should be told.
 *
 * @returns A length of stored embeddings, or 0 if there are none at all; undefined if some have `dimensions`. Reads at
 * most 3 rows.
 */
export async function otherDimensions(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  dimensions: number,
): Promise<number | undefined> {
  if (dimensions === 0) return undefined;
  const key = scopeKey(scope.tenantId, memorySpaceId);
  const same = await ctx.db.query(memoryEmbeddingTable(dimensions))
    .withIndex(
      "by_scope_dims",
      (q) => q.eq("scopeKey", key).eq("dims", dimensions),
    ).first();
  if (same !== null) return undefined;
  for (const table of ["memoryEmbeddings", "memoryEmbeddingsWide"] as const) {
    const row = await ctx.db.query(table)
      .withIndex("by_scope_dims", (q) => q.eq("scopeKey", key)).first();
    if (row !== null) return row.dims;
  }
  return 0;
}

/** Reads the memories that embeddings belong to, as {@link rowsOfHits} does. */
export function memoriesOfHits(
  ctx: QueryCtx,
  hits: readonly VectorHit<"memories">[],
  budget?: StepBudget,
): Promise<RowOfHit<Doc<"memories">>[]> {
  return rowsOfHits(
    hits,
    budget,
    ({ embeddingId }) => findOwner(ctx, "memories", embeddingId),
    bytesRead,
  );
}

/** Reads the facts that embeddings belong to, as {@link rowsOfHits} does. */
export function factsOfHits(
  ctx: QueryCtx,
  hits: readonly VectorHit<"facts">[],
  budget?: StepBudget,
): Promise<RowOfHit<Doc<"facts">>[]> {
  return rowsOfHits(
    hits,
    budget,
    ({ embeddingId }) => findOwner(ctx, "facts", embeddingId),
  );
}

/** A row that a vector search has found. */
interface RowOfHit<Row> {
  row: Row;
  similarity: number;
}

/** Reads the rows of hits while the budget lasts; skips rows that are gone meanwhile, or whose embedding is. */
async function rowsOfHits<
  Kind extends VectorKind,
  Row extends Pick<
    Doc<VectorKind>,
    "bytes" | "embeddingDims" | "embeddingDocId"
  >,
>(
  hits: readonly VectorHit<Kind>[],
  budget: StepBudget | undefined,
  read: (hit: VectorHit<Kind>) => Promise<Row | null>,
  bytesOf: (row: Row) => number = ({ bytes }) => bytes,
): Promise<RowOfHit<Row>[]> {
  const found: RowOfHit<Row>[] = [];
  for (const hit of hits) {
    if (budget?.isSpent) break;
    const row = await read(hit);
    if (!row) continue;
    // Rows stored by earlier versions have no link, so their embeddings were read, too.
    const isLinked = row.embeddingDocId === hit.embeddingId;
    budget?.take(bytesOf(row) + (isLinked ? 0 : embeddingBytes(row)));
    found.push({ row, similarity: hit.similarity });
  }
  return found;
}
