/**
 * Forgets a memory, its facts and, if asked, the messages that it was made from.
 *
 * @module
 */
import { MEMORY_NOT_FOUND } from "../codes.ts";
import { v } from "convex/values";
import { deleteConversation } from "../conversations/conversationDelete.ts";
import {
  canBeOf,
  deleteMessages,
  findConversation,
  findMessage,
} from "../conversations/conversationStore.ts";
import { fail, shown } from "../errors.ts";
import { stepFields } from "../fields.ts";
import { isGone } from "../paging/cursor.ts";
import { deleteFacts, dropFact } from "./factsJob.ts";
import { deleteMemory, findMemory } from "./memoryStore.ts";
import type { Doc, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { StepBudget, taken } from "../paging/walk.ts";

/** Most messages of a memory that one call deletes. */
const MAX_MESSAGES = 200;

/** Arguments: what to forget. */
export interface ForgetArgs {
  memorySpaceId: string;
  memoryId: string;
  deleteConversation?: boolean;
  deleteEntireConversation?: boolean;
  cursor?: string;
}

/** Validator of the result. */
export const forgetResult = v.object({
  memoryDeleted: v.boolean(),
  conversationDeleted: v.boolean(),
  messagesDeleted: v.number(),
  factsDeleted: v.number(),
  factIds: v.array(v.string()),
  restorable: v.boolean(),
  ...stepFields,
});

/** What was forgotten. While `done` is false, repeat the call with the cursor; counts are those of one call. */
export type ForgetResult = typeof forgetResult.type;

/**
 * Forgets a memory. More than 200 messages and facts, or 4 MiB, take several calls. The memory is deleted by the last
 * one, so that a repeated call finds what is left.
 *
 * @throws {ConvexError} `MEMORY_NOT_FOUND`, `INVALID_CURSOR`.
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
  if (isGone(ctx, "memories", memory, args.cursor)) {
    return {
      ...NOTHING,
      memoryDeleted: true,
      factsDeleted: 0,
      restorable: args.deleteConversation !== true,
    };
  }
  if (memory === null) fail(MEMORY_NOT_FOUND, shown(args.memoryId));
  const budget = new StepBudget();
  // Before the messages, by which some of them are found.
  const owned = await deleteFacts(
    ctx,
    scope,
    memory,
    budget,
    "Its memory was forgotten",
  );
  const source = owned.done
    ? await forgetSource(ctx, scope, memory, args, budget)
    : { ...NOTHING, done: false };
  const factIds = [...owned.factIds, ...source.factIds];
  // What was read in vain leaves room enough.
  const isFirst = factIds.length === 0 && source.messagesDeleted === 0;
  const room = isFirst ? new StepBudget() : budget;
  const done = source.done && !budget.isSpent &&
    (await deleteMemory(ctx, scope, memory, room)).done;
  return {
    memoryDeleted: done,
    conversationDeleted: source.conversationDeleted,
    messagesDeleted: source.messagesDeleted,
    factsDeleted: factIds.length,
    factIds,
    restorable: args.deleteConversation !== true ||
      memory.conversationRef === undefined,
    done,
    ...(!done && { cursor: memory._id }),
  };
}

interface Batch {
  messagesDeleted: number;
  factIds: string[];
  done: boolean;
}

const NOTHING = {
  messagesDeleted: 0,
  factIds: [],
  done: true,
  conversationDeleted: false,
};

/**
 * Deletes what the memory was made from, if asked: its messages, or a batch of its conversation. A conversation that began
 * after the memory was stored, and has none of its messages, is another that has taken the id since, and stays.
 */
async function forgetSource(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  args: ForgetArgs,
  budget: StepBudget,
): Promise<Batch & { conversationDeleted: boolean }> {
  const { _id, conversationRef: ref, memorySpaceId } = memory;
  const found = args.deleteConversation === true && ref !== undefined
    ? await findConversation(ctx, scope, ref.conversationId)
    : null;
  if (found === null || found.memorySpaceId !== memorySpaceId) return NOTHING;
  const conversationRef = ref!;
  const { messageIds } = conversationRef;
  if (
    args.deleteEntireConversation === true &&
    (canBeOf(memory, found) || await hasOneOf(ctx, found, messageIds))
  ) {
    const batch = await deleteConversationBatch(ctx, scope, found, budget);
    if (!batch.done && !canBeOf(memory, found)) {
      // The next step may not find the messages by which this one knew it.
      await ctx.db.patch(found._id, { createdAt: memory.createdAt });
    }
    return { ...batch, conversationDeleted: batch.done };
  }
  const messagesDeleted = await deleteMessages(
    ctx,
    scope,
    found,
    messageIds.slice(0, MAX_MESSAGES),
    budget,
  );
  const done = !budget.isSpent && messageIds.length <= MAX_MESSAGES;
  if (!done && !budget.isSpent) {
    // The next call goes on from here.
    const left = messageIds.slice(MAX_MESSAGES);
    await ctx.db.patch(_id, {
      conversationRef: { ...conversationRef, messageIds: left },
    });
  }
  return { ...NOTHING, messagesDeleted, done };
}

async function hasOneOf(
  ctx: MutationCtx,
  conversation: Doc<"conversations">,
  messageIds: readonly string[],
): Promise<boolean> {
  for (const id of messageIds.slice(0, MAX_MESSAGES)) {
    if (await findMessage(ctx, conversation._id, id)) return true;
  }
  return false;
}

/**
 * Deletes one batch of a conversation: soft-deletes its facts, also those archived with a memory, then deletes its
 * messages, and finally the conversation itself.
 */
async function deleteConversationBatch(
  ctx: MutationCtx,
  scope: Scope,
  conversation: Doc<"conversations">,
  budget: StepBudget,
): Promise<Batch> {
  const { conversationId, memorySpaceId } = conversation;
  const factIds: string[] = [];
  const facts = [
    ctx.db.query("facts").withIndex(
      "by_tenant_conversation",
      (q) =>
        q.eq("tenantId", scope.tenantId)
          .eq("sourceRef.conversationId", conversationId)
          .eq("isCurrent", true).eq("memorySpaceId", memorySpaceId),
    ),
    // Otherwise restoring a memory would bring back what was forgotten.
    ctx.db.query("facts").withIndex(
      "by_tenant_conversation_archived",
      (q) =>
        q.eq("tenantId", scope.tenantId)
          .eq("sourceRef.conversationId", conversationId)
          .eq("memorySpaceId", memorySpaceId).gte("archivedByMemoryId", ""),
    ),
  ];
  const reason = "Its conversation was forgotten";
  for (const found of facts) {
    for (const fact of await taken(found, budget, ({ bytes }) => bytes)) {
      if (await dropFact(ctx, scope, fact, reason)) factIds.push(fact.factId);
    }
  }
  if (budget.isSpent) return { messagesDeleted: 0, factIds, done: false };
  const deleted = await deleteConversation(ctx, scope, conversation, budget);
  return { factIds, ...deleted };
}
