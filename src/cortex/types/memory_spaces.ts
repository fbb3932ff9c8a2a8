/** Inputs and results of `cortex.memorySpaces`. */
import type { GraphSyncOption } from "./common.ts";

/** Who the space is for. */
export type MemorySpaceType = "personal" | "team" | "project" | "custom";
/** Whether a space accepts new data. */
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
  /** Its display name. */
  name?: string;
  /** Who the space is for. */
  type: MemorySpaceType;
  /** Who takes part. */
  participants: SpaceParticipant[];
  /** Any further data. */
  metadata: Record<string, unknown>;
  /** Whether it accepts new data. */
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
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** 1 to 200 characters. */
  name?: string | undefined;
  /** Who the space is for. */
  type: MemorySpaceType;
  /** Who takes part; `joinedAt` defaults to now. */
  participants?:
    | Array<{ id: string; type: string; joinedAt?: number | undefined }>
    | undefined;
  /** Any further data. */
  metadata?: Record<string, unknown> | undefined;
}

/** Filter, order and page of `memorySpaces.list`. All conditions must match. */
export interface ListMemorySpacesFilter {
  /** Who the space is for. */
  type?: MemorySpaceType | undefined;
  /** Whether it accepts new data. Default: both. */
  status?: MemorySpaceStatus | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Id of a participant. */
  participant?: string | undefined;
  /** 1 to 1000. Default: 100. */
  limit?: number | undefined;
  /** Spaces to skip. Default: 0. */
  offset?: number | undefined;
  /** Spaces without a name come last. Default: `createdAt`. */
  sortBy?: "createdAt" | "updatedAt" | "name" | undefined;
  /** Default: `desc`. */
  sortOrder?: "asc" | "desc" | undefined;
}

/** A page of spaces. */
export interface ListMemorySpacesResult {
  /** The page. */
  spaces: MemorySpace[];
  /** Number of spaces that match, before paging. */
  total: number;
  /** Whether more follow. */
  hasMore: boolean;
  /** The offset that was applied. */
  offset: number;
}

/** Changes of `memorySpaces.update`. */
export interface MemorySpaceUpdates {
  /** 1 to 200 characters. */
  name?: string | undefined;
  /** The new metadata, replacing the old as a whole. */
  metadata?: Record<string, unknown> | undefined;
  /** Whether it accepts new data. */
  status?: MemorySpaceStatus | undefined;
}

/**
 * Who leaves a space, and who joins it; at most 1,000 of each. A space has at most 8,192 participants. More reject with
 * `LIMIT_EXCEEDED`.
 */
export interface ParticipantUpdates {
  /** Who joins; existing participants are kept as they are. */
  add?:
    | ReadonlyArray<{ id: string; type: string; joinedAt: number }>
    | undefined;
  /** Ids of the participants to remove. */
  remove?: readonly string[] | undefined;
}

/** Options of `memorySpaces.archive`. */
export interface ArchiveMemorySpaceOptions {
  /** The reason, stored in the metadata as `archiveReason`. */
  reason?: string | undefined;
  /** Merged into the metadata. */
  metadata?: Record<string, unknown> | undefined;
}

/** Options of `memorySpaces.delete`. */
export interface DeleteMemorySpaceOptions {
  /** Must be true: a space is deleted with everything in it. */
  cascade: boolean;
  /** Why. */
  reason: string;
  /** The space's id once more, to prevent mistakes. */
  confirmId?: string | undefined;
  /** Whether its nodes are also removed from the graph. Default: true. */
  syncToGraph?: boolean | undefined;
}

/** What `memorySpaces.delete` deleted. */
export interface DeleteMemorySpaceResult {
  /** The space. */
  memorySpaceId: string;
  /** Always true. */
  deleted: true;
  /** Rows deleted, and their bytes as `getStats` counts them. */
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
  /** Also counts what was created within this time before now; `all` adds nothing. */
  timeWindow?: "24h" | "7d" | "30d" | "90d" | "all" | undefined;
  /** Also reports who is active. Default: false. */
  includeParticipants?: boolean | undefined;
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
  /** Time of the first of these, in ms since the Unix epoch. */
  firstActive: number;
  /** Time of the last change to these, in ms since the Unix epoch. */
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
  /** Facts, neither superseded, deleted nor archived. */
  totalFacts: number;
  /** Messages. */
  totalMessages: number;
  /** Memories created within the time window; absent without one. */
  memoriesThisWindow?: number;
  /** Conversations created within the time window; absent without one. */
  conversationsThisWindow?: number;
  /**
   * Bytes stored; messages count towards their conversations, embeddings and versions towards their memories. Facts that
   * are superseded, deleted or archived do not count.
   */
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
  /** Memories by importance: critical from 90, high from 70, medium from 40, low from 10, trivial below. */
  importanceBreakdown: {
    critical: number;
    high: number;
    medium: number;
    low: number;
    trivial: number;
  };
  /** Who is active, from the newest 10,000 rows of each kind; those who stored the most memories come first. */
  participants?: ParticipantActivity[];
}

/** Options of `memorySpaces.register`. */
export interface RegisterMemorySpaceOptions extends GraphSyncOption {}
/** Options of `memorySpaces.update`. */
export interface UpdateMemorySpaceOptions extends GraphSyncOption {}
/** Options of `memorySpaces.delete`. */
export interface UnregisterMemorySpaceOptions extends GraphSyncOption {}
