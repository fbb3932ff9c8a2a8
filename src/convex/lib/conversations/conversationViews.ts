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
