/** Types of exports and imports of everything. */
import type { CallControls, Progress, WriteControls } from "./common.ts";

/** How far an export or an import has come. */
export interface TransferProgress extends Progress {
  /** Where an export goes on that is started again with `from`; absent before the first. */
  checkpoint?: string;
}

/** Who is told how far it has come. */
export interface TransferControls {
  /** Called after each part. What it throws ends the job. */
  onProgress?: (progress: TransferProgress) => void;
}

/** Options of `exportAll`. */
export interface ExportAllOptions extends CallControls, TransferControls {
  /** The tenant, where `auth` names none. */
  tenantId?: string;
  /** Checkpoint of an export that was given up: the rows after it. Default: from the start. */
  from?: string;
}

/** Options of `importAll`. */
export interface ImportAllOptions extends WriteControls, TransferControls {
  /** The tenant that gets the rows, where `auth` names none. */
  tenantId?: string;
}

/** What an import did. */
export interface ImportAllResult {
  /** Rows stored. */
  imported: number;
  /** Rows that were there already, or that belong to a row which is not there. */
  skipped: number;
  /** Rows stored, by table. */
  tables: Record<string, number>;
  /** Whether the end of an export was read; false when the text breaks off. */
  complete: boolean;
}

/** Where an import reads: text or UTF-8 in pieces of any length, such as a file, a response's body, or an export. */
export type ImportSource =
  | string
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;
