/**
 * Tools for programs that run their own searches and combine the results: merge, deduplicate, rank, and format as text
 * for a language model. `cortex.memory.recall` ranks better, because it compares texts with the question; these tools
 * see only the items.
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
