/** How new facts are told from known ones, and what becomes of them. */
import type { GraphSyncOption, WriteControls } from "./common.ts";
import type {
  FactRecord,
  FactSourceRef,
  FactSourceType,
  RevisionAction,
} from "./facts.ts";

/** Makes the vector of a fact. */
export type EmbedFactFn = (text: string) => Promise<number[]>;

/** How duplicates are found. */
export type DeduplicationStrategy =
  | "none"
  | "exact"
  | "structural"
  | "semantic";

/** How duplicates are found, in detail. */
export interface DeduplicationConfig {
  /** The steps. */
  strategy: DeduplicationStrategy;
  /** Least cosine similarity of a duplicate, 0 to 1. Default: 0.85. */
  similarityThreshold?: number;
  /** Makes the vectors. Default: the facade's `embedder`. */
  generateEmbedding?: EmbedFactFn;
}

/** A fact that is compared with known ones. */
export interface FactCandidate {
  /** The statement. */
  fact: string;
  /** Its kind. */
  factType: string;
  /** Who or what it is about. */
  subject?: string;
  /** Stands how. */
  predicate?: string;
  /** To whom or what. */
  object?: string;
  /** 0 to 100. */
  confidence: number;
  /** Labels. */
  tags?: string[];
}

/** Whether a fact is known. */
export interface DuplicateResult {
  /** Whether it is. */
  isDuplicate: boolean;
  /** The known fact. */
  existingFact?: FactRecord;
  /** 1 for equal texts or parts, otherwise the cosine similarity. */
  similarityScore?: number;
  /** The step that found it. */
  matchedBy?: DeduplicationStrategy;
  /** Whether the new one is surer. */
  shouldUpdate?: boolean;
}

/** What `facts.storeWithDedup` did. */
export interface StoreWithDedupResult {
  /** The stored or known fact. */
  fact: FactRecord;
  /** Whether the known fact got a new version. */
  wasUpdated: boolean;
  /** How it was looked for; absent when it was not. */
  deduplication?: {
    strategy: DeduplicationStrategy;
    matchedExisting: boolean;
    similarityScore?: number;
  };
}

/** Options of `facts.storeWithDedup`. */
export interface StoreFactWithDedupOptions
  extends GraphSyncOption, WriteControls {
  /** How duplicates are found; false stores in any case. Default: `semantic`. */
  deduplication?: DeduplicationConfig | DeduplicationStrategy | false;
}

/** What may become of a new fact. */
export type ConflictAction = RevisionAction;

/** A fact that may contradict known ones. */
export interface ConflictCandidate {
  /** The statement, not blank. */
  fact: string;
  /** Its kind. Default: `custom`. */
  factType?: string;
  /** Who or what it is about. */
  subject?: string;
  /** Stands how. */
  predicate?: string;
  /** To whom or what. */
  object?: string;
  /** 0 to 100. */
  confidence: number;
  /** Labels. Default: none. */
  tags?: string[];
}

/** A decision about a new fact. */
export interface ConflictDecision {
  /** What becomes of it. */
  action: ConflictAction;
  /** The known fact that it is about; null for `ADD`. */
  targetFactId: string | null;
  /** Why. */
  reason: string;
  /** The text that an `UPDATE` writes. */
  mergedFact: string | null;
  /** How sure the decision is, 0 to 100. */
  confidence?: number;
}

/** What a language model is asked. */
export interface LLMCompleteOptions {
  /** Who it is and what it must answer. */
  system: string;
  /** The question. */
  prompt: string;
  /** Its name. Default: the adapter's. */
  model?: string;
  /** Form of the answer. */
  responseFormat?: "json" | "text";
}

/** A language model that decides about facts. */
export interface BeliefRevisionLLMClient {
  /** Answers a question. */
  complete(options: LLMCompleteOptions): Promise<string>;
}

/** How belief revision works. */
export interface BeliefRevisionConfig {
  /** Facts of one subject that a slot holds one of: where someone lives. */
  slotMatching?: {
    /** Default: true. */
    enabled?: boolean;
    /** Further classes of predicates, which hold one value each: name and phrases. */
    predicateClasses?: Record<string, string[]>;
  };
  /** Facts that say nearly the same. */
  semanticMatching?: {
    /** Default: true. */
    enabled?: boolean;
    /** Least cosine similarity, 0 to 1. Default: 0.7. */
    threshold?: number;
    /** Most candidates. Default: 10. */
    limit?: number;
    /** Makes the vectors. Default: the facade's `embedder`. */
    generateEmbedding?: EmbedFactFn;
  };
  /** Whether a language model decides. */
  llmResolution?: {
    /** Default: true where there is one. */
    enabled?: boolean;
    /** Its name. Default: the adapter's. */
    model?: string;
  };
  /** What is logged. */
  history?: {
    /** Default: true. */
    enabled?: boolean;
    /** How long events are meant to be kept; for callers of `purgeOldEvents`. */
    retentionDays?: number;
  };
}

/** A fact to revise what is known by. */
export interface ReviseParams {
  /** Space to revise. */
  memorySpaceId: string;
  /** The new fact. */
  fact: ConflictCandidate;
  /** The user it is about; only facts about the same user are compared. */
  userId?: string;
  /** The participant that stores it. */
  participantId?: string;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** Where it comes from. Default: `conversation`. */
  sourceType?: FactSourceType;
  /** What it was drawn from. */
  sourceRef?: FactSourceRef;
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
  /** What became of the fact. */
  action: ConflictAction;
  /** The fact as it now stands. */
  fact: FactRecord;
  /** Facts whose place it took, after the change. */
  superseded: FactRecord[];
  /** Why. */
  reason: string;
  /** How sure the decision is, 0 to 100. */
  confidence: number;
  /** Its stages. */
  pipeline: {
    slotMatching?: StageInfo;
    semanticMatching?: StageInfo;
    subjectTypeMatching?: StageInfo;
    llmResolution?: { executed: boolean; decision?: ConflictAction };
  };
}

/** What a new fact would meet. */
export interface ConflictCheckResult {
  /** Whether it meets anything. */
  hasConflicts: boolean;
  /** Facts in the slot that it would fill. */
  slotConflicts: FactRecord[];
  /** Facts that say nearly the same, with their similarity. */
  semanticConflicts: Array<{ fact: FactRecord; score: number }>;
  /** What would become of it. */
  recommendedAction: ConflictAction;
  /** Why. */
  reason: string;
}
