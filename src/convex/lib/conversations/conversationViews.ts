/** Several conversations in one answer: with the latest messages of each, no more of them than an answer holds. */
import {
  latestMessages,
  MAX_MESSAGES_SHOWN,
  MAX_SHOWN_BYTES,
} from "./conversationStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { type ConversationView, toConversation } from "../shapes.ts";

/** Most messages that one answer holds. */
const MAX_MESSAGES = 8000;

/** Conversations as returned: the latest messages of each, 8,000 and 4 MiB in all. */
export async function viewConversations(
  ctx: QueryCtx,
  rows: readonly Doc<"conversations">[],
): Promise<ConversationView[]> {
  const views: ConversationView[] = [];
  let messages = MAX_MESSAGES;
  let bytes = MAX_SHOWN_BYTES;
  for (const row of rows) {
    const shown = bytes <= 0 ? [] : await latestMessages(
      ctx,
      row,
      Math.min(messages, MAX_MESSAGES_SHOWN),
      bytes,
    );
    messages -= shown.length;
    bytes -= row.messageBytes;
    views.push(toConversation(row, shown));
  }
  return views;
}

/**
 * As many of the conversations as one answer holds with all the messages that are shown of each, and one at least.
 *
 * @returns Those, and the ids of the rest.
 */
export async function viewsThatFit(
  ctx: QueryCtx,
  rows: readonly Doc<"conversations">[],
  includeMessages: boolean = true,
): Promise<{ conversations: ConversationView[]; rest: string[] }> {
  if (!includeMessages) {
    return { conversations: rows.map((row) => toConversation(row)), rest: [] };
  }
  let messages = MAX_MESSAGES;
  let bytes = MAX_SHOWN_BYTES;
  const tooMuch = rows.findIndex((row, at) => {
    messages -= Math.min(row.messageCount, MAX_MESSAGES_SHOWN);
    bytes -= row.messageBytes;
    return at > 0 && (messages < 0 || bytes < 0);
  });
  const fitting = tooMuch < 0 ? rows.length : tooMuch;
  return {
    conversations: await viewConversations(ctx, rows.slice(0, fitting)),
    rest: rows.slice(fitting).map(({ conversationId }) => conversationId),
  };
}
