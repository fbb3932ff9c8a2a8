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
  /** The question's vector. Default: the `embedder` makes one, where there is one. */
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
  /** Items at most. Default: 20. */
  limit?: number;
  /** Adds conversation and messages to each memory. Default: true. */
  includeConversation?: boolean;
  /** Makes `context`. Default: true. */
  formatForLLM?: boolean;
}

/** A memory or a fact that answers. */
export interface RecallItem {
  /** Which of the two. */
  type: "memory" | "fact";
  /** The memory's or the fact's id. */
  id: string;
  /** The text. */
  content: string;
  /** 0 to 1. */
  score: number;
  /** Which leg found it. */
  source: "vector" | "facts" | "graph-expanded";
  /** The tenant it belongs to. */
  tenantId?: string;
  /** The user it is about. */
  userId?: string;
  /** The memory. */
  memory?: MemoryEntry;
  /** The fact. */
  fact?: FactRecord;
  /** What it is connected with. */
  graphContext?: { connectedEntities: string[]; relationshipPath?: string };
  /** The conversation the memory was made of. */
  conversation?: Conversation;
  /** The messages the memory was made of. */
  sourceMessages?: Message[];
}

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
  /** The items as text for a language model; empty when nothing was found, absent with `formatForLLM: false`. */
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
