/** Archives facts with their memory: same id, same version, hidden from every list and search. */
import { countFact, uncountFact } from "./factCounts.ts";
import { rekeyFactEmbedding } from "../embeddings.ts";
import { ARCHIVED, archivedTags } from "../archived.ts";
import type { Doc, MutationCtx } from "../model.ts";
import { type Scope, timeOfChange } from "../scope.ts";

/** Archives a current fact, and returns it as it is then. Its embedding stays, for when it is restored. */
export async function archiveFact(
  ctx: MutationCtx,
  scope: Scope,
  fact: Doc<"facts">,
  memoryId: string,
): Promise<Doc<"facts">> {
  if (!fact.isCurrent) return fact;
  const changes = {
    isCurrent: false,
    archivedByMemoryId: memoryId,
    tags: archivedTags(fact.tags),
    updatedAt: timeOfChange(scope, fact),
  };
  await ctx.db.patch(fact._id, changes);
  await uncountFact(ctx, fact);
  const archived = { ...fact, ...changes };
  await rekeyFactEmbedding(ctx, archived);
  return archived;
}

/** Restores a fact, unless it was deleted or superseded meanwhile. */
export async function restoreFact(
  ctx: MutationCtx,
  scope: Scope,
  fact: Doc<"facts">,
): Promise<void> {
  const stands = fact.deletedAt === undefined &&
    fact.supersededBy === undefined;
  await ctx.db.patch(fact._id, {
    isCurrent: stands,
    archivedByMemoryId: undefined,
    tags: fact.tags.filter((tag) => tag !== ARCHIVED),
    updatedAt: timeOfChange(scope, fact),
  });
  if (!stands) return;
  await countFact(ctx, fact);
  await rekeyFactEmbedding(ctx, { ...fact, isCurrent: true });
}
