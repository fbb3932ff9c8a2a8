/**
 * The tools behind `cortex.facts`, for programs that need only one of them: slots, deduplication, belief revision,
 * prompts for a language model, history. Those that need a backend take a client or the context of a `Cortex`.
 *
 * ```ts
 * import { classifyPredicate } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(classifyPredicate("works_at"), "employment");
 * ```
 *
 * @module
 */
export { BeliefRevisionService } from "./beliefs_alone.ts";
export {
  CONFLICT_ACTIONS,
  getDefaultDecision,
  parseConflictDecision,
  validateConflictDecision,
} from "./conflict_decision.ts";
export {
  buildConflictResolutionPrompt,
  buildSystemPrompt,
  buildUserPrompt,
} from "../../convex/lib/facts/conflictPrompts.ts";
export { FactDeduplicationService } from "./fact_deduplication.ts";
export type { FactDeduplicator } from "./fact_deduplicator.ts";
export { FactHistoryReader } from "./fact_history_reader.ts";
export { FactHistoryService } from "./fact_history.ts";
export { FactsAPI } from "./facts_api.ts";
export { FactsReader } from "./facts_reader.ts";
export {
  classifyPredicate,
  DEFAULT_PREDICATE_CLASSES,
  extractSlot,
  normalizePredicate,
  normalizeSubject,
  SlotMatchingService,
} from "./slot_matching.ts";
export {
  CortexError,
  FactsValidationError,
  ValidationError,
} from "../../errors.ts";

export type {
  ConflictPromptOptions,
  PromptFact,
} from "../../convex/lib/facts/conflictPrompts.ts";
export type { ContextSource } from "../calls/context_source.ts";
export type {
  SlotConflicts,
  SlotMatch,
  SlotMatchingConfig,
  SlotParts,
} from "./slot_matching.ts";
export type {
  BeliefRevisionConfig,
  BeliefRevisionLLMClient,
  ConflictAction,
  ConflictCandidate,
  ConflictCheckResult,
  ConflictDecision,
  DeduplicationConfig,
  DeduplicationStrategy,
  DuplicateResult,
  EmbedFactFn,
  FactCandidate,
  LLMCompleteOptions,
  ReviseParams,
  ReviseResult,
  StageInfo,
  StoreWithDedupResult,
} from "../types/fact_belief.ts";
export type {
  ActionCounts,
  ActivitySummary,
  ChangeFilter,
  FactChangeAction,
  FactChangeEvent,
  FactChangePipeline,
  LogEventParams,
  SupersessionChainEntry,
} from "../types/fact_history.ts";
export type { FactRecord, FactStatement } from "../types/facts.ts";
