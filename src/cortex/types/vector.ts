/** Inputs and results of `cortex.vector`, and the memory entry that all modules share. */
import type { GraphSyncOption } from "./common.ts";
import type { ExtractMemoryFactsFn } from "./facts.ts";

/** Where a memory comes from. */
export type SourceType = "conversation" | "system" | "tool" | "a2a";

/** Whether the content is verbatim, or a summary made by the application. */
export type ContentType = "raw" | "summarized";

/** The messages a memory was made from. */
export interface ConversationRef {
  /** The conversation. */
  conversationId: string;
  /** Its messages. */
  messageIds: string[];
}

/** The immutable record a memory was made from. */
export interface ImmutableRef {
  /** The record's type. */
  type: string;
  /** The record's id. */
  id: string;
  /** The record's version. */
  version?: number | undefined;
}

/** The mutable value a memory was made from, as it was at the time. */
export interface MutableRef {
  /** The value's namespace. */
  namespace: string;
  /** The value's key. */
  key: string;
  /** The value at that time. */
  snapshotValue: unknown;
  /** When it was read, in ms since the Unix epoch. */
  snapshotAt: number;
}

/** The fact a memory was made from. */
export interface FactsRef {
  /** The fact. */
  factId: string;
  /** The fact's version. */
  version?: number | undefined;
}

/** A memory's metadata. Further members are stored as they are. */
export interface MemoryMetadata {
  /** Importance, 0 to 100. */
  importance: number;
  /** Labels. */
  tags: readonly string[];
  /** Any further data. */
  [key: string]: unknown;
}

/** An earlier state of a memory. */
export interface MemoryVersion {
  /** Version number, from 1. */
  version: number;
  /** The text of that version. */
  content: string;
  /** The vector of that version. */
  embedding?: number[];
  /** When that state began, in ms since the Unix epoch. */
  timestamp: number;
}

/** A vector as an argument. It is copied, and returned as an array of numbers. */
export type Embedding = readonly number[] | Float32Array | Float64Array;

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
  /** Raw as said, or summarized. */
  contentType: ContentType;
  /** The vector, as given; `recall` leaves it out. */
  embedding?: number[];
  /** Where it comes from. */
  sourceType: SourceType;
  /** The user who said it. */
  sourceUserId?: string;
  /** That user's name. */
  sourceUserName?: string;
  /** When it was said, in ms since the Unix epoch. */
  sourceTimestamp: number;
  /** Who said it. */
  messageRole?: "user" | "agent" | "system";
  /** The messages it was made from. */
  conversationRef?: ConversationRef;
  /** The immutable record it was made from. */
  immutableRef?: ImmutableRef;
  /** The mutable value it was made from. */
  mutableRef?: MutableRef;
  /** The fact it was made from. */
  factsRef?: FactsRef;
  /** Importance, 0 to 100. */
  importance: number;
  /** Labels. */
  tags: string[];
  /** The text with added context, which is searched as well. */
  enrichedContent?: string;
  /** A category, preferred by searches with the same `queryCategory`. */
  factCategory?: string;
  /** Further metadata, besides importance and tags. */
  metadata?: Record<string, unknown>;
  /** Version number, from 1. */
  version: number;
  /**
   * Up to 50 earlier states, the latest ones. Lists, searches and `recall` leave out their vectors, and return at most
   * 2,000 of them or 4 MiB in all.
   */
  previousVersions: MemoryVersion[];
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
  /** Last access, in ms since the Unix epoch. */
  lastAccessed?: number;
  /** Number of accesses. */
  accessCount: number;
  /**
   * Score of a hit of a search with an embedding, 0 to 1: the cosine similarity, times 1.25 for a user's words, 1.1 for
   * `enrichedContent`, 1.3 for the `queryCategory` and 0.5 for a mere acknowledgement, capped at 1. With `hybrid`, a
   * score as of `recall`, but without facts.
   */
  _score?: number;
}

/** Input of `vector.store` and `memory.store`. */
export interface StoreMemoryInput {
  /** Id to store it under; if it exists, nothing is stored and that memory is returned. Default: a new `mem-…`. */
  memoryId?: string | undefined;
  /** The text. */
  content: string;
  /** Raw as said, or summarized. */
  contentType: ContentType;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The participant (tool, agent) that stores it. */
  participantId?: string | undefined;
  /**
   * The vector, of up to 8,192 numbers. It is only compared with vectors of the same length; others come from another
   * model. `vector.store` takes an empty one for none, `memory.store` refuses it. Lengths 256, 384, 512, 768, 1024,
   * 1536, 2048 and 3072 have a vector index; of any other length, only the newest are compared: up to 5,000, fewer
   * above 186 numbers.
   */
  embedding?: Embedding | undefined;
  /** The user it is about. */
  userId?: string | undefined;
  /** The agent it belongs to. */
  agentId?: string | undefined;
  /** Who said it. */
  messageRole?: "user" | "agent" | "system" | undefined;
  /** The text with added context, which is searched as well. */
  enrichedContent?: string | undefined;
  /** A category, preferred by searches with the same `queryCategory`. */
  factCategory?: string | undefined;
  /** Where it comes from. */
  source: {
    /** Where it comes from. */
    type: SourceType;
    /** The user who said it. */
    userId?: string | undefined;
    /** That user's name. */
    userName?: string | undefined;
    /** When it was said, in ms since the Unix epoch. Default: now. */
    timestamp?: number | undefined;
  };
  /** The messages it was made from. Required by `memory.store` for the source `conversation`. */
  conversationRef?: ConversationRef | undefined;
  /** The immutable record it was made from. */
  immutableRef?: ImmutableRef | undefined;
  /** The mutable value it was made from. */
  mutableRef?: MutableRef | undefined;
  /** The fact it was made from. */
  factsRef?: FactsRef | undefined;
  /** Importance, tags and any further data. */
  metadata: MemoryMetadata;
  /** Finds the facts in the content. Used by `memory.store` only. */
  extractFacts?: ExtractMemoryFactsFn | undefined;
}

/** Filters of `vector.search`. */
export interface SearchMemoriesOptions {
  /**
   * Searches by similarity instead of by words, among memories with vectors of the same length. `vector.search` takes
   * an empty one for none, `memory.search` refuses it.
   */
  embedding?: Embedding | undefined;
  /**
   * Searches by words and by similarity, with the `embedding` or one by the `embedder`, and ranks the hits of both
   * together, as `recall` does; `_score` is then 0 to 1 for hits of either kind. Default: false.
   */
  hybrid?: boolean | undefined;
  /** Only memories by or about this user. */
  userId?: string | undefined;
  /** Only memories with at least one of these labels. */
  tags?: readonly string[] | undefined;
  /** Where it comes from. */
  sourceType?: SourceType | undefined;
  /** Least importance, 0 to 100, inclusive. */
  minImportance?: number | undefined;
  /**
   * Most hits; above 1,000 counts as 1,000, and above 256 as 256 when searching by similarity alone. Default: 20. With
   * many large vectors, the last hits have no `embedding`: a search reads 13 MiB.
   */
  limit?: number | undefined;
  /** Least `_score`, 0 to 1; only with an embedding or `hybrid`. */
  minScore?: number | undefined;
  /** Prefers memories of this `factCategory`; only with an embedding. */
  queryCategory?: string | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
}

/** Conditions of `vector.count` and `memory.count`; all must match. */
export interface CountMemoriesFilter {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The user it is about. */
  userId?: string | undefined;
  /** The participant that stored it. */
  participantId?: string | undefined;
  /** Where it comes from. */
  sourceType?: SourceType | undefined;
}

/** Conditions and limit of `vector.list` and `memory.list`. */
export interface ListMemoriesFilter extends CountMemoriesFilter {
  /** Most memories, 1 or more. Default: 100. */
  limit?: number | undefined;
  /** `memory.list` only: adds the facts of each memory. Default: false. */
  enrichFacts?: boolean | undefined;
}

/** What an update changes; fields you omit stay as they are. */
export interface MemoryUpdates {
  /** The text. */
  content?: string | undefined;
  /** The vector. In `vector.update`, an empty one removes it; `memory.update` refuses it. */
  embedding?: Embedding | undefined;
  /** Importance, 0 to 100. */
  importance?: number | undefined;
  /** Labels. */
  tags?: readonly string[] | undefined;
}

/** One version of a memory. */
export interface MemoryVersionRecord {
  /** The memory. */
  memoryId: string;
  /** Version number, from 1. */
  version: number;
  /** The text of that version. */
  content: string;
  /** The vector of that version. */
  embedding?: number[];
  /** When that version became current, in ms since the Unix epoch. */
  timestamp: number;
}

/** Which memories of a space a bulk operation applies to; all conditions must match. */
export interface MemoriesFilter {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** For `deleteMany`, only memories by or about this user; for `updateMany`, only memories about this user. */
  userId?: string | undefined;
  /** Where it comes from. */
  sourceType?: SourceType | undefined;
}

/** What `updateMany` sets, without a new version. */
export type ManyMemoryUpdates = Pick<MemoryUpdates, "importance" | "tags">;

/** What `vector.deleteMany` deleted. */
export interface DeletedMemories {
  /** Memories deleted. */
  deleted: number;
  /** Their ids. */
  memoryIds: string[];
}

/** What `vector.updateMany` changed. */
export interface UpdatedMemories {
  /** Memories changed. */
  updated: number;
  /** Their ids. */
  memoryIds: string[];
}

/** What `vector.export` exports. */
export interface ExportVectorMemoriesOptions {
  /** The space. */
  memorySpaceId: string;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Only memories by or about this user. */
  userId?: string | undefined;
  /** Format of the text. */
  format: "json" | "csv";
  /** Adds the vectors; JSON only. Default: false. */
  includeEmbeddings?: boolean | undefined;
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
  /** The memory as it is now. */
  memory: MemoryEntry;
}

/** Options of `vector.store`. */
export type StoreMemoryOptions = GraphSyncOption;

/** Options of `memory.delete` and `vector.delete`. */
export interface DeleteMemoryOptions extends GraphSyncOption {
  /** For `memory.delete`: also marks the facts drawn from it as deleted. Default: true. */
  cascadeDeleteFacts?: boolean | undefined;
}
