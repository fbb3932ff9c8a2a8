/**
 * Tools for programs that search by themselves, and want one answer of what several searches found: merged, without
 * duplicates, ranked, and as text for a language model. `cortex.memory.recall` ranks better, by the words of the
 * question; these know only what the items say of themselves.
 *
 * ```ts
 * import { formatForLLM } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatForLLM([]), "");
 * ```
 *
 * @module
 */
export { estimateTokens, formatForLLM } from "./text.ts";
export {
  buildSourceBreakdown,
  mergeResults,
  processRecallResults,
} from "./process_results.ts";
export {
  deduplicateResults,
  RANKING_WEIGHTS,
  rankResults,
  SCORE_BOOSTS,
} from "./rank_results.ts";
export {
  enrichWithConversations,
  factToRecallItem,
  memoryToRecallItem,
} from "./items.ts";

export type { ProcessRecallOptions } from "./process_results.ts";
export type {
  Conversation,
  ConversationType,
  Message,
  MessageRole,
  Participants,
} from "../types/conversations.ts";
export type {
  EnrichedEntity,
  EnrichedRelation,
  FactDescription,
  FactRecord,
  FactSourceRef,
  FactSourceType,
  FactStatement,
  FactType,
} from "../types/facts.ts";
export type {
  RecalledItem,
  RecallExplanation,
  RecallItem,
  RecallResult,
  RecallSourceBreakdown,
} from "../types/recall.ts";
export type {
  ContentType,
  ConversationRef,
  FactsRef,
  ImmutableRef,
  MemoryEntry,
  MemoryVersion,
  MutableRef,
  SourceType,
} from "../types/vector.ts";
