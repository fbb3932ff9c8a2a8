/** Stores facts unless they are known. */
import {
  findDuplicate,
  type SimilarityOptions,
  type Strategy,
} from "./factMatch.ts";
import { insertFact, type NewFact } from "./factStore.ts";
import { storeVersion } from "./factVersions.ts";
import type { Doc, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";

/** The outcome of {@link storeUnlessDuplicate}. */
export interface Stored {
  fact: Doc<"facts">;
  wasUpdated: boolean;
  /** Similarity to the known fact; absent when there is none. */
  score?: number;
}

/** Stores a fact unless it is a duplicate; the known fact then gets the higher confidence and the tags of both. */
export async function storeUnlessDuplicate(
  ctx: MutationCtx,
  scope: Scope,
  fact: NewFact,
  strategy: Strategy,
  similarity?: SimilarityOptions,
): Promise<Stored> {
  const found = await findDuplicate(ctx, scope, fact, strategy, similarity);
  if (found === undefined) {
    return { fact: await insertFact(ctx, scope, fact), wasUpdated: false };
  }
  const { row, score } = found;
  if (fact.confidence <= row.confidence) {
    return { fact: row, wasUpdated: false, score };
  }
  const stored = await storeVersion(ctx, scope, row, {
    factId: fact.factId,
    changes: {
      confidence: fact.confidence,
      tags: united(row.tags, fact.tags),
    },
    cause: { reason: "Repeated with higher confidence" },
  });
  return { fact: stored, wasUpdated: true, score };
}

/** The tags of both, each once. */
export function united(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])];
}
