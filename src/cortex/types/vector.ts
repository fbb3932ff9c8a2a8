/** Inputs and results of `cortex.vector`, and the memory entry that all modules share. */
import type { GraphSyncOption } from "./common.ts";
import type { ExtractMemoryFactsFn } from "./facts.ts";

/** Where a memory comes from. */
export type SourceType = "conversation" | "system" | "tool" | "a2a";

/** Whether the content is what was said or what an application made of it. */
export type ContentType = "raw" | "summarized";

/** The messages a memory was made of. */
export interface ConversationRef {
  /** The conversation. */
  conversationId: string;
  /** Its messages. */
  messageIds: string[];
}

/** The immutable record a memory was made of. */
export interface ImmutableRef {
  /** The record's type. */
  type: string;
  /** The record's id. */
  id: string;
  /** The record's version. */
  version?: number;
}

/** The mutable value a memory was made of, as it was then. */
export interface MutableRef {
  /** The value's namespace. */
  namespace: string;
  /** The value's key. */
  key: string;
  /** The value as it was. */
  snapshotValue: unknown;
  /** When it was read, in ms since the Unix epoch. */
  snapshotAt: number;
}

/** The fact a memory was made of. */
export interface FactsRef {
  /** The fact. */
  factId: string;
  /** The fact's version. */
  version?: number;
}

/** What a caller says of a memory. Further members are stored as they are. */
export interface MemoryMetadata {
  /** 0 to 100. */
  importance: number;
  /** Labels. */
  tags: string[];
  /** Anything else. */
  [key: string]: unknown;
}

/** An earlier state of a memory. */
export interface MemoryVersion {
  /** 1 is the first. */
  version: number;
  /** The text then. */
  content: string;
  /** The vector then. */
  embedding?: number[];
  /** When that state began, in ms since the Unix epoch. */
  timestamp: number;
}

/** A stored memory. */
export interface MemoryEntry {
  /** The row's id. */
  _id: string;
  /** `mem-…`, or the caller's own. */
  memoryId: string;
  /** The space it belongs to. */
  memorySpaceId: string;
  /** The tenant it belongs to. */
  tenantId?: string;
  /** The participant (tool, agent) that stored it. */
  participantId?: string;
  /** The user it is about. */
  userId?: string;
  /** The agent it belongs to. */
  agentId?: string;
  /** The text. */
  content: string;
  /** Said, or made. */
  contentType: ContentType;
  /** The vector, as it was given. */
  embedding?: number[];
  /** Where it comes from. */
  sourceType: SourceType;
  /** The user that said it. */
  sourceUserId?: string;
  /** That user's name. */
  sourceUserName?: string;
  /** When it was said, in ms since the Unix epoch. */
  sourceTimestamp: number;
  /** Who said it. */
  messageRole?: "user" | "agent" | "system";
  /** The messages it was made of. */
  conversationRef?: ConversationRef;
  /** The immutable record it was made of. */
  immutableRef?: ImmutableRef;
  /** The mutable value it was made of. */
  mutableRef?: MutableRef;
  /** The fact it was made of. */
  factsRef?: FactsRef;
  /** 0 to 100. */
  importance: number;
  /** Labels. */
  tags: string[];
  /** The text with added context, searched as well. */
  enrichedContent?: string;
  /** A category that `queryCategory` favours. */
  factCategory?: string;
  /** What the caller stored beside importance and tags. */
  metadata?: Record<string, unknown>;
  /** 1 is the first. */
  version: number;
  /** The latest 50 earlier states. */
  previousVersions: MemoryVersion[];
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
  /** Last access, in ms since the Unix epoch. */
  lastAccessed?: number;
  /** How often it was accessed. */
  accessCount: number;
  /** Similarity of a hit of a search with an embedding, 0 to 1. */
  _score?: number;
}

/** Input of `vector.store` and `memory.store`. */
export interface StoreMemoryInput {
  /** Stored under this id; a second call with it stores nothing and returns the first. Default: a new `mem-…`. */
  memoryId?: string;
  /** The text. */
  content: string;
  /** Said, or made. */
  contentType: ContentType;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** The participant (tool, agent) that stores it. */
  participantId?: string;
  /** The vector, of any length: it is compared with those of the same length, for others come of another model. */
  embedding?: number[];
  /** The user it is about. */
  userId?: string;
  /** The agent it belongs to. */
  agentId?: string;
  /** Who said it. */
  messageRole?: "user" | "agent" | "system";
  /** The text with added context, searched as well. */
  enrichedContent?: string;
  /** A category that `queryCategory` favours. */
  factCategory?: string;
  /** Where it comes from; `timestamp` in ms, default now. */
  source: {
    /** Where it comes from. */
    type: SourceType;
    /** The user that said it. */
    userId?: string;
    /** That user's name. */
    userName?: string;
    /** When it was said, in ms since the Unix epoch. Default: now. */
    timestamp?: number;
  };
  /** The messages it was made of. `memory.store` demands it for the source `conversation`. */
  conversationRef?: ConversationRef;
  /** The immutable record it was made of. */
  immutableRef?: ImmutableRef;
  /** The mutable value it was made of. */
  mutableRef?: MutableRef;
  /** The fact it was made of. */
  factsRef?: FactsRef;
  /** Importance, tags and anything else. */
  metadata: MemoryMetadata;
  /** Finds the facts in the content; used by `memory.store` only. */
  extractFacts?: ExtractMemoryFactsFn;
}

/** Filters of `vector.search`. */
export interface SearchMemoriesOptions {
  /**
   * Searches by similarity instead of by words, among the memories whose vectors are of the same length. Empty means
   * none.
   */
  embedding?: number[];
  /** Said by or about this user. */
  userId?: string;
  /** Any of these labels. */
  tags?: string[];
  /** Where it comes from. */
  sourceType?: SourceType;
  /** 0 to 100, inclusive. */
  minImportance?: number;
  /** Hits at most, up to 1,000. Default: 20. */
  limit?: number;
  /** 0 to 1; with an embedding only. */
  minScore?: number;
  /** Favours memories of this `factCategory`. */
  queryCategory?: string;
}

/** Conditions of `vector.count` and `memory.count`; all must hold. */
export interface CountMemoriesFilter {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** The user it is about. */
  userId?: string;
  /** The participant that stored it. */
  participantId?: string;
  /** Where it comes from. */
  sourceType?: SourceType;
}

/** Conditions and length of `vector.list` and `memory.list`. */
export interface ListMemoriesFilter extends CountMemoriesFilter {
  /** Memories at most. Default: 100. */
  limit?: number;
  /** `memory.list` only: adds the facts of each memory. Default: false. */
  enrichFacts?: boolean;
}

/** What an update changes; what is not given stays. */
export interface MemoryUpdates {
  /** The text. */
  content?: string;
  /** The vector; an empty one takes it away. */
  embedding?: number[];
  /** 0 to 100. */
  importance?: number;
  /** Labels. */
  tags?: string[];
}

/** One version of a memory. */
export interface MemoryVersionRecord {
  /** The memory. */
  memoryId: string;
  /** 1 is the first. */
  version: number;
  /** The text then. */
  content: string;
  /** The vector then. */
  embedding?: number[];
  /** When that version became current, in ms since the Unix epoch. */
  timestamp: number;
}

/** Which memories of a space a bulk operation takes; all conditions must hold. */
export interface MemoriesFilter {
  /** The space. */
  memorySpaceId: string;
  /** The user: in `deleteMany` the one it is about or that said it, in `updateMany` the one it is about. */
  userId?: string;
  /** Where it comes from. */
  sourceType?: SourceType;
}

/** What `updateMany` sets, without a new version. */
export type ManyMemoryUpdates = Pick<MemoryUpdates, "importance" | "tags">;

/** What `vector.deleteMany` deleted. */
export interface DeletedMemories {
  /** Memories that are gone. */
  deleted: number;
  /** Their ids. */
  memoryIds: string[];
}

/** What `vector.updateMany` changed. */
export interface UpdatedMemories {
  /** Memories that were changed. */
  updated: number;
  /** Their ids. */
  memoryIds: string[];
}

/** What `vector.export` exports. */
export interface ExportVectorMemoriesOptions {
  /** The space. */
  memorySpaceId: string;
  /** The user it is about or that said it. */
  userId?: string;
  /** JSON or CSV. */
  format: "json" | "csv";
  /** JSON only: adds the vectors. Default: false. */
  includeEmbeddings?: boolean;
}

/** What `vector.archive` did. */
export interface ArchivedMemory {
  /** Always true. */
  archived: boolean;
  /** The memory. */
  memoryId: string;
  /** Always true. */
  restorable: boolean;
}

/** What `restoreFromArchive` did. */
export interface RestoredMemory {
  /** Always true. */
  restored: boolean;
  /** The memory's id. */
  memoryId: string;
  /** The memory as it now stands. */
  memory: MemoryEntry;
}

/** Options of `vector.store`. */
export type StoreMemoryOptions = GraphSyncOption;

/** Options of `memory.delete` and `vector.delete`. */
export interface DeleteMemoryOptions extends GraphSyncOption {
  /** `memory.delete` only: deletes the facts drawn from it, too. Default: true. */
  cascadeDeleteFacts?: boolean;
}
