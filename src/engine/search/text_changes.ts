import type { TextStatistics } from "./bm25.ts";
import { ROW_PREFIX_LENGTH } from "../keys.ts";
import { parseTextRow, type TextRow } from "./text_row.ts";

/** A document whose row in the index a transaction has changed. */
interface Change {
  id: string;
  /** Its row now. */
  row: string | undefined;
  before: TextRow | undefined;
  after: TextRow | undefined;
}

/**
 * What a transaction has changed in a text index and not committed yet. Kept from one search to the next, so that each
 * reads only the rows written since.
 */
export class TextChanges {
  /** Ids of the changed documents. */
  readonly ids: Set<string> = new Set();
  readonly #changes: Map<string, Change> = new Map();
  /** By how many documents more have each term. */
  readonly #counts: Map<string, number> = new Map();
  /** The changed documents that have each term now. */
  readonly #having: Map<string, Map<string, TextRow>> = new Map();
  #documents = 0;
  #words = 0;

  /** Follows the changed rows, by key; undefined for one that is removed. `committed` gives the row of before. */
  follow(
    rows: ReadonlyMap<string, string | undefined>,
    committed: (key: string) => string | undefined,
  ): void {
    for (const [key, row] of rows) {
      const known = this.#changes.get(key);
      if (known !== undefined && known.row === row) continue;
      const id = known?.id ?? key.slice(ROW_PREFIX_LENGTH);
      const before = known ? known.before : parse(id, committed(key));
      if (known) this.#forget(key, known);
      this.#note(key, { id, row, before, after: parse(id, row) });
    }
    if (this.#changes.size === rows.size) return;
    // Others were rolled back.
    for (const [key, change] of this.#changes) {
      if (!rows.has(key)) this.#forget(key, change);
    }
  }

  /** The totals of the index with the changes. */
  adjusted({ documents, words }: TextStatistics): TextStatistics {
    return {
      documents: documents + this.#documents,
      words: words + this.#words,
    };
  }

  /** By how many documents more have a term. */
  countOf(term: string): number {
    return this.#counts.get(term) ?? 0;
  }

  /** Terms that a changed document has or had. */
  terms(): IterableIterator<string> {
    return this.#counts.keys();
  }

  /** The changed documents that have one of some terms now. */
  having(terms: Iterable<string>): Map<string, TextRow> {
    const found = new Map<string, TextRow>();
    for (const term of terms) {
      this.#having.get(term)?.forEach((row, id) => found.set(id, row));
    }
    return found;
  }

  #note(key: string, change: Change): void {
    const { id, after } = change;
    this.#changes.set(key, change);
    this.ids.add(id);
    this.#count(change, 1);
    for (const term of after?.counts.keys() ?? []) {
      const having = this.#having.get(term);
      if (having) having.set(id, after!);
      else this.#having.set(term, new Map([[id, after!]]));
    }
  }

  #forget(key: string, change: Change): void {
    const { id, after } = change;
    this.#changes.delete(key);
    this.ids.delete(id);
    this.#count(change, -1);
    for (const term of after?.counts.keys() ?? []) {
      this.#having.get(term)?.delete(id);
    }
  }

  /** Adds what a change adds to the totals, or takes that back. */
  #count({ before, after }: Change, sign: 1 | -1): void {
    for (const [row, by] of [[before, -sign], [after, sign]] as const) {
      if (row === undefined) continue;
      this.#documents += by;
      this.#words += by * row.length;
      for (const term of row.counts.keys()) {
        this.#counts.set(term, this.countOf(term) + by);
      }
    }
  }
}

function parse(id: string, row: string | undefined): TextRow | undefined {
  return row === undefined ? undefined : parseTextRow(id, row);
}
