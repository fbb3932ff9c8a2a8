/** Memories and facts as items of a recall. */
import { compact } from "../calls/api_context.ts";
import { pick } from "../calls/pick.ts";
import type { Conversation } from "../types/conversations.ts";
import type { FactRecord } from "../types/facts.ts";
import type { RecallItem } from "../types/recall.ts";
import type { MemoryEntry } from "../types/vector.ts";

/** Makes an item of a memory, without connections to entities. */
export function memoryToRecallItem(
  memory: MemoryEntry,
  source: RecallItem["source"],
  score = 0.5,
): RecallItem {
  return compact({
    type: "memory",
    id: memory.memoryId,
    content: memory.content,
    score,
    source,
    memory,
    ...pick(memory, "tenantId", "userId"),
    graphContext: { connectedEntities: [] },
  });
}

/** Makes an item of a fact, connected to its subject and object, or without connections if it has no subject. */
export function factToRecallItem(
  fact: FactRecord,
  source: RecallItem["source"],
  score = 0.5,
): RecallItem {
  const { subject, object } = fact;
  return compact({
    type: "fact",
    id: fact.factId,
    content: fact.fact,
    score,
    source,
    fact,
    ...pick(fact, "tenantId", "userId"),
    graphContext: {
      connectedEntities: [subject, object].filter((entity) =>
        entity !== undefined && subject !== undefined
      ) as string[],
    },
  });
}

/** Adds to each memory its conversation and messages, if the map has them. */
export function enrichWithConversations(
  items: readonly RecallItem[],
  conversations: ReadonlyMap<string, Conversation>,
): RecallItem[] {
  return items.map((item) => {
    const { conversationId, messageIds = [] } = item.memory?.conversationRef ??
      {};
    const conversation = conversations.get(conversationId ?? "");
    if (conversation === undefined) return item;
    return {
      ...item,
      conversation,
      sourceMessages: conversation.messages.filter(({ id }) =>
        messageIds.includes(id)
      ),
    };
  });
}
