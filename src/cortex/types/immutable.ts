/** Inputs and results of `cortex.immutable`. */
import type { GraphSyncOption } from "./common.ts";

/** A record to store. */
export interface ImmutableEntry {
  /** Kind of the record: letters, digits, `_`, `.` and `-`. */
  type: string;
  /** Name of the record among those of its type. */
  id: string;
  /** Its data. */
  data: Record<string, unknown>;
  /** The user it belongs to. */
  userId?: string | undefined;
  /** Any further data. */
  metadata?: Record<string, unknown> | undefined;
}

/** A superseded version of a record. */
export interface ImmutableVersion {
  /** Its number. */
  version: number;
  /** The data of that version. */
  data: Record<string, unknown>;
  /** When the version was written, in ms since the Unix epoch. */
  timestamp: number;
  /** Any further data. */
  metadata?: Record<string, unknown>;
}

/** A record as it is now, with its earlier versions. */
export interface ImmutableRecord extends ImmutableEntry {
  /** The row's id. */
  _id: string;
  /** The tenant it belongs to. */
  tenantId?: string;
  /** Version number: 1, then one more with each change. */
  version: number;
  /** Superseded versions, oldest first: the newest 1000, or 20 in lists. */
  previousVersions: ImmutableVersion[];
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
}

/** A version, with type and id of its record. */
export interface ImmutableVersionExpanded {
  /** Kind of the record. */
  type: string;
  /** Name of the record. */
  id: string;
  /** Number of the version. */
  version: number;
  /** The data of that version. */
  data: Record<string, unknown>;
  /** The user it belonged to. */
  userId?: string;
  /** Any further data. */
  metadata?: Record<string, unknown>;
  /** When the version was written, in ms since the Unix epoch. */
  timestamp: number;
  /** When the record was created, in ms since the Unix epoch. */
  createdAt: number;
}

/** Filter of `immutable.list`. */
export interface ListImmutableFilter {
  /** Kind of the records. */
  type?: string | undefined;
  /** The user they belong to. */
  userId?: string | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** 1 or more; above 1,000 counts as 1,000. Default: 50. */
  limit?: number | undefined;
}

/** What `immutable.search` looks for. */
export interface SearchImmutableInput {
  /** Part of the data as JSON text, ignoring case and accents. */
  query: string;
  /** Kind of the records. */
  type?: string | undefined;
  /** The user they belong to. */
  userId?: string | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** 1 or more; above 1,000 counts as 1,000. Default: 10. */
  limit?: number | undefined;
}

/** A record that was found. */
export interface ImmutableSearchResult {
  /** The record. */
  entry: ImmutableRecord;
  /** Always 1. */
  score: number;
  /** Up to three excerpts around the matches. */
  highlights: string[];
}

/** Filter of `immutable.count`. */
export interface CountImmutableFilter {
  /** Kind of the records. */
  type?: string | undefined;
  /** The user they belong to. */
  userId?: string | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
}

/** What `immutable.purge` deleted. */
export interface PurgeImmutableResult {
  /** Always true. */
  deleted: boolean;
  /** Kind of the record. */
  type: string;
  /** Name of the record. */
  id: string;
  /** Versions deleted, the current one included. */
  versionsDeleted: number;
}

/** What `immutable.purgeMany` deleted. */
export interface PurgeManyImmutableResult {
  /** Records deleted. */
  deleted: number;
  /** Versions deleted, the current ones included. */
  totalVersionsDeleted: number;
  /** Type and id of each record. */
  entries: Array<{ type: string; id: string }>;
}

/** What `immutable.purgeVersions` deleted. */
export interface PurgeVersionsResult {
  /** Versions deleted. */
  versionsPurged: number;
  /** Versions that remain, the current one included. */
  versionsRemaining: number;
}

/** Options of `immutable.store`. */
export interface StoreImmutableOptions extends GraphSyncOption {}
/** Options of a change. */
export interface UpdateImmutableOptions extends GraphSyncOption {}
/** Options of `immutable.purge`. */
export interface DeleteImmutableOptions extends GraphSyncOption {}
