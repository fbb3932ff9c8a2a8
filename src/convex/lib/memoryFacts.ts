/** Facts that belong to a memory: taken from it, or from a message that it was made from. */
import type { Doc, QueryCtx } from "./model.ts";
import type { Scope } from "./scope.ts";

/** Most facts of one memory or one message that are read. */
const MAX_FACTS = 200;

/** The current facts that name a memory as their source, oldest first: one range. */
export async function factsFromMemory(
  ctx: QueryCtx,
  scope: Scope,
  memory: Pick<Doc<"memories">, "memoryId" | "memorySpaceId">,
): Promise<Doc<"facts">[]> {
  const named = await namedBy(ctx, scope, memory.memoryId);
  return named.filter((fact) =>
    fact.memorySpaceId === memory.memorySpaceId && fact.isCurrent
  );
}

/** The facts that were archived with a memory. */
export async function factsArchivedWith(
  ctx: QueryCtx,
  scope: Scope,
  memory: Pick<Doc<"memories">, "memoryId" | "memorySpaceId">,
): Promise<Doc<"facts">[]> {
  return await ctx.db.query("facts")
    .withIndex(
      "by_tenant_archivedBy",
      (q) =>
        q.eq("tenantId", scope.tenantId)
          .eq("archivedByMemoryId", memory.memoryId)
          .eq("memorySpaceId", memory.memorySpaceId),
    )
    .take(MAX_FACTS);
}

function namedBy(
  ctx: QueryCtx,
  scope: Scope,
  memoryId: string,
): Promise<Doc<"facts">[]> {
  return ctx.db.query("facts")
    .withIndex(
      "by_tenant_memory",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("sourceRef.memoryId", memoryId),
    )
    .take(MAX_FACTS);
}

/**
 * The facts of a memory, oldest first, each once: those that name it as their source, and those that share a message
 * with it.
 *
 * @param options.owned Facts that fall with the memory: of those that share a message, only such as name no memory; and
 * those that were archived with it.
 * Reads one range, and two for each message of the memory (of at most 20).
 */
export async function factsOfMemory(
  ctx: QueryCtx,
  scope: Scope,
  memory: Doc<"memories">,
  options: { owned: boolean },
): Promise<Doc<"facts">[]> {
  const found = new Map<string, Doc<"facts">>();
  for (const fact of await namedBy(ctx, scope, memory.memoryId)) keep(fact);
  const ref = memory.conversationRef;
  for (const messageId of ref?.messageIds.slice(0, 20) ?? []) {
    const first = await ctx.db.query("facts")
      .withIndex(
        "by_tenant_conversation",
        (q) =>
          q.eq("tenantId", scope.tenantId)
            .eq("sourceRef.conversationId", ref?.conversationId)
            .eq("firstMessageId", messageId),
      )
      .take(MAX_FACTS);
    const last = await ctx.db.query("facts")
      .withIndex(
        "by_tenant_conversation_last",
        (q) =>
          q.eq("tenantId", scope.tenantId)
            .eq("sourceRef.conversationId", ref?.conversationId)
            .eq("lastMessageId", messageId),
      )
      .take(MAX_FACTS);
    for (const fact of [...first, ...last]) {
      if (!options.owned || fact.sourceRef?.memoryId === undefined) keep(fact);
    }
  }
  return [...found.values()].sort((a, b) => a._creationTime - b._creationTime);

  function keep(fact: Doc<"facts">): void {
    const isArchivedHere = options.owned && fact.deletedAt === undefined &&
      fact.archivedByMemoryId === memory.memoryId;
    const here = fact.memorySpaceId === memory.memorySpaceId;
    if (here && (fact.isCurrent || isArchivedHere)) found.set(fact._id, fact);
  }
}
