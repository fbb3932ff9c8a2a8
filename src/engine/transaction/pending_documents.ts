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

/** Documents that a transaction has written and that wait for its timestamp. */
export class PendingDocuments {
  readonly #tables: Map<string, Table> = new Map();
  readonly #placeholder: object;

  /** Takes the placeholder that the transaction's functions get. */
  constructor(placeholder: object) {
    this.#placeholder = placeholder;
  }

  /** Notes that a document was written, by the key of its row. */
  add(key: string, table: Table): void {
    this.#tables.set(key, table);
  }

  /** Whether a document may have been written with a placeholder. */
  has(key: string): boolean {
    return this.#tables.has(key);
  }

  /** The document of such a row. */
  read(row: string): Document {
    return pendingToValue(JSON.parse(row), this.#placeholder) as Document;
  }

  /** Puts the timestamp in place, in the documents and in their indexes. */
  resolve(rows: Overlay, ts: bigint): void {
    for (const [key, table] of this.#tables) {
      const row = rows.get(key);
      // Rolled back, removed, or written again.
      if (row === undefined || !isPendingRow(row)) continue;
      const before = this.read(row);
      const after = withCommitTs(before, ts);
      rows.put(key, withTsInRow(row, ts));
      updateIndexRows(rows, table, before._id, before, after);
    }
  }
}
