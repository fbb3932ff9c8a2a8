/** Embeddings of facts that were stored without one. */
import { insertFactEmbedding } from "../embeddings.ts";
import { findFact } from "./factStore.ts";
import type { MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { checkEmbedding } from "../size.ts";

/** Embeddings for facts stored without one. */
export type LateEmbeddings =
  | readonly { factId: string; fact: string; embedding: number[] }[]
  | undefined;

/**
 * Stores embeddings of facts that had none, so that they are computed only once. Skips facts whose text has changed
 * meanwhile.
 */
export async function keepEmbeddings(
  ctx: MutationCtx,
  scope: Scope,
  memorySpaceId: string,
  late: LateEmbeddings = [],
): Promise<void> {
  for (const { factId, fact, embedding } of late) {
    const vector = checkEmbedding(embedding);
    const row = await findFact(ctx, scope, memorySpaceId, factId);
    if (
      vector === undefined || !row?.isCurrent || row.fact !== fact ||
      row.embeddingDims !== undefined
    ) continue;
    await insertFactEmbedding(ctx, row, vector);
  }
}
