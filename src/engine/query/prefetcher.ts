import { committedDocument } from "../documents/documents.ts";
import type { Table } from "../schema/catalog.ts";
import type { Match } from "../search/top_matches.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Documents that are prefetched together: few at first, since many readers take no more. */
const FIRST_AHEAD = 4;
const MOST_AHEAD = 64;

/**
 * Prefetches the documents of matches. In a large set each of them is a cache miss; touched one right after the other,
 * their misses overlap.
 */
export class Prefetcher {
  readonly #transaction: Transaction;
  readonly #table: Table;
  /** Rank of the last match whose document was prefetched. */
  #reached = 0;
  #step = FIRST_AHEAD;

  /** Prefetches nothing yet. */
  constructor(transaction: Transaction, table: Table) {
    this.#transaction = transaction;
    this.#table = table;
  }

  /** Prefetches the document of the match with a rank, counted from 1, and some after it, unless that is done. */
  reach(matches: readonly Match[], rank: number): void {
    if (rank <= this.#reached) return;
    this.#reached = rank - 1 + this.#step;
    this.#step = Math.min(MOST_AHEAD, this.#step * 4);
    this.#prefetch(matches.slice(rank - 1, this.#reached));
  }

  #prefetch(matches: readonly Match[]): void {
    try {
      const found = matches.map(({ id }) =>
        committedDocument(this.#transaction, this.#table, id)
      );
      for (const document of found) {
        // Touches the document. It is empty if another has driven it out of the cache.
        if (document?.isKept && !document.isThere) return;
      }
    } catch {
      // The error is left to the reader that reaches the row, if any does.
    }
  }
}
