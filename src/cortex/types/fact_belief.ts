/** Types of deduplication and belief revision: how new facts are compared with known ones, and the outcome. */
import type { GraphSyncOption, WriteControls } from "./common.ts";
import type {
  FactRecord,
  FactSourceRef,
  FactSourceType,
  RevisionAction,
} from "./facts.ts";

/** Makes the vector of a fact, as an array or a typed array of numbers. */
export type EmbedFactFn = (text: string) => Promise<ArrayLike<number>>;

/** How duplicates are found. */
export type DeduplicationStrategy =
  | "none"
  | "exact"
  | "structural"
  | "semantic";

/** How duplicates are found, in detail. */
export interface DeduplicationConfig {
  /** The strategy. */
  strategy: DeduplicationStrategy;
  /** Least cosine similarity of a duplicate, 0 to 1. Default: 0.85. */
  similarityThreshold?: number | undefined;
  /** Makes the vectors. Default: the facade's `embedder`. */
  generateEmbedding?: EmbedFactFn | undefined;
}

/** A fact to compare with known ones. */
export interface FactCandidate {
  /** The statement. */
  fact: string;
  /** Its kind. */
  factType: string;
  /** Who or what it is about. */
  subject?: string | undefined;
  /** The relation to the object. */
  predicate?: string | undefined;
  /** Whom or what the subject relates to. */
  object?: string | undefined;
  /** Confidence, 0 to 100. */
  confidence: number;
  /** Labels. */
  tags?: readonly string[] | undefined;
}

/** Whether a fact is already known. */
export interface DuplicateResult {
  /** Whether it is already known. */
  isDuplicate: boolean;
  /** The known fact. */
  existingFact?: FactRecord;
  /** 1 for equal texts or parts, otherwise the cosine similarity. */
  similarityScore?: number;
  /** The strategy that found it. */
  matchedBy?: DeduplicationStrategy;
  /** Whether the new one has higher confidence. */
  shouldUpdate?: boolean;
}

/** What `facts.storeWithDedup` did. */
export interface StoreWithDedupResult {
  /** The stored or known fact. */
  fact: FactRecord;
  /** Whether the known fact got a new version. */
  wasUpdated: boolean;
  /** How duplicates were looked for; absent if they were not. */
  deduplication?: {
    /** The strategy used: `structural` in place of `semantic` where nothing makes vectors. */
    strategy: DeduplicationStrategy;
    /** Whether a known fact was found. */
    matchedExisting: boolean;
    /** 1 for equal texts or parts, otherwise the cosine similarity; absent without a known fact. */
    similarityScore?: number;
  };
}

/** Options of `facts.storeWithDedup`. */
export interface StoreFactWithDedupOptions
  extends GraphSyncOption, WriteControls {
  /**
   * How duplicates are found; false stores the fact in any case. Default: `semantic`, which without an embedder is
   * `structural`, with a warning.
   */
  deduplication?:
    | DeduplicationConfig
    | DeduplicationStrategy
    | false
    | undefined;
}

/** What can happen to a new fact. */
export type ConflictAction = RevisionAction;

/** A fact that may contradict known ones. */
export interface ConflictCandidate {
  /** The statement, not blank. */
  fact: string;
  /** Its kind. Default: `custom`. */
  factType?: string | undefined;
  /** Who or what it is about. */
  subject?: string | undefined;
  /** The relation to the object. */
  predicate?: string | undefined;
  /** Whom or what the subject relates to. */
  object?: string | undefined;
  /** Confidence, 0 to 100. */
  confidence: number;
  /** Labels. Default: none. */
  tags?: readonly string[] | undefined;
}

/** A decision about a new fact. */
export interface ConflictDecision {
  /** What happens to the new fact. */
  action: ConflictAction;
  /** The known fact it concerns; null for `ADD`. */
  targetFactId: string | null;
  /** Why. */
  reason: string;
  /** The text that an `UPDATE` writes. */
  mergedFact: string | null;
  /** Confidence of the decision, 0 to 100. */
  confidence?: number | undefined;
}

/** A request to a language model. */
export interface LLMCompleteOptions {
  /** The system prompt. */
  system: string;
  /** The question. */
  prompt: string;
  /** Name of the model. Default: the adapter's. */
  model?: string | undefined;
  /** Format of the answer. */
  responseFormat?: "json" | "text" | undefined;
}

/**
 * A language model that decides about facts.
 *
 * @example
 * ```ts
 * import { type BeliefRevisionLLMClient, Cortex } from "@cortex/memory";
 *
 * // Your model, asked to answer in JSON
 * const ask = (text: string) => Promise.resolve(`{"action":"ADD","reason":"${text.length}"}`);
 * const model: BeliefRevisionLLMClient = {
 *   complete: ({ system, prompt }) => ask(`${system}\n\n${prompt}`),
 * };
 * await using cortex = new Cortex();
 * cortex.facts.configureBeliefRevision(model);
 * ```
 */
export interface BeliefRevisionLLMClient {
  /** Answers a prompt. */
  complete(options: LLMCompleteOptions): Promise<string>;
}

/** How belief revision works. */
export interface BeliefRevisionConfig {
  /** Slots, which hold one value per subject, such as where someone lives. */
  slotMatching?: {
    /** Default: true. */
    enabled?: boolean | undefined;
    /**
     * Further classes of predicates that hold one value each: name and phrases. Phrases under the name of a built-in
     * class are added to it, and it holds as many values as before.
     */
    predicateClasses?: Record<string, readonly string[]> | undefined;
  } | undefined;
  /** Facts that say nearly the same. */
  semanticMatching?: {
    /** Default: true. */
    enabled?: boolean | undefined;
    /** Least cosine similarity, 0 to 1. Default: 0.7. */
    threshold?: number | undefined;
    /** Most candidates, 1 to 1000. Default: 10. */
    limit?: number | undefined;
    /** Makes the vectors. Default: the facade's `embedder`. */
    generateEmbedding?: EmbedFactFn | undefined;
  } | undefined;
  /** Whether a language model decides. */
  llmResolution?: {
    /** Default: true if a model is configured. */
    enabled?: boolean | undefined;
    /** Name of the model. Default: the adapter's. */
    model?: string | undefined;
  } | undefined;
  /** The history of changes. */
  history?: {
    /** Default: true. */
    enabled?: boolean | undefined;
    /** How long to keep events, for callers of `purgeOldEvents`. */
    retentionDays?: number | undefined;
  } | undefined;
}

/** Input of `facts.revise` and `facts.checkConflicts`. */
export interface ReviseParams {
  /** The space. */
  memorySpaceId: string;
  /** The new fact. */
  fact: ConflictCandidate;
  /** The user it is about; it is compared only with facts about the same user. Without one, with all facts. */
  userId?: string | undefined;
  /** The participant that stores it. */
  participantId?: string | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Where it comes from. Default: `conversation`. */
  sourceType?: FactSourceType | undefined;
  /** What it was drawn from. */
  sourceRef?: FactSourceRef | undefined;
}

/** A stage of belief revision. */
export interface StageInfo {
  /** Whether it ran. */
  executed: boolean;
  /** Whether it found something. */
  matched: boolean;
  /** What it found. */
  factIds?: string[];
}

/** What belief revision did. */
export interface ReviseResult {
  /** What happened to the fact. */
  action: ConflictAction;
  /** The fact as it is now. */
  fact: FactRecord;
  /** Facts it superseded, as they are after the change. */
  superseded: FactRecord[];
  /** Why. */
  reason: string;
  /** Confidence of the decision, 0 to 100. */
  confidence: number;
  /** Its stages. */
  pipeline: {
    slotMatching?: StageInfo;
    semanticMatching?: StageInfo;
    subjectTypeMatching?: StageInfo;
    llmResolution?: { executed: boolean; decision?: ConflictAction };
  };
}

/** What a new fact would conflict with. */
export interface ConflictCheckResult {
  /** Whether there are conflicts. */
  hasConflicts: boolean;
  /** Facts in the slot that it would fill. */
  slotConflicts: FactRecord[];
  /** Facts that say nearly the same, with their similarity. */
  semanticConflicts: Array<{ fact: FactRecord; score: number }>;
  /** What `revise` would do with it. */
  recommendedAction: ConflictAction;
  /** Why. */
  reason: string;
}
