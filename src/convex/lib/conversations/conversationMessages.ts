/** Messages of a conversation by their ids. */
import { v } from "convex/values";
import { accessArgs } from "../access.ts";
import { checkCount } from "../bounds.ts";
import {
  findConversation,
  findMessage,
  namedMessages,
  shownBytes,
} from "./conversationStore.ts";
import { readCursor } from "../paging/cursor.ts";
import { stepFields } from "../fields.ts";
import { defineQuery } from "../functions.ts";
import type { Doc } from "../model.ts";
import { messageView, toMessage } from "../shapes.ts";
import { StepBudget } from "../paging/walk.ts";

/** Most messages that one call requests by their ids. */
const MAX_NAMED = 2000;
/** Most bytes of messages that one step returns. */
const MAX_READ_BYTES = 4 * 1024 * 1024;

const namedArgs = {
  ...accessArgs,
  conversationId: v.string(),
  messageIds: v.array(v.string()),
};

/**
 * `conversations:getMessagesByIds`: all in one call, so their total size is bounded by that of an answer.
 *
 * @throws {ConvexError} `LIMIT_EXCEEDED`.
 */
export const messagesByIdsQuery = defineQuery({
  args: namedArgs,
  returns: v.array(messageView),
  handler: async (ctx, args, scope) => {
    const { messageIds: ids } = args;
    checkCount("messageIds", ids.length, MAX_NAMED);
    const found = await findConversation(ctx, scope, args.conversationId);
    return found === null
      ? []
      : (await namedMessages(ctx, found, ids, { most: MAX_NAMED })).map(
        toMessage,
      );
  },
});

/**
 * `conversations:namedMessages`: the same in steps of 4 MiB, in the order of the ids, each message with its position in
 * the conversation. To be called with the previous call's cursor until `done`.
 *
 * @throws {ConvexError} `LIMIT_EXCEEDED`, `INVALID_CURSOR`.
 */
export const namedMessagesQuery = defineQuery({
  args: { ...namedArgs, cursor: v.optional(v.string()) },
  returns: v.object({
    found: v.array(v.object({ place: v.number(), message: messageView })),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    checkCount("messageIds", args.messageIds.length, MAX_NAMED);
    const ids = [...new Set(args.messageIds)];
    const conversation = await findConversation(
      ctx,
      scope,
      args.conversationId,
    );
    const budget = new StepBudget(MAX_NAMED, MAX_READ_BYTES);
    const rows: Doc<"messages">[] = [];
    let at = parse(args.cursor);
    for (; conversation && at < ids.length && !budget.isSpent; at++) {
      const row = await findMessage(ctx, conversation._id, ids[at]!);
      if (row === null) continue;
      budget.take(shownBytes(row));
      rows.push(row);
    }
    const done = conversation === null || at >= ids.length;
    return {
      found: rows.map((row) => ({ place: row.seq, message: toMessage(row) })),
      done,
      ...(!done && { cursor: JSON.stringify(at) }),
    };
  },
});

/** Reads a cursor: the index of the next id. */
function parse(cursor: string | undefined): number {
  return cursor === undefined
    ? 0
    : readCursor<number>(cursor, (at) => Number.isInteger(at) && at >= 0);
}
