import type { Document } from "../rows/fields.ts";
import {
  isPendingRow,
  pendingToValue,
  withCommitTs,
  withTsInRow,
} from "../rows/commit_ts.ts";
import type { Table } from "../schema/catalog.ts";
import { updateIndexRows } from "./index_rows.ts";
import type { Overlay } from "./overlay.ts";

/** Documents that a transaction has written with a placeholder for the timestamp of its commit. */
export class PendingDocuments {
  readonly #tables: Map<string, Table> = new Map();
  readonly #placeholder: object;

  /** `placeholder` is what the transaction's functions get as `ctx.db.vars.commitTs`. */
  constructor(placeholder: object) {
    this.#placeholder = placeholder;
  }

  /** Records that a document was written, by the key of its row. */
  add(key: string, table: Table): void {
    this.#tables.set(key, table);
  }

  /** Whether a document may have been written with a placeholder. */
  has(key: string): boolean {
    return this.#tables.has(key);
  }

  /** Parses the row of such a document. */
  read(row: string): Document {
    return pendingToValue(JSON.parse(row), this.#placeholder) as Document;
  }

  /** Replaces the placeholders by the timestamp, in the documents and in their index rows. */
  resolve(rows: Overlay, ts: bigint): void {
    for (const [key, table] of this.#tables) {
      const row = rows.get(key);
      // The write was rolled back, or the document removed or written again.
      if (row === undefined || !isPendingRow(row)) continue;
      const before = this.read(row);
      const after = withCommitTs(before, ts);
      rows.put(key, withTsInRow(row, ts));
      updateIndexRows(rows, table, before._id, before, after);
    }
  }
}
