/**
 * Deletes conversations: 200 rows or 4 MiB per call, messages first, so that a repeated call finds what is left.
 *
 * @module
 */
import { CONVERSATION_NOT_FOUND, MISSING_REQUIRED_FIELD } from "../codes.ts";
import { v } from "convex/values";
import { accessArgs, requirePurgeable } from "../access.ts";
import {
  type ConversationFilter,
  conversationRange,
  countConversations,
  tallyConversation,
  tallyMessages,
} from "./conversationRanges.ts";
import {
  bytesOfConversation,
  bytesOfMessage,
  findConversation,
} from "./conversationStore.ts";
import { Tallies } from "../counters.ts";
import { fail, shown } from "../errors.ts";
import { conversationType, stepFields } from "../fields.ts";
import { defineMutation } from "../functions.ts";
import { forgetRow } from "../idempotency/keptResults.ts";
import type { Doc, MutationCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { utf8Length } from "../size.ts";
import { isGone } from "../paging/cursor.ts";
import { type IndexRange, inStep, StepBudget } from "../paging/walk.ts";

const DEFAULT_THRESHOLD = 10;
/** Cursor of a step after the first that starts from the beginning again. */
const BEGINNING = "";

/**
 * Deletes messages of a conversation while the budget lasts, and the conversation with the last of them.
 *
 * @param tallies Collects changes of counters for many conversations; without it, counters are written at once.
 */
export async function deleteConversation(
  ctx: MutationCtx,
  scope: Scope,
  conversation: Doc<"conversations">,
  budget: StepBudget,
  tallies?: Tallies,
): Promise<{ messagesDeleted: number; done: boolean }> {
  let messagesDeleted = 0;
  let contents = 0;
  let stored = 0;
  let done = true;
  const messages = ctx.db.query("messages")
    .withIndex(
      "by_conversation_seq",
      (q) => q.eq("conversationDocId", conversation._id),
    );
  for await (const message of messages) {
    if (budget.isSpent) {
      done = false;
      break;
    }
    const bytes = bytesOfMessage(message);
    budget.take(bytes);
    await ctx.db.delete(message._id);
    messagesDeleted++;
    contents += utf8Length(message.content);
    stored += bytes;
  }
  const counted = tallies ?? new Tallies();
  const tally = counted.of(conversation.conversationId);
  tallyMessages(tally, conversation, -messagesDeleted, -stored);
  if (done) {
    await ctx.db.delete(conversation._id);
    const { conversationId } = conversation;
    await forgetRow(ctx, scope, "conversations", conversationId);
    await forgetRow(ctx, scope, "exchanges", conversationId);
    budget.take(bytesOfConversation(conversation));
    tallyConversation(tally, conversation, -1);
    tallyMessages(tally, conversation, 0, -bytesOfConversation(conversation));
  } else {
    await ctx.db.patch(conversation._id, {
      messageCount: conversation.messageCount - messagesDeleted,
      messageBytes: conversation.messageBytes - contents,
      updatedAt: scope.now,
    });
  }
  if (tallies === undefined) await counted.write(ctx);
  return { messagesDeleted, done };
}

/**
 * `conversations:deleteConversation`: to be called with the cursor of the call before until `done`; counts are those of
 * one call.
 *
 * @throws {ConvexError} `CONVERSATION_NOT_FOUND`, `INVALID_CURSOR`.
 */
export const deleteConversationMutation = defineMutation({
  args: {
    ...accessArgs,
    conversationId: v.string(),
    cursor: v.optional(v.string()),
  },
  returns: v.object({
    deleted: v.boolean(),
    conversationId: v.string(),
    messagesDeleted: v.number(),
    deletedAt: v.number(),
    restorable: v.boolean(),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    const { conversationId } = args;
    const result = (messagesDeleted: number, done: boolean) => ({
      deleted: done,
      conversationId,
      messagesDeleted,
      deletedAt: scope.now,
      restorable: false,
      done,
    });
    const found = await findConversation(ctx, scope, conversationId);
    if (isGone(ctx, "conversations", found, args.cursor)) {
      return result(0, true);
    }
    if (found === null) fail(CONVERSATION_NOT_FOUND, shown(conversationId));
    const { messagesDeleted, done } = await deleteConversation(
      ctx,
      scope,
      found,
      new StepBudget(),
    );
    return {
      ...result(messagesDeleted, done),
      ...(!done && { cursor: found._id }),
    };
  },
});

const deletedFields = {
  deleted: v.number(),
  conversationIds: v.array(v.string()),
  totalMessagesDeleted: v.number(),
  ...stepFields,
};

/** Deletes the conversations of ranges while the budget lasts. */
async function deleteInStep(
  ctx: MutationCtx,
  scope: Scope,
  ranges: readonly IndexRange<"conversations">[],
  cursor?: string,
) {
  const budget = new StepBudget();
  const tallies = new Tallies();
  const conversationIds: string[] = [];
  let totalMessagesDeleted = 0;
  const end = await inStep(
    ctx,
    ranges,
    cursor === BEGINNING ? undefined : cursor,
    budget,
    async (row) => {
      const { messagesDeleted, done } = await deleteConversation(
        ctx,
        scope,
        row,
        budget,
        tallies,
      );
      totalMessagesDeleted += messagesDeleted;
      if (done) conversationIds.push(row.conversationId);
      return done;
    },
  );
  await tallies.write(ctx);
  return {
    deleted: conversationIds.length,
    conversationIds,
    totalMessagesDeleted,
    ...end,
    // A step that does not finish its first conversation has no cursor yet; the next one must still not count as a
    // first step.
    ...(!end.done && { cursor: end.cursor ?? BEGINNING }),
  };
}

const deleteManyArgs = {
  ...accessArgs,
  userId: v.optional(v.string()),
  memorySpaceId: v.optional(v.string()),
  type: v.optional(conversationType),
  dryRun: v.optional(v.boolean()),
  /** False: more matches than the threshold are deleted, too. */
  requireConfirmation: v.optional(v.boolean()),
  confirmationThreshold: v.optional(v.number()),
  cursor: v.optional(v.string()),
};

/**
 * `conversations:deleteMany`: to be called with the cursor of the call before until `done`; counts are those of one
 * call. The threshold is compared with the number of all matches before anything is deleted.
 *
 * @throws {ConvexError} `DELETE_MANY_THRESHOLD_EXCEEDED`, `MISSING_REQUIRED_FIELD` (no condition), `INVALID_CURSOR`.
 */
export const deleteManyMutation = defineMutation({
  args: deleteManyArgs,
  returns: v.object({
    ...deletedFields,
    wouldDelete: v.optional(v.number()),
    wouldDeleteMessages: v.optional(v.number()),
    dryRun: v.boolean(),
  }),
  handler: async (ctx, args, scope) => {
    const { userId, memorySpaceId, type, cursor } = args;
    const filter = { userId, memorySpaceId, type };
    if (Object.values(filter).every((value) => value === undefined)) {
      fail(
        MISSING_REQUIRED_FIELD,
        "deleteMany needs userId, memorySpaceId or type",
      );
    }
    if (args.dryRun === true) return await dryRun(ctx, scope, filter, cursor);
    const threshold = args.confirmationThreshold ?? DEFAULT_THRESHOLD;
    if (cursor === undefined && args.requireConfirmation !== false) {
      const count = await countConversations(ctx, scope, filter);
      if (!(count <= threshold)) {
        fail(
          "DELETE_MANY_THRESHOLD_EXCEEDED",
          `${count} conversations match, the threshold is ${threshold}`,
        );
      }
    }
    const range = conversationRange(scope, filter, "asc");
    const step = await deleteInStep(ctx, scope, [range], cursor);
    return { ...step, dryRun: false };
  },
});

async function dryRun(
  ctx: MutationCtx,
  scope: Scope,
  filter: ConversationFilter,
  cursor: string | undefined,
) {
  let wouldDelete = 0;
  let wouldDeleteMessages = 0;
  const end = await inStep(
    ctx,
    [conversationRange(scope, filter, "asc")],
    cursor,
    new StepBudget(),
    (row) => {
      wouldDelete++;
      wouldDeleteMessages += row.messageCount;
    },
  );
  return {
    deleted: 0,
    conversationIds: [],
    totalMessagesDeleted: 0,
    wouldDelete,
    wouldDeleteMessages,
    dryRun: true,
    ...end,
  };
}

/** `conversations:deleteByIds`: unknown ids are skipped. To be called again with the same ids until `done`. */
export const deleteByIdsMutation = defineMutation({
  args: { ...accessArgs, conversationIds: v.array(v.string()) },
  returns: v.object(deletedFields),
  handler: async (ctx, args, scope) => {
    const ranges = [...new Set(args.conversationIds)].map((
      conversationId,
    ): IndexRange<"conversations"> => ({
      table: "conversations",
      index: "by_tenant_conversationId",
      equals: [
        ["tenantId", scope.tenantId],
        ["conversationId", conversationId],
      ],
      by: "_creationTime",
    }));
    const { cursor: _, ...step } = await deleteInStep(ctx, scope, ranges);
    return step;
  },
});

/**
 * `conversations:purgeAll`: deletes every conversation of the tenant, or those without a tenant; to be called until
 * `done`.
 *
 * @throws {ConvexError} `PURGE_DISABLED_IN_PRODUCTION`.
 */
export const purgeAllMutation = defineMutation({
  args: accessArgs,
  returns: v.object({
    deleted: v.number(),
    totalMessagesDeleted: v.number(),
    done: v.boolean(),
  }),
  handler: async (ctx, _args, scope) => {
    requirePurgeable();
    const range = conversationRange(scope, {}, "asc");
    const { deleted, totalMessagesDeleted, done } = await deleteInStep(
      ctx,
      scope,
      [range],
    );
    return { deleted, totalMessagesDeleted, done };
  },
});
