/** Inputs and results of `cortex.mutable`. */
import type { GraphSyncOption } from "./common.ts";

/** A value and what is known of it. */
export interface MutableRecord {
  /** The row's id. */
  _id: string;
  /** Where the key belongs: 1 to 100 letters, digits, `-`, `_`, `.` and `:`. */
  namespace: string;
  /** Name of the value in its namespace: 1 to 255 letters, digits, `-`, `_`, `.`, `:`, `/` and `@`. */
  key: string;
  /** The value. */
  value: unknown;
  /** The tenant it belongs to. */
  tenantId?: string;
  /** The user it belongs to. */
  userId?: string;
  /** Anything else. */
  metadata?: Record<string, unknown>;
  /** Creation, in ms since the Unix epoch. */
  createdAt: number;
  /** Last change, in ms since the Unix epoch. */
  updatedAt: number;
}

/** Filter of `mutable.count`. All conditions must hold; date bounds are strict. */
export interface CountMutableFilter {
  /** Where the keys belong. */
  namespace: string;
  /** Beginning of the keys. */
  keyPrefix?: string;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** The user they belong to. */
  userId?: string;
  /** Changed after, in ms. */
  updatedAfter?: number;
  /** Changed before, in ms. */
  updatedBefore?: number;
}

/** Filter, order and page of `mutable.list`. */
export interface ListMutableFilter extends CountMutableFilter {
  /** 0 to 1000. Default: 100. */
  limit?: number;
  /** Values to pass over. Default: 0. */
  offset?: number;
  /** `accessCount` is the number of writes. Default: `key`. */
  sortBy?: "key" | "updatedAt" | "accessCount";
  /** Default: `asc`. */
  sortOrder?: "asc" | "desc";
}

/** Options of `mutable.purgeNamespace`. */
export interface PurgeNamespaceOptions {
  /** Tell what would be deleted, and delete nothing. Default: false. */
  dryRun?: boolean;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
}

/** What `mutable.purgeNamespace` deleted. */
export interface PurgeNamespaceResult {
  /** Values that are gone, or would be. */
  deleted: number;
  /** The namespace. */
  namespace: string;
  /** In a dry run: their keys, 1000 at most. */
  keys?: string[];
  /** Whether nothing was deleted. */
  dryRun: boolean;
}

/** Which values `mutable.purgeMany` deletes. All conditions must hold. */
export interface PurgeManyFilter {
  /** Where the keys belong. */
  namespace: string;
  /** Beginning of the keys. */
  keyPrefix?: string;
  /** The user they belong to. */
  userId?: string;
  /** Changed before, in ms. */
  updatedBefore?: number;
  /** The tenant, where `auth` names none. */
  tenantId?: string;
}

/** What `mutable.purgeMany` deleted. */
export interface PurgeManyMutableResult {
  /** How many. */
  deleted: number;
  /** The namespace. */
  namespace: string;
  /** Which. */
  keys: string[];
}

/** That a value was deleted. */
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
  /** What to do. */
  op: "set" | "update" | "delete" | "increment" | "decrement";
  /** Where the key belongs. */
  namespace: string;
  /** Name of the value. */
  key: string;
  /** The value of `set` and `update`. */
  value?: unknown;
  /** By how much. Default: 1. */
  amount?: number;
}

/** What a transaction did. */
export interface TransactionResult {
  /** Always true. */
  success: boolean;
  /** Number of operations. */
  operationsExecuted: number;
  /** For each operation the row after it, or `{deleted, namespace, key}`. */
  results: unknown[];
}

/** What `mutable.set` stores. */
export interface SetMutableInput {
  /** Where the key belongs. */
  namespace: string;
  /** Name of the value. */
  key: string;
  /** Anything that is JSON. */
  value: unknown;
  /** The tenant. */
  tenantId?: string;
  /** The user it belongs to. */
  userId?: string;
  /** Anything else. */
  metadata?: Record<string, unknown>;
}

/** What `mutable.update` changes. */
export interface UpdateMutableInput {
  /** Where the key belongs. */
  namespace: string;
  /** Name of the value. */
  key: string;
  /** Makes the new value out of the present one. */
  updater: (current: unknown) => unknown;
}

/** Options of `mutable.set`. */
export interface SetMutableOptions extends GraphSyncOption {}
/** Options of `mutable.update`. */
export interface UpdateMutableOptions extends GraphSyncOption {}
/** Options of `mutable.delete`. */
export interface DeleteMutableOptions extends GraphSyncOption {}
