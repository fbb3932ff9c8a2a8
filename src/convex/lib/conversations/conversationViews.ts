/** Several conversations in one answer, each with as many of its latest messages as fit. */
import {
  MAX_MESSAGES_SHOWN,
  MAX_SHOWN_BYTES,
  readLatest,
} from "./conversationStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { type ConversationView, toConversation } from "../shapes.ts";

/** Most messages that one answer holds. */
const MAX_MESSAGES = 8000;

/**
 * Conversations as returned: the latest messages of each, 8,000 and `maxBytes` of them in all.
 *
 * @param maxBytes Default: 4 MiB.
 */
export async function viewConversations(
  ctx: QueryCtx,
  rows: readonly Doc<"conversations">[],
  maxBytes: number = MAX_SHOWN_BYTES,
): Promise<ConversationView[]> {
  const views: ConversationView[] = [];
  let messages = MAX_MESSAGES;
  let bytes = maxBytes;
  for (const row of rows) {
    const most = bytes <= 0 ? 0 : Math.min(messages, MAX_MESSAGES_SHOWN);
    const shown = await readLatest(ctx, row, most, bytes);
    messages -= shown.messages.length;
    bytes = shown.isCut ? 0 : bytes - shown.bytes;
    views.push(toConversation(row, shown.messages));
  }
  return views;
}

/**
 * Returns as many conversations, at least one, as fit into one answer with all the messages to show of each.
 *
 * @returns These conversations, and the ids of the rest.
 */
export async function viewsThatFit(
  ctx: QueryCtx,
  rows: readonly Doc<"conversations">[],
  includeMessages: boolean = true,
): Promise<{ conversations: ConversationView[]; rest: string[] }> {
  if (!includeMessages) {
    return { conversations: rows.map((row) => toConversation(row)), rest: [] };
  }
  const conversations: ConversationView[] = [];
  let messages = MAX_MESSAGES;
  let bytes = MAX_SHOWN_BYTES;
  for (const row of rows) {
    const isFirst = conversations.length === 0;
    const most = Math.min(row.messageCount, MAX_MESSAGES_SHOWN);
    if (!isFirst && (most > messages || row.messageBytes > bytes)) break;
    const shown = await readLatest(ctx, row, most, bytes);
    if (!isFirst && (shown.isCut || shown.bytes > bytes)) break;
    messages -= most;
    bytes -= shown.bytes;
    conversations.push(toConversation(row, shown.messages));
  }
  return {
    conversations,
    rest: rows.slice(conversations.length)
      .map(({ conversationId }) => conversationId),
  };
}
