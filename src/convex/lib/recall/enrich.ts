/** Surroundings of a memory: its conversation, the messages it was made from, its facts. */
import { v } from "convex/values";
import {
  canBeOf,
  findConversationOf,
  type LatestMessages,
  MAX_MESSAGES_SHOWN,
  MAX_NAMED,
  MAX_SHOWN_BYTES,
  namedMessages,
  readLatest,
  shownBytes,
} from "../conversations/conversationStore.ts";
import {
  factsOfMemory,
  type MadeMemory,
  rangesOfFacts,
} from "../memory/memoryFacts.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import {
  type ConversationView,
  conversationView,
  type FactRecord,
  factRecord,
  type MessageView,
  messageView,
  toConversation,
  toFactRecord,
  toMessage,
} from "../shapes.ts";
import { sizeOf } from "../size.ts";
import { StepBudget } from "../paging/walk.ts";

/** Most messages in one answer, counting copies. */
const MAX_MESSAGES_IN_ANSWER = 4000;
/** Most bytes of one memory's facts. */
const MAX_FACT_BYTES = 4 * 1024 * 1024;
/** Most bytes of all surroundings in one answer; the rest of what a query reads is for the memories. */
const MAX_BYTES = 9 * 1024 * 1024;

/** Validators of {@link Surroundings}. */
export const surroundings = {
  conversation: v.optional(conversationView),
  sourceMessages: v.optional(v.array(messageView)),
  facts: v.optional(v.array(factRecord)),
};

/** Most index ranges of all surroundings in one answer; a query reads 4,096. */
const MAX_RANGES = 3000;

/** Surroundings of a memory; parts that it lacks are absent. */
export interface Surroundings {
  conversation?: ConversationView;
  sourceMessages?: MessageView[];
  facts?: FactRecord[];
}

/**
 * Reads the surroundings of memories of one space, in their order. Each conversation is read once, and left out if it
 * is gone, belongs to another space, or has only the id of the memory's. Its `messages` are the latest ones, fewer if
 * there are more memories, so that one answer has at most 4,000 of them, and 4 MiB. Memories beyond the budget, or
 * beyond 3,000 index ranges, have no surroundings, and the one with which it ends the first of its messages.
 *
 * @param options.budget Default: 9 MiB.
 */
export async function enrichMemories(
  ctx: QueryCtx,
  scope: Scope,
  memories: readonly MadeMemory[],
  options: { facts: boolean; budget?: StepBudget },
): Promise<Surroundings[]> {
  const withConversation =
    memories.filter((row) => row.conversationRef !== undefined).length;
  const limit = Math.min(
    MAX_MESSAGES_SHOWN,
    Math.floor(MAX_MESSAGES_IN_ANSWER / Math.max(1, withConversation)),
  );
  const maxBytes = MAX_SHOWN_BYTES / Math.max(1, withConversation);
  const conversations = new Map<string, Awaited<ReturnType<typeof load>>>();
  const result: Surroundings[] = [];
  const { budget = new StepBudget(Infinity, MAX_BYTES) } = options;
  let ranges = 0;
  for (const memory of memories) {
    if (budget.isSpent || ranges > MAX_RANGES) break;
    const ref = memory.conversationRef;
    ranges += 2 + Math.min(ref?.messageIds.length ?? 0, MAX_NAMED) +
      rangesOfFacts(memory);
    if (ref !== undefined && !conversations.has(ref.conversationId)) {
      conversations.set(ref.conversationId, await load(memory, ref));
    }
    const conversation = ref && conversations.get(ref.conversationId);
    const most = new StepBudget(Infinity, MAX_FACT_BYTES, budget);
    const facts = options.facts
      ? await factsOfMemory(ctx, scope, memory, most)
      : [];
    const sources = ref && conversation
      ? await sourcesOf(ctx, conversation, ref.messageIds, budget)
      : [];
    const isOwn = sources.length > 0 ||
      conversation && canBeOf(memory, conversation.row);
    result.push({
      ...(conversation && isOwn && { conversation: conversation.view }),
      ...(sources.length > 0 && { sourceMessages: sources.map(toMessage) }),
      ...(facts.length > 0 && { facts: facts.map(toFactRecord) }),
    });
  }
  return result;

  async function load(
    { memorySpaceId }: MadeMemory,
    { conversationId }: { conversationId: string },
  ): Promise<ShownConversation & { view: ConversationView } | undefined> {
    const name = { memorySpaceId, conversationId };
    const shown = await shownConversation(
      ctx,
      scope,
      name,
      limit,
      Math.min(maxBytes, budget.bytes),
    );
    if (shown === undefined) return undefined;
    budget.take(sizeOf(shown.row) + shown.bytesRead);
    return { ...shown, view: toConversation(shown.row, shown.messages) };
  }
}

/**
 * Messages of a conversation by their ids, in its order, while the budget lasts: those that are shown with it, and as
 * many as 200 before them; if there are more before, the first 200 alone.
 */
export async function sourcesOf(
  ctx: QueryCtx,
  { row, messages }: ShownConversation,
  messageIds: readonly string[],
  budget: StepBudget,
): Promise<Doc<"messages">[]> {
  const ids = new Set(messageIds);
  const shown = messages.filter(({ id }) => ids.delete(id));
  if (ids.size > MAX_NAMED) {
    return await namedMessages(ctx, row, messageIds, { budget });
  }
  const found = await namedMessages(ctx, row, [...ids], { budget });
  for (const message of shown) {
    if (budget.isSpent) break;
    found.push(message);
    budget.take(shownBytes(message));
  }
  return found;
}

/** A conversation with the latest of its messages, oldest first. */
export interface ShownConversation extends LatestMessages {
  row: Doc<"conversations">;
}

/** A conversation that a space may see, with its latest messages; undefined if there is none. */
export async function shownConversation(
  ctx: QueryCtx,
  scope: Scope,
  name: { memorySpaceId: string; conversationId: string },
  maxMessages: number,
  maxBytes: number,
): Promise<ShownConversation | undefined> {
  const { memorySpaceId, conversationId } = name;
  const row = await findConversationOf(
    ctx,
    scope,
    conversationId,
    memorySpaceId,
  );
  if (row === null) return undefined;
  return {
    row,
    ...await readLatest(ctx, row, maxMessages, maxBytes),
  };
}
