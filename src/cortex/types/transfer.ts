/** Types of exports and imports of everything. */
import type { CallControls, Progress, WriteControls } from "./common.ts";

/** Progress of an export or an import. */
export interface TransferProgress extends Progress {
  /** Where a later export resumes when given this as `from`; absent before the first checkpoint. */
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

/** Options of `importAll`. */
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
  /** Rows stored, by table. */
  tables: Record<string, number>;
  /** Whether the end of the export was read; false if the text breaks off. */
  complete: boolean;
}

/**
 * What an import reads: text, or UTF-8 bytes, at once or in pieces of any length, such as a file, a response body or an
 * export.
 */
export type ImportSource =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;
