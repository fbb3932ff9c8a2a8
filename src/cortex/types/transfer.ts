/** Types of `exportAll` and `importAll`. */
import type { CallControls, Progress, WriteControls } from "./common.ts";

/** Progress of an export or an import. */
export interface TransferProgress extends Progress {
  /** Pass this as `from` to a later export to resume here; absent before the first checkpoint. */
  checkpoint?: string;
}

/** Reports the progress of an export or an import. */
export interface TransferControls {
  /** Called after each part. If it throws, the job ends. */
  onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** Options of `exportAll`. */
export interface ExportAllOptions extends CallControls, TransferControls {
  /** The tenant, unless `auth` names one. */
  tenantId?: string | undefined;
  /** Checkpoint of an interrupted export, to get only the rows after it. Default: from the start. */
  from?: string | undefined;
}

/**
 * Options of `importAll`, which may be repeated without an `idempotencyKey`, and then stores again what was deleted since;
 * a repeat with its key only tells what the first call stored.
 */
export interface ImportAllOptions extends WriteControls, TransferControls {
  /** The tenant that receives the rows, unless `auth` names one. */
  tenantId?: string | undefined;
}

/** What an import did. */
export interface ImportAllResult {
  /** Rows stored. */
  imported: number;
  /** Rows that existed already, or that belong to a row which does not exist. */
  skipped: number;
  /**
   * Number of conflicts: skipped rows whose content is not stored here because another row has their key, and erasures
   * that do not continue here.
   */
  conflicting: number;
  /** The first 1,000 conflicts. */
  conflicts: ImportConflict[];
  /** Rows stored, by table. */
  tables: Record<string, number>;
  /** Whether the end of the export was read; false if lines are missing. A text cut off within a line is refused. */
  complete: boolean;
}

/** A row that an import skipped although its content is not stored here, or an erasure that does not continue here. */
export interface ImportConflict {
  /** Number of the line in the source, from 1; in JSON of `users.export`, of the row. */
  line: number;
  /** Table of the row, such as `messages`. */
  table: string;
  /** The row's ids and version, such as `{ conversationId: "c-1", id: "m-1" }`. */
  key: Record<string, string | number>;
  /**
   * `differs`: the row stored here under this key has other content, and never had the imported one. `owner`: the row
   * that it belongs to, such as a message's conversation, is not here, or another row has its id. `erasing`: the
   * erasure of a user, an agent or a space was under way during the export. Here it is recorded as failed, and what it
   * had not erased yet is imported, so repeat the deletion here.
   */
  reason: "differs" | "owner" | "erasing";
}

/**
 * What an import reads: text or UTF-8 bytes, whole or in pieces of any length, such as a file, a response body or an
 * export. If the pieces are lines, they must keep their line ends, which `node:readline` removes.
 */
export type ImportSource =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;
