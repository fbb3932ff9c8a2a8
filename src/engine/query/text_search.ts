import { readDocument } from "../documents/documents.ts";
import type { QueryPlan } from "../plan/query_plan.ts";
import type { Row, RowBounds } from "../plan/query_rows.ts";
import type { Table } from "../schema/catalog.ts";
import type { Match } from "../search/top_matches.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { Prefetcher } from "./prefetcher.ts";
import { rankMatches } from "./rank_matches.ts";
import { scannedTooMany } from "./search_errors.ts";
import { openSearch, type TextSearch } from "./text_search_arguments.ts";

/** Documents that are ranked at first when it is not known how many are wanted: few readers want more. */
const FIRST_MATCHES = 256;

/**
 * Documents of a text search, best first, lazily. At most 1024 are ranked; reading on after having read all of these
 * throws `LIMIT_EXCEEDED`, as on Convex, while a later page ends there.
 */
export function* searchRows(
  transaction: Transaction,
  table: Table | undefined,
  plan: QueryPlan,
  bounds: RowBounds | undefined,
  wanted: number | undefined,
): IterableIterator<Row> {
  const search = openSearch(transaction, table, plan);
  if (!search) return;
  const { after, upTo } = bounds ?? {};
  // How many matches lie before a position is only known once they are ranked.
  const most = after === undefined || wanted === undefined ? wanted : Infinity;
  const ranking = new Ranking(transaction, search, most);
  const prefetcher = new Prefetcher(transaction, search.table);
  for (let rank = 0;; rank++) {
    if (rank === ranking.limit && after === undefined) {
      // Even if nothing follows.
      throw scannedTooMany(rank);
    }
    const match = ranking.at(rank);
    if (match === undefined) return;
    const position = bounds ? positionOf(match) : "";
    if (after !== undefined && position <= after) continue;
    if (upTo !== undefined && position > upTo) return;
    prefetcher.reach(ranking.matches, rank + 1);
    const document = readDocument(transaction, search.table, match.id);
    if (document) yield { position, document };
  }
}

/** The matches of a search, ranked as far as they are read. */
class Ranking {
  /** Those ranked so far, best first. */
  matches: readonly Match[];
  /** How many may be read. */
  readonly limit: number;
  readonly #rank: (size: number) => Match[];
  /** The most that are ranked. */
  readonly #size: number;
  readonly #isInSteps: boolean;

  /** Ranks the first ones. At most `wanted` will be read; undefined: nobody knows. */
  constructor(
    transaction: Transaction,
    search: TextSearch,
    wanted: number | undefined,
  ) {
    this.#rank = (size) => rankMatches(transaction, search, size);
    this.limit = transaction.database.catalog.limits.searchCandidates;
    this.#size = Math.min(this.limit, wanted ?? Infinity);
    // A mutation is ranked at once: what it writes between two steps must not change the order it iterates in.
    this.#isInSteps = wanted === undefined && !transaction.writable;
    const first = this.#isInSteps ? FIRST_MATCHES : Infinity;
    this.matches = this.#rank(Math.min(this.#size, first));
  }

  /** The match with a rank, counted from 0; undefined after the last one. */
  at(rank: number): Match | undefined {
    if (this.#isInSteps && rank === FIRST_MATCHES && rank < this.#size) {
      this.matches = this.#rank(this.#size);
    }
    return this.matches[rank];
  }
}

/**
 * The position of a match: a string that sorts by score descending, then id descending. The bits of positive floats
 * sort as the floats do.
 */
function positionOf({ id, score }: Match): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, score);
  let position = "";
  for (let at = 0; at < 8; at++) {
    position += String.fromCharCode(255 - view.getUint8(at));
  }
  for (let at = 0; at < id.length; at++) {
    position += String.fromCharCode(255 - id.charCodeAt(at));
  }
  return position;
}
