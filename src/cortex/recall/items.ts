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
 * Makes an item of a memory, connected to nothing yet. Throws `MemoryValidationError` `INVALID_ARGUMENT`.
 *
 * @param score 0 to 1. Default: 0.5.
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
 * Makes an item of a fact, connected to its subject and object; to nothing where it has no subject. Throws
 * `MemoryValidationError` `INVALID_ARGUMENT`.
 *
 * @param score 0 to 1. Default: 0.5.
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
 * Gives each memory the conversation that it was made from, and the messages, where the map has them. Others are
 * returned as they are; nothing that was given is changed. Throws `MemoryValidationError` `INVALID_ARGUMENT`.
 *
 * @param conversations By their ids.
 */
export function enrichWithConversations(
  items: readonly RecallItem[],
  conversations: ReadonlyMap<string, Conversation>,
): RecallItem[] {
  checkItems(items);
  checkConversations(conversations);
  return enrich(items, conversations);
}
