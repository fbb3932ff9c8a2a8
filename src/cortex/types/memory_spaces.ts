/** Inputs and results of `cortex.memorySpaces`. */
import type { GraphSyncOption } from "./common.ts";

/** Whose space it is. */
export type MemorySpaceType = "personal" | "team" | "project" | "custom";
/** Whether a space takes new data. */
export type MemorySpaceStatus = "active" | "archived";

/** Who takes part in a space. */
export interface SpaceParticipant {
  /** The user, agent or tool. */
  id: string;
  /** What it is, such as `user`, `agent` or `tool`. */
  type: string;
  /** Since when, in ms since the Unix epoch. */
  joinedAt: number;
}

/** A registered space. */
export interface MemorySpace {
  /** The row's id. */
  _id: string;
  /** The space's id. */
  memorySpaceId: string;
  /** The tenant it belongs to. */
  tenantId?: string;
  /** How it is called. */
  name?: string;
  /** Whose space it is. */
  type: MemorySpaceType;
  /** Who takes part. */
  participants: SpaceParticipant[];
  /** Anything else. */
  metadata: Record<string, unknown>;
  /** Whether it takes new data. */
  status: MemorySpaceStatus;
  /** Registration, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
}

/** Input of `memorySpaces.register`. */
export interface RegisterMemorySpaceParams {
  /** 1 to 128 letters, digits, `_` and `-`. */
  memorySpaceId: string;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** 1 to 200 characters. */
  name?: string;
  /** Whose space it is. */
  type: MemorySpaceType;
  /** Who takes part; from now on unless given. */
  participants?: Array<{ id: string; type: string; joinedAt?: number }>;
  /** Anything else. */
  metadata?: Record<string, unknown>;
}

/** Filter, order and page of `memorySpaces.list`. All conditions must hold. */
export interface ListMemorySpacesFilter {
  /** Whose space it is. */
  type?: MemorySpaceType;
  /** Whether it takes new data. Default: both. */
  status?: MemorySpaceStatus;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** Id of somebody who takes part. */
  participant?: string;
  /** 1 to 1000. Default: 100. */
  limit?: number;
  /** Spaces to pass over. Default: 0. */
  offset?: number;
  /** Spaces without a name come last. Default: `createdAt`. */
  sortBy?: "createdAt" | "updatedAt" | "name";
  /** Default: `desc`. */
  sortOrder?: "asc" | "desc";
}

/** A page of spaces. */
export interface ListMemorySpacesResult {
  /** The page. */
  spaces: MemorySpace[];
  /** All that match, before paging. */
  total: number;
  /** Whether more follow. */
  hasMore: boolean;
  /** The offset that was applied. */
  offset: number;
}

/** Changes of `memorySpaces.update`. */
export interface MemorySpaceUpdates {
  /** 1 to 200 characters. */
  name?: string;
  /** Replaces the metadata as a whole. */
  metadata?: Record<string, unknown>;
  /** Whether it takes new data. */
  status?: MemorySpaceStatus;
}

/** Who leaves a space, and who joins it. */
export interface ParticipantUpdates {
  /** Who joins; those that take part already are kept as they are. */
  add?: Array<{ id: string; type: string; joinedAt: number }>;
  /** Ids of those who leave. */
  remove?: string[];
}

/** Options of `memorySpaces.archive`. */
export interface ArchiveMemorySpaceOptions {
  /** Why; goes into the metadata as `archiveReason`. */
  reason?: string;
  /** Merged into the metadata. */
  metadata?: Record<string, unknown>;
}

/** Options of `memorySpaces.delete`. */
export interface DeleteMemorySpaceOptions {
  /** Must be true: a space goes with all it holds. */
  cascade: boolean;
  /** Why. */
  reason: string;
  /** The space's id once more, so that none is deleted by mistake. */
  confirmId?: string;
  /** Whether its nodes leave the graph, too. Default: true. */
  syncToGraph?: boolean;
}

/** What `memorySpaces.delete` deleted. */
export interface DeleteMemorySpaceResult {
  /** The space. */
  memorySpaceId: string;
  /** Always true. */
  deleted: true;
  /** Rows that are gone, and their bytes. */
  cascade: {
    conversationsDeleted: number;
    memoriesDeleted: number;
    factsDeleted: number;
    totalBytes: number;
  };
  /** Why. */
  reason: string;
  /** When, in ms since the Unix epoch. */
  deletedAt: number;
}

/** Options of `memorySpaces.getStats`. */
export interface GetMemorySpaceStatsOptions {
  /** Also counts what was made within this time before now; `all` counts nothing besides. */
  timeWindow?: "24h" | "7d" | "30d" | "90d" | "all";
  /** Also tells who is active. Default: false. */
  includeParticipants?: boolean;
}

/** What a participant has done in a space. */
export interface ParticipantActivity {
  /** The participant, the agent, or `unknown`. */
  participantId: string;
  /** Memories. */
  memoriesStored: number;
  /** Conversations. */
  conversationsStored: number;
  /** Facts. */
  factsExtracted: number;
  /** First of them, in ms since the Unix epoch. */
  firstActive: number;
  /** Last change of them, in ms since the Unix epoch. */
  lastActive: number;
  /** Mean importance of the memories, rounded. */
  avgImportance: number;
  /** At most 5 tags of the memories, the most frequent first. */
  topTags: string[];
}

/** What a space holds. */
export interface MemorySpaceStats {
  /** The space. */
  memorySpaceId: string;
  /** Memories. */
  totalMemories: number;
  /** Conversations. */
  totalConversations: number;
  /** Facts, neither superseded nor deleted. */
  totalFacts: number;
  /** Messages. */
  totalMessages: number;
  /** Memories made within the time window; absent without one. */
  memoriesThisWindow?: number;
  /** Conversations made within the time window; absent without one. */
  conversationsThisWindow?: number;
  /** Bytes that are stored; messages count with their conversations, embeddings and versions with their memories. */
  storage: {
    conversationsBytes: number;
    memoriesBytes: number;
    factsBytes: number;
    totalBytes: number;
  };
  /** Not measured. */
  avgSearchTime?: string;
  /** At most 10 tags of the memories, the most frequent first. */
  topTags: string[];
  /** Memories by importance: from 90, 70, 40, 10, and below. */
  importanceBreakdown: {
    critical: number;
    high: number;
    medium: number;
    low: number;
    trivial: number;
  };
  /** Who is active, from the newest 10,000 rows of each kind. */
  participants?: ParticipantActivity[];
}

/** Options of `memorySpaces.register`. */
export interface RegisterMemorySpaceOptions extends GraphSyncOption {}
/** Options of `memorySpaces.update`. */
export interface UpdateMemorySpaceOptions extends GraphSyncOption {}
/** Options of `memorySpaces.delete`. */
export interface UnregisterMemorySpaceOptions extends GraphSyncOption {}
