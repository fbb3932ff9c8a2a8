import type { Origin, Origins } from "../../values/copy_plain.ts";
import type { StoredDocument } from "./document_cache.ts";
import type { Document } from "./fields.ts";

/** Most copies recorded: functions that read more usually do not return it all unchanged. */
const MAX_COPIES = 1024;
/** After so many objects in a row that are no copies, the result is assumed to contain none. */
const MAX_MISSES = 8;

/** Copies and their originals. */
export interface Batch {
  /** The copies. */
  copies: Document[];
  /** The stored document of each. */
  stored: StoredDocument[];
}

/**
 * Copies of stored documents handed to a transaction's functions, in order. Most functions return them unchanged, and
 * copying a result then need not validate stored documents again.
 */
export class DocumentCopies implements Origins {
  readonly #batches: Batch[] = [];
  /** Copies recorded one by one. */
  #singles: Batch | undefined;
  #size = 0;
  #misses = 0;
  /** The batch in which the last copy was found, and the index after it. */
  #batch: Batch | undefined;
  #next = 0;

  /** Records copies. */
  add(batch: Batch): void {
    if (batch.copies.length === 0 || this.#size >= MAX_COPIES) return;
    this.#size += batch.copies.length;
    this.#batches.push(batch);
    this.#batch ??= batch;
    this.#misses = 0;
  }

  /** Records one copy. */
  addOne(copy: Document, stored: StoredDocument): void {
    const singles = this.#singles;
    if (singles === undefined) {
      this.add(this.#singles = { copies: [copy], stored: [stored] });
    } else if (this.#size < MAX_COPIES) {
      this.#size++;
      singles.copies.push(copy);
      singles.stored.push(stored);
      this.#misses = 0;
    }
  }

  /** See `Origins`. */
  originOf(copy: object): Origin | undefined {
    const batch = this.#batch;
    if (batch === undefined) return undefined;
    if (batch.copies[this.#next] === copy || this.#find(copy)) {
      const stored = this.#batch!.stored[this.#next++]!;
      this.#misses = 0;
      // The cache may have dropped the document since.
      return stored.value === undefined ? undefined : stored;
    }
    this.#misses++;
    return undefined;
  }

  #find(copy: object): boolean {
    if (this.#misses >= MAX_MISSES) return false;
    for (const batch of this.#batches) {
      const copies: object[] = batch.copies;
      const found = copies.indexOf(copy);
      if (found < 0) continue;
      this.#batch = batch;
      this.#next = found;
      return true;
    }
    return false;
  }
}
