import type { SyncStore } from "../../store/types.ts";
import {
  lengthScale,
  norm,
  quantisedLength,
  score,
  type TextStatistics,
} from "./bm25.ts";
import type { SearchIndex } from "../schema/catalog.ts";
import { DocumentGroups, type SearchFilter } from "./document_groups.ts";
import { DocumentNumbers } from "./document_numbers.ts";
import { GrowingNumbers } from "./growing_numbers.ts";
import { RowLoader } from "./row_loader.ts";
import { ScoreBoard, type ScoredTerm } from "./score_board.ts";
import { TermPostings } from "./term_postings.ts";
import { TextBytes, viewOf } from "./text_bytes.ts";
import { readTextRow } from "./text_row.ts";
import { TextRowReader } from "./text_row_reader.ts";
import type { TopMatches } from "./top_matches.ts";

/** Most terms that a prefix is expanded to. */
export const MAX_PREFIX_TERMS = 16;

/** So many of the newest documents keep their number when their text changes; the postings after theirs are moved. */
const RECENT_DOCUMENTS = 4096;

/** A term of a search and how much it counts. */
export interface WeightedTerm {
  /** The term. */
  term: string;
  /** Factor of its score: lower for a term that only begins with the searched word. */
  weight: number;
  /** Inverse document frequency, uncommitted changes included. */
  idf: number;
}

/**
 * A text index in memory: for each term a packed array of document number and count, for each document its length and
 * filter values as small numbers. A search of sixteen terms walks sixteen arrays; it loads no document.
 *
 * It is built from one row per document. With a row per posting, the first search after opening would cost less, but
 * every insert would write some fifty more rows, and the postings would still have to be read into arrays like these to
 * be ranked quickly.
 */
export class TextIndex {
  /** The totals that scores depend on. */
  readonly statistics: TextStatistics = { documents: 0, words: 0 };
  readonly #numbers: DocumentNumbers = new DocumentNumbers();
  /** Index into `#distinctLengths`, by document number. */
  readonly #lengths: GrowingNumbers = new GrowingNumbers();
  /** The distinct quantised lengths of documents; some 260 at most. */
  readonly #distinctLengths: number[] = [];
  readonly #lengthIndexes: Map<number, number> = new Map();
  readonly #groups: DocumentGroups;
  readonly #terms: TermPostings;
  readonly #board: ScoreBoard = new ScoreBoard();
  readonly #loader: RowLoader;
  #isRead = false;
  readonly #text: TextBytes = new TextBytes();
  readonly #row: TextRowReader = new TextRowReader();

  /**
   * Begins empty: `load` reads the rows. Given the words of a search, it serves only that search and does not follow
   * commits, but loads in a fraction of the time.
   *
   * @param seed Seeds the hashes of terms. Must be secret from whoever writes the texts, who could otherwise make terms
   * collide.
   */
  constructor(
    store: SyncStore,
    index: SearchIndex,
    seed: number,
    words?: readonly string[],
  ) {
    this.#groups = new DocumentGroups(seed, this.#text);
    const kept = { places: this.#lengths, lengths: this.#distinctLengths };
    this.#terms = new TermPostings(seed, kept, words);
    const take = (id: string, group: number) => {
      const number = this.#numbers.addRead(id);
      this.#addDocument(number, group);
      this.#terms.buffer(number, this.#row);
    };
    this.#loader = new RowLoader(store, index.prefix, {
      row: (id, row) => take(id, this.#read(id, row)),
      page: (bytes) => {
        const view = viewOf(bytes);
        return (id, from, to) => take(id, this.#readAt(id, view, from, to));
      },
    });
  }

  /** Reads up to `maxRows` more rows of the index. True when none are left. */
  load(maxRows: number): boolean {
    if (this.#isRead) return true;
    try {
      this.#isRead = this.#loader.read(maxRows);
    } finally {
      if (this.#isRead) this.#terms.finish();
      else this.#terms.flush();
    }
    return this.#isRead;
  }

  /** Applies a committed change of a document's row. */
  apply(
    id: string,
    before: string | undefined,
    after: string | undefined,
  ): void {
    if (!this.#loader.hasPassed(id)) return;
    if (
      before !== undefined && after !== undefined &&
      this.#change(id, before, after)
    ) return;
    if (before !== undefined) this.#remove(id, before);
    if (after !== undefined) this.#add(id, after);
  }

  /** Whether removed documents or terms take more room than present ones, so that rebuilding pays. */
  isWasteful(): boolean {
    const { kept, present } = this.#terms.sizes;
    return isMostlyGone(this.#numbers.size, this.statistics.documents) ||
      isMostlyGone(kept, present);
  }

  /** Documents that have a term. */
  documentsWith(term: string): number {
    return this.#terms.find(term)?.documents ?? 0;
  }

  /** Terms that begin with a prefix and are longer than it, in order. */
  termsWithPrefix(prefix: string): Generator<string> {
    return this.#terms.withPrefix(prefix);
  }

  /**
   * Offers the documents that have one of the terms and pass the filters to `matches`, at least all that may be among
   * the best.
   *
   * @param terms The ones with the greatest weight times idf first.
   * @param filters All must match.
   * @param excluded Documents that the transaction has changed.
   */
  search(
    terms: readonly WeightedTerm[],
    filters: readonly SearchFilter[],
    statistics: TextStatistics,
    excluded: ReadonlySet<string>,
    matches: TopMatches,
  ): void {
    if (!this.#groups.canPass(filters)) return;
    const scale = lengthScale(statistics);
    const norms = Float64Array.from(
      this.#distinctLengths,
      (length) => norm(scale, length),
    );
    const scored: ScoredTerm[] = [];
    for (const { term, weight, idf } of terms) {
      const postings = this.#terms.find(term);
      if (!postings) continue;
      const most = postings.greatest((count, length) =>
        weight * score(idf, count, norm(scale, length))
      );
      scored.push({ postings, weight, idf, most });
    }
    const documents = this.#numbers.size;
    this.#board.search(
      scored,
      documents,
      {
        lengths: this.#lengths.items,
        norms,
        ...this.#groups.judgement(filters, documents),
      },
      matches.size + excluded.size,
      (number, sum) => {
        // Rounded to 32 bits, as Convex's scores are, so that sums which differ only by rounding tie.
        const score = Math.fround(sum);
        if (score < matches.least) return;
        const id = this.#numbers.idOf(number);
        if (!excluded.has(id)) matches.offer(id, score);
      },
    );
  }

  /** Reads a row into `#row` and returns the group of its document. Throws `STORE_CORRUPT`. */
  #read(id: string, row: string): number {
    const size = this.#text.put(row);
    return size === row.length || row.isWellFormed()
      ? this.#readAt(id, this.#text.view, 0, size)
      : this.#readOther(id, row);
  }

  /** Like `#read`, for a row in `bytes` that has slack behind it. */
  #readAt(id: string, bytes: DataView, from: number, to: number): number {
    try {
      if (this.#row.read(bytes, from, to, this.#terms)) {
        return this.#groups.groupFor(bytes, from + 1, this.#row.filtersEnd);
      }
    } catch {
      // The filter values cannot be parsed: `#readOther` throws an error that says so.
    }
    return this.#readOther(id, this.#text.textOf(bytes, from, to));
  }

  /** Like `#read`, for a row that is not byte for byte what `textRow` writes. */
  #readOther(id: string, row: string): number {
    const { filters, terms, counts } = readTextRow(id, row);
    this.#row.take(
      terms.map((term) => this.#terms.numberOfText(term)),
      counts,
    );
    const end = this.#text.put(JSON.stringify(filters));
    return this.#groups.groupFor(this.#text.view, 0, end);
  }

  /** Adds the document of the next number, whose row is in `#row`. */
  #addDocument(number: number, group: number): void {
    this.#groups.add(number, group);
    const { length } = this.#row;
    this.#lengths.push(this.#indexOfLength(quantisedLength(length)));
    this.statistics.documents++;
    this.statistics.words += length;
  }

  /** Number of a document, unless it is unknown or removed. */
  #numberOf(id: string): number | undefined {
    const number = this.#numbers.find(id);
    return number !== undefined && this.#groups.has(number)
      ? number
      : undefined;
  }

  #add(id: string, row: string): void {
    const group = this.#read(id, row);
    const number = this.#numbers.addWritten(id);
    this.#addDocument(number, group);
    const { terms, counts, size, length } = this.#row;
    const kept = quantisedLength(length);
    for (let at = 0; at < size; at++) {
      this.#terms.add(terms[at]!, number, counts[at]!, kept);
    }
  }

  /**
   * Changes the postings of a document in place, if it is among the newest: those are what programs tend to write
   * again, and with a new number the old postings would remain for every search to skip. Returns false, with nothing
   * done, for other documents.
   */
  #change(id: string, before: string, after: string): boolean {
    const number = this.#numberOf(id);
    if (
      number === undefined || this.#numbers.size - number > RECENT_DOCUMENTS
    ) {
      return false;
    }
    const group = this.#read(id, before);
    const old = this.#row.length;
    const left = new Set(this.#row.terms.subarray(0, this.#row.size));
    if (this.#read(id, after) !== group) return false;
    const { terms, counts, size, length } = this.#row;
    const kept = quantisedLength(length);
    for (let at = 0; at < size; at++) {
      const list = this.#terms.listOf(terms[at]!);
      list.change(number, counts[at]!);
      this.#terms.count(list, counts[at]!, kept);
      if (left.delete(terms[at]!)) this.#terms.uncount(terms[at]!);
    }
    for (const term of left) this.#terms.remove(term, number);
    this.#lengths.items[number] = this.#indexOfLength(kept);
    this.statistics.words += length - old;
    return true;
  }

  #remove(id: string, row: string): void {
    const number = this.#numberOf(id);
    if (number === undefined) return;
    this.#groups.remove(number);
    this.#numbers.forget(id);
    this.#read(id, row);
    const { terms, size, length } = this.#row;
    for (let at = 0; at < size; at++) {
      this.#terms.uncount(terms[at]!);
    }
    this.statistics.documents--;
    this.statistics.words -= length;
  }

  #indexOfLength(kept: number): number {
    let place = this.#lengthIndexes.get(kept);
    if (place === undefined) {
      place = this.#distinctLengths.push(kept) - 1;
      this.#lengthIndexes.set(kept, place);
    }
    return place;
  }
}

/** Whether more than half of the entries kept are gone, and there are enough of them to matter. */
function isMostlyGone(kept: number, present: number): boolean {
  return kept > 1024 && kept > 2 * present;
}
