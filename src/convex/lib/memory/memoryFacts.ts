/** Facts that belong to a memory: taken from it, or from a message that it was made from. */
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";

/** Most facts of one memory or one message that are read. */
export const MAX_FACTS = 200;
/** Most rows that are looked at for them: those that are no longer current stay, and may be many. */
const MAX_LOOKED = 2000;

/** A memory, and what it was made from. */
export type MadeMemory = Pick<
  Doc<"memories">,
  "memoryId" | "memorySpaceId" | "conversationRef"
>;

/** The current facts that name a memory as their source, oldest first: one range. */
export async function factsFromMemory(
  ctx: QueryCtx,
  scope: Scope,
  memory: Pick<Doc<"memories">, "memoryId" | "memorySpaceId">,
): Promise<Doc<"facts">[]> {
  return await namedBy(
    ctx,
    scope,
    memory.memoryId,
    (fact) => fact.memorySpaceId === memory.memorySpaceId,
  );
}

/** The facts that were archived with a memory: 200 of them at most. */
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

type IsWanted = (fact: Doc<"facts">) => boolean;

function namedBy(
  ctx: QueryCtx,
  scope: Scope,
  memoryId: string,
  isWanted: IsWanted,
): Promise<Doc<"facts">[]> {
  const named = ctx.db.query("facts").withIndex(
    "by_tenant_memory",
    (q) =>
      q.eq("tenantId", scope.tenantId).eq("sourceRef.memoryId", memoryId)
        .eq("isCurrent", true),
  );
  return newestOf(named.order("desc"), isWanted);
}

/** The newest facts that are wanted, oldest first. */
async function newestOf(
  newestFirst: AsyncIterable<Doc<"facts">>,
  isWanted: IsWanted,
): Promise<Doc<"facts">[]> {
  const found: Doc<"facts">[] = [];
  let looked = 0;
  for await (const fact of newestFirst) {
    if (isWanted(fact)) found.push(fact);
    if (found.length === MAX_FACTS || ++looked === MAX_LOOKED) break;
  }
  return found.reverse();
}

/**
 * The facts of a memory, oldest first, each once: those that name it as their source, and those that share a message
 * with it.
 *
 * @param options.owned Facts that fall with the memory: of those that share a message, only such as name no memory.
 * @param options.archived Those that were archived with it as well.
 * Reads one range or two, and two for each message of the memory (of at most 20).
 */
export async function factsOfMemory(
  ctx: QueryCtx,
  scope: Scope,
  memory: MadeMemory,
  options: { owned: boolean; archived?: boolean },
): Promise<Doc<"facts">[]> {
  const found = new Map<string, Doc<"facts">>();
  keep(await namedBy(ctx, scope, memory.memoryId, isHere));
  if (options.archived) keep(await factsArchivedWith(ctx, scope, memory));
  const ref = memory.conversationRef;
  for (const messageId of ref?.messageIds.slice(0, 20) ?? []) {
    const first = ctx.db.query("facts")
      .withIndex(
        "by_tenant_conversation",
        (q) =>
          q.eq("tenantId", scope.tenantId)
            .eq("sourceRef.conversationId", ref?.conversationId)
            .eq("firstMessageId", messageId),
      ).order("desc");
    const last = ctx.db.query("facts")
      .withIndex(
        "by_tenant_conversation_last",
        (q) =>
          q.eq("tenantId", scope.tenantId)
            .eq("sourceRef.conversationId", ref?.conversationId)
            .eq("lastMessageId", messageId),
      ).order("desc");
    for (const newestFirst of [first, last]) {
      keep(
        await newestOf(newestFirst, (fact) => isHere(fact) && isShared(fact)),
      );
    }
  }
  return [...found.values()].sort((a, b) => a._creationTime - b._creationTime);

  function keep(facts: readonly Doc<"facts">[]): void {
    for (const fact of facts) found.set(fact._id, fact);
  }

  function isHere(fact: Doc<"facts">): boolean {
    return fact.memorySpaceId === memory.memorySpaceId && fact.isCurrent;
  }

  function isShared(fact: Doc<"facts">): boolean {
    return !options.owned || fact.sourceRef?.memoryId === undefined;
  }
}
