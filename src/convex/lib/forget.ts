/**
 * Forgetting: a memory, its facts and, if asked, what it was made from.
 *
 * @module
 */
import { v } from "convex/values";
import { deleteMessages, findConversation } from "./conversationStore.ts";
import { fail, shown } from "./errors.ts";
import { softDeleteFact } from "./factStore.ts";
import { factsOfMemory } from "./memoryFacts.ts";
import { deleteMemory, findMemory } from "./memoryStore.ts";
import type { Doc, MutationCtx } from "./model.ts";
import type { Scope } from "./scope.ts";
import { utf8Length } from "./size.ts";

/** Rows that one call deletes at most, and bytes of messages. */
const MAX_BATCH_ROWS = 200;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

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
  if (memory === null) fail("MEMORY_NOT_FOUND", shown(args.memoryId));
  const ref = memory.conversationRef;
  const deletes = args.deleteConversation === true && ref !== undefined;
  const found = deletes
    ? await findConversation(ctx, scope, ref.conversationId)
    : null;
  const conversation = found?.memorySpaceId === memory.memorySpaceId
    ? found
    : null;
  let messagesDeleted = 0;
  const factIds: string[] = [];
  if (conversation !== null && args.deleteEntireConversation === true) {
    const batch = await deleteConversationBatch(ctx, scope, conversation);
    messagesDeleted = batch.messagesDeleted;
    factIds.push(...batch.factIds);
    if (!batch.done) return result({ memoryDeleted: false, done: false });
  } else if (conversation !== null && ref !== undefined) {
    messagesDeleted = await deleteMessages(
      ctx,
      scope,
      conversation,
      ref.messageIds,
    );
  }
  const owned = await factsOfMemory(ctx, scope, memory, { owned: true });
  for (const fact of owned) {
    await softDeleteFact(ctx, scope, fact, "Its memory was forgotten");
    factIds.push(fact.factId);
  }
  await deleteMemory(ctx, scope, memory);
  return result({ memoryDeleted: true, done: true });

  function result(
    state: { memoryDeleted: boolean; done: boolean },
  ): ForgetResult {
    return {
      ...state,
      conversationDeleted: state.done && conversation !== null &&
        args.deleteEntireConversation === true,
      messagesDeleted,
      factsDeleted: factIds.length,
      factIds,
      restorable: !deletes,
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
    .take(MAX_BATCH_ROWS);
  for (const fact of facts) {
    await softDeleteFact(ctx, scope, fact, "Its conversation was forgotten");
    factIds.push(fact.factId);
  }
  let room = MAX_BATCH_ROWS - facts.length;
  if (room <= 0) return { messagesDeleted: 0, factIds, done: false };
  let messagesDeleted = 0;
  let bytes = 0;
  const messages = ctx.db.query("messages")
    .withIndex(
      "by_conversation_seq",
      (q) => q.eq("conversationDocId", conversation._id),
    );
  for await (const message of messages) {
    if (room === 0 || (messagesDeleted > 0 && bytes > MAX_BATCH_BYTES)) {
      await ctx.db.patch(conversation._id, {
        messageCount: conversation.messageCount - messagesDeleted,
        messageBytes: conversation.messageBytes - bytes,
        updatedAt: scope.now,
      });
      return { messagesDeleted, factIds, done: false };
    }
    bytes += utf8Length(message.content);
    await ctx.db.delete(message._id);
    messagesDeleted++;
    room--;
  }
  await ctx.db.delete(conversation._id);
  return { messagesDeleted, factIds, done: true };
}
