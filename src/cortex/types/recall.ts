/** Inputs and results of `cortex.memory.recall`. */
import type { Conversation, Message } from "./conversations.ts";
import type { FactRecord } from "./facts.ts";
import type { MemoryEntry } from "./vector.ts";

/** A question to the memory. */
export interface RecallParams {
  /** Space to look in. */
  memorySpaceId: string;
  /** What is asked. */
  query: string;
  /**
   * The question's vector. Default: the `embedder` makes one, where there is one. Vectors of another length are passed
   * over; where the space has no others, a warning says that words alone find.
   */
  embedding?: number[];
  /** Said by or about this user. */
  userId?: string;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** Where to look. Default: everywhere; the graph only with an adapter. */
  sources?: { vector?: boolean; facts?: boolean; graph?: boolean };
  /** How far to walk the graph; without an adapter it has no effect. */
  graphExpansion?: {
    /** Default: true. */
    enabled?: boolean;
    /** 1 to 5. Default: 2. */
    maxDepth?: number;
    /** Kinds of relation to follow. Default: all. */
    relationshipTypes?: string[];
    /** Starts from facts. Default: true. */
    expandFromFacts?: boolean;
    /** Starts from memories. Default: true. */
    expandFromMemories?: boolean;
  };
  /** 0 to 100, inclusive; memories only. */
  minImportance?: number;
  /** 0 to 100, inclusive; facts only. */
  minConfidence?: number;
  /** Any of these labels. */
  tags?: string[];
  /** Not older than this. */
  createdAfter?: Date;
  /** Not younger than this. */
  createdBefore?: Date;
  /** Items at most, up to 1,000. Default: 20; with `maxTokens` as many as it may hold, 200 at most. */
  limit?: number;
  /** Adds conversation and messages to each memory. Default: true. */
  includeConversation?: boolean;
  /** Makes `context`. Default: true. */
  formatForLLM?: boolean;
  /**
   * Tokens of `context` at most, by estimate: four ASCII characters a token, one of any other. Default: unbounded.
   */
  maxTokens?: number;
  /** Adds `explanation` to each item. Default: false. */
  explain?: boolean;
}

/**
 * What a score is made of:
 * `score = scale × prior × ((words + session + phrase + coverage + date + when + length) × speaker × question × reply +
 * vector + facts)`. What the text gives is 1 for the item whose text answers best, `vector` 0.7 at most, `facts` 0.4.
 */
export interface RecallExplanation {
  /** The question's words in the text and its surroundings, the rarer ones more (BM25). */
  words: number;
  /** The same for the conversation as a whole. */
  session: number;
  /** Words that stand side by side as in the question. */
  phrase: number;
  /** Share of the question's words. */
  coverage: number;
  /** It is of the day or month that the question names. */
  date: number;
  /** It speaks of a day, and the question asks for a time. */
  when: number;
  /** Length of the text, up to twelve words that carry meaning. */
  length: number;
  /** Factor: the question names who said it (above 1), or someone else (below 1). */
  speaker: number;
  /** Factor: the text is a question itself (below 1), or answers one (above 1). */
  question: number;
  /** Factor, 1 at most: the text is an agent's long answer. */
  reply: number;
  /** Similarity of the embeddings. */
  vector: number;
  /** Score of the best fact that came from the memory. */
  facts: number;
  /** Factor 0.85 to 1.15: recency, importance and confidence together. */
  prior: number;
  /** Factor that all items of one kind share: it makes the best score say how sure the answer is. */
  scale: number;
}

/** What a memory and a fact have in common when they answer. */
export interface RecalledItem {
  /** The memory's or the fact's id. */
  id: string;
  /** The text. */
  content: string;
  /** 0 to 1. */
  score: number;
  /** What the score is made of; with `explain: true`. */
  explanation?: RecallExplanation;
  /** Which leg found it. */
  source: "vector" | "facts" | "graph-expanded";
  /** The tenant it belongs to. */
  tenantId?: string;
  /** The user it is about. */
  userId?: string;
  /** What it is connected with. */
  graphContext?: { connectedEntities: string[]; relationshipPath?: string };
  /** The conversation the memory was made of; items of one conversation share the object. */
  conversation?: Conversation;
  /** The messages the memory was made of. */
  sourceMessages?: Message[];
}

/** A memory or a fact that answers: `type` says which, and `memory` or `fact` is the whole of it. */
export type RecallItem =
  & RecalledItem
  & (
    | { type: "memory"; memory: MemoryEntry; fact?: never }
    | { type: "fact"; fact: FactRecord; memory?: never }
  );

/** The hits of each leg, before they were merged. */
export interface RecallSourceBreakdown {
  /** Memories. */
  vector: { count: number; items: MemoryEntry[] };
  /** Facts. */
  facts: { count: number; items: FactRecord[] };
  /** Entities found by walking the graph. */
  graph: { count: number; expandedEntities: string[] };
}

/** An answer. */
export interface RecallResult {
  /** Best first, no id twice. */
  items: RecallItem[];
  /** The hits of each leg. */
  sources: RecallSourceBreakdown;
  /**
   * The items as text for a language model, each with its id in brackets to be cited by, within `maxTokens`; empty when
   * nothing was found, absent with `formatForLLM: false`.
   */
  context?: string;
  /** Hits of all legs, before they were merged and cut. */
  totalResults: number;
  /** Time of the call, in ms. */
  queryTimeMs: number;
  /** Whether walking the graph found anything. */
  graphExpansionApplied: boolean;
}

/** Kept for callers that name it; no method takes it. */
export interface RecallOptions {
  /** Has no effect. */
  syncToGraph?: boolean;
  /** Has no effect. */
  enrichWithGraph?: boolean;
  /** Has no effect. */
  maxEnrichmentDepth?: number;
  /** Has no effect. */
  includeConversation?: boolean;
}
