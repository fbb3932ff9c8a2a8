/** Memories and facts as items of a recall. */
import {
  enrichWithConversations as enrich,
  factToRecallItem as itemOfFact,
  memoryToRecallItem as itemOfMemory,
} from "../memory/recall_items.ts";
import type { Conversation } from "../types/conversations.ts";
import type { FactRecord } from "../types/facts.ts";
import type { RecallItem } from "../types/recall.ts";
import type { MemoryEntry } from "../types/vector.ts";
import {
  checkConversations,
  checkItems,
  checkRecord,
  checkScore,
} from "./checks.ts";

/**
 * Makes an item of a memory, without connections to entities. Throws `MemoryValidationError` `INVALID_ARGUMENT`.
 *
 * @param score 0 to 1. Default: 0.5.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { memoryToRecallItem } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const memory = await cortex.vector.store("home", {
 *   content: "Ada drinks tea",
 *   contentType: "raw",
 *   source: { type: "system" },
 *   metadata: { importance: 50, tags: [] },
 * });
 * assertEquals(memoryToRecallItem(memory, "vector", 0.9).content, "Ada drinks tea");
 * ```
 */
export function memoryToRecallItem(
  memory: MemoryEntry,
  source: RecallItem["source"],
  score = 0.5,
): RecallItem {
  checkRecord("memory", memory);
  checkScore(score);
  return itemOfMemory(memory, source, score);
}

/**
 * Makes an item of a fact, connected to its subject and object, or without connections if it has no subject. Throws
 * `MemoryValidationError` `INVALID_ARGUMENT`.
 *
 * @param score 0 to 1. Default: 0.5.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { factToRecallItem } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const fact = await cortex.facts.store({
 *   memorySpaceId: "home",
 *   fact: "Ada drinks tea",
 *   factType: "preference",
 *   subject: "ada",
 *   object: "tea",
 *   confidence: 90,
 *   sourceType: "manual",
 * });
 * const { graphContext } = factToRecallItem(fact, "facts");
 * assertEquals(graphContext?.connectedEntities, ["ada", "tea"]);
 * ```
 */
export function factToRecallItem(
  fact: FactRecord,
  source: RecallItem["source"],
  score = 0.5,
): RecallItem {
  checkRecord("fact", fact);
  checkScore(score);
  return itemOfFact(fact, source, score);
}

/**
 * Adds to each memory the conversation and the messages that it was made from, if the map has them. Other items are
 * returned as they are; the arguments are not changed. Throws `MemoryValidationError` `INVALID_ARGUMENT`.
 *
 * @param conversations By their ids.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { enrichWithConversations } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * await cortex.memory.remember({
 *   memorySpaceId: "home",
 *   conversationId: "c-1",
 *   agentId: "bot",
 *   userMessage: "I drink tea.",
 *   agentResponse: "Which kind?",
 * });
 * const { items } = await cortex.memory.recall({ memorySpaceId: "home", query: "tea" });
 * const conversation = await cortex.conversations.get("c-1");
 * const enriched = enrichWithConversations(items, new Map([["c-1", conversation!]]));
 * assertEquals(enriched[0]?.conversation?.conversationId, "c-1");
 * ```
 */
export function enrichWithConversations(
  items: readonly RecallItem[],
  conversations: ReadonlyMap<string, Conversation>,
): RecallItem[] {
  checkItems(items);
  checkConversations(conversations);
  return enrich(items, conversations);
}
