/** Inputs and results of `cortex.mutable`. */
import type { GraphSyncOption } from "./common.ts";

/** A value with its user, metadata and dates. */
export interface MutableRecord {
  /** The row's id. */
  _id: string;
  /** Namespace: 1 to 100 letters, digits, `-`, `_`, `.` and `:`. */
  namespace: string;
  /** Name of the value in its namespace: 1 to 255 letters, digits, `-`, `_`, `.`, `:`, `/` and `@`. */
  key: string;
  /** The value. */
  value: unknown;
  /** The tenant it belongs to. */
  tenantId?: string;
  /** The user it belongs to. */
  userId?: string;
  /** Any further data. */
  metadata?: Record<string, unknown>;
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
}

/** Filter of `mutable.count`. All conditions must match; date bounds are exclusive. */
export interface CountMutableFilter {
  /** Namespace of the keys. */
  namespace: string;
  /** Prefix of the keys. */
  keyPrefix?: string | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** The user they belong to. */
  userId?: string | undefined;
  /** Changed after, in ms. */
  updatedAfter?: number | undefined;
  /** Changed before, in ms. */
  updatedBefore?: number | undefined;
}

/** Filter, order and page of `mutable.list`. */
export interface ListMutableFilter extends CountMutableFilter {
  /** 0 to 1000. Default: 100. */
  limit?: number | undefined;
  /** Values to skip. Default: 0. */
  offset?: number | undefined;
  /** `accessCount` is the number of writes. Default: `key`. */
  sortBy?: "key" | "updatedAt" | "accessCount" | undefined;
  /** Default: `asc`. */
  sortOrder?: "asc" | "desc" | undefined;
}

/** Options of `mutable.purgeNamespace`. */
export interface PurgeNamespaceOptions {
  /** Returns what would be deleted, and deletes nothing. Default: false. */
  dryRun?: boolean | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
}

/** What `mutable.purgeNamespace` deleted. */
export interface PurgeNamespaceResult {
  /** Number of values deleted, or that would be. */
  deleted: number;
  /** The namespace. */
  namespace: string;
  /** In a dry run, their keys, at most 1000. */
  keys?: string[];
  /** Whether this was a dry run, in which nothing was deleted. */
  dryRun: boolean;
}

/** Which values `mutable.purgeMany` deletes. All conditions must match. */
export interface PurgeManyFilter {
  /** Namespace of the keys. */
  namespace: string;
  /** Prefix of the keys. */
  keyPrefix?: string | undefined;
  /** The user they belong to. */
  userId?: string | undefined;
  /** Changed before, in ms. */
  updatedBefore?: number | undefined;
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
}

/** What `mutable.purgeMany` deleted. */
export interface PurgeManyMutableResult {
  /** Number of values deleted. */
  deleted: number;
  /** The namespace. */
  namespace: string;
  /** Their keys. */
  keys: string[];
}

/** What `mutable.delete` deleted. */
export interface DeleteMutableResult {
  /** Always true. */
  deleted: boolean;
  /** The namespace. */
  namespace: string;
  /** The key. */
  key: string;
}

/** One operation of a transaction. */
export interface MutableOperation {
  /** What to do. Only `set` makes a value; the others need an existing one. */
  op: "set" | "update" | "delete" | "increment" | "decrement";
  /** Namespace of the key. */
  namespace: string;
  /** Name of the value. */
  key: string;
  /** The new value, for `set` and `update`. */
  value?: unknown | undefined;
  /** Amount, for `increment` and `decrement`. Default: 1. */
  amount?: number | undefined;
}

/** What a transaction did. */
export interface TransactionResult {
  /** Always true. */
  success: boolean;
  /** Number of operations. */
  operationsExecuted: number;
  /** For each operation, the row after it, or `{ deleted, namespace, key }`. */
  results: unknown[];
}

/** What `mutable.set` stores. */
export interface SetMutableInput {
  /** Namespace of the key. */
  namespace: string;
  /** Name of the value. */
  key: string;
  /** Any JSON value. */
  value: unknown;
  /** The tenant. */
  tenantId?: string | undefined;
  /** The user it belongs to. */
  userId?: string | undefined;
  /** Any further data. */
  metadata?: Record<string, unknown> | undefined;
}

/** What `mutable.update` changes. */
export interface UpdateMutableInput {
  /** Namespace of the key. */
  namespace: string;
  /** Name of the value. */
  key: string;
  /** Makes the new value from the current one. */
  updater: (current: unknown) => unknown;
}

/** Options of `mutable.set`. */
export interface SetMutableOptions extends GraphSyncOption {}
/** Options of `mutable.update`. */
export interface UpdateMutableOptions extends GraphSyncOption {}
/** Options of `mutable.delete`. */
export interface DeleteMutableOptions extends GraphSyncOption {}
