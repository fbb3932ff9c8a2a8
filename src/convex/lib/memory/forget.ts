/**
 * Forgetting: a memory, its facts and, if asked, what it was made from.
 *
 * @module
 */
import { MEMORY_NOT_FOUND } from "../codes.ts";
import { v } from "convex/values";
import { deleteConversation } from "../conversations/conversationDelete.ts";
import {
  deleteMessages,
  findConversation,
} from "../conversations/conversationStore.ts";
import { fail, shown } from "../errors.ts";
import { softDeleteFact } from "../facts/factVersions.ts";
import { factsOfMemory, MAX_FACTS } from "./memoryFacts.ts";
import { deleteMemory, findMemory } from "./memoryStore.ts";
import type { Doc, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { Room } from "../walk.ts";

/** What to forget. */
export interface ForgetArgs {
  memorySpaceId: string;
  memoryId: string;
  deleteConversation?: boolean;
  deleteEntireConversation?: boolean;
}

/** Validator of the result. */
export const forgetResult = v.object({
  memoryDeleted: v.boolean(),
  conversationDeleted: v.boolean(),
  messagesDeleted: v.number(),
  factsDeleted: v.number(),
  factIds: v.array(v.string()),
  restorable: v.boolean(),
  done: v.boolean(),
});

/** What was forgotten. While `done` is false the same call has to be made again; counts are those of one call. */
export type ForgetResult = typeof forgetResult.type;

/**
 * Forgets a memory. A conversation of more than 200 messages and facts, or 4 MiB, takes several calls: the memory goes
 * with the last one, so that a call repeated finds its way.
 *
 * @throws {ConvexError} `MEMORY_NOT_FOUND`.
 */
export async function forget(
  ctx: MutationCtx,
  scope: Scope,
  args: ForgetArgs,
): Promise<ForgetResult> {
  const memory = await findMemory(
    ctx,
    scope,
    args.memorySpaceId,
    args.memoryId,
  );
  if (memory === null) fail(MEMORY_NOT_FOUND, shown(args.memoryId));
  const ref = memory.conversationRef;
  const deletes = args.deleteConversation === true && ref !== undefined;
  const found = deletes
    ? await findConversation(ctx, scope, ref.conversationId)
    : null;
  const conversation = found?.memorySpaceId === memory.memorySpaceId
    ? found
    : null;
  let messagesDeleted = 0;
  let conversationDeleted = false;
  const factIds: string[] = [];
  if (conversation !== null && args.deleteEntireConversation === true) {
    const batch = await deleteConversationBatch(ctx, scope, conversation);
    messagesDeleted = batch.messagesDeleted;
    factIds.push(...batch.factIds);
    if (!batch.done) return result(false);
    conversationDeleted = true;
  } else if (conversation !== null && ref !== undefined) {
    messagesDeleted = await deleteMessages(
      ctx,
      scope,
      conversation,
      ref.messageIds,
    );
  }
  const owned = await factsOfMemory(ctx, scope, memory, {
    owned: true,
    archived: true,
  });
  for (const fact of owned) {
    await softDeleteFact(ctx, scope, fact, "Its memory was forgotten");
    factIds.push(fact.factId);
  }
  if (owned.length >= MAX_FACTS) return result(false);
  const { done } = await deleteMemory(ctx, scope, memory);
  return result(done);

  function result(done: boolean): ForgetResult {
    return {
      memoryDeleted: done,
      conversationDeleted,
      messagesDeleted,
      factsDeleted: factIds.length,
      factIds,
      restorable: !deletes,
      done,
    };
  }
}

interface Batch {
  messagesDeleted: number;
  factIds: string[];
  done: boolean;
}

/** Deletes one batch of a conversation: its facts softly, then its messages, at last the conversation itself. */
async function deleteConversationBatch(
  ctx: MutationCtx,
  scope: Scope,
  conversation: Doc<"conversations">,
): Promise<Batch> {
  const { conversationId, memorySpaceId } = conversation;
  const factIds: string[] = [];
  const facts = await ctx.db.query("facts")
    .withIndex(
      "by_tenant_conversation_current",
      (q) =>
        q.eq("tenantId", scope.tenantId)
          .eq("sourceRef.conversationId", conversationId)
          .eq("memorySpaceId", memorySpaceId).eq("isCurrent", true),
    )
    .take(MAX_FACTS);
  for (const fact of facts) {
    await softDeleteFact(ctx, scope, fact, "Its conversation was forgotten");
    factIds.push(fact.factId);
  }
  const room = new Room();
  room.take(0, facts.length);
  if (room.isFull) return { messagesDeleted: 0, factIds, done: false };
  const deleted = await deleteConversation(ctx, scope, conversation, room);
  return { factIds, ...deleted };
}
