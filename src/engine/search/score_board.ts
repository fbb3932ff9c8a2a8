import { saturation } from "./bm25.ts";
import { COUNT_BITS, MAX_COUNT, type PostingList } from "./posting_list.ts";

/** Documents scored together: few enough that their scores fit into the processor's cache. */
const WINDOW = 4096;
/** Term counts below this have their saturation precomputed: most documents have no greater ones. */
const TABLE_COUNTS = 8;
/** Buckets of the histogram of scores, between 0 and the greatest possible score. */
const BUCKETS = 1024;
/** Relative rounding error allowed for: a sum depends on the order of its terms, and scores are compared in 32 bits. */
const SLACK = 2 ** -20;

/** Index of a double's upper 32 bits: 1 on little-endian hosts, which nearly all are. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0]!;

/** Verdicts of a search on a group of documents; 0 means not judged yet. */
export const PASSES = 1;
export const FAILS = 2;

/** One term of a search. */
export interface ScoredTerm {
  /** The documents that have it. */
  postings: PostingList;
  /** Factor of its score. */
  weight: number;
  /** Inverse document frequency. */
  idf: number;
  /** Upper bound of its contribution to a document's score. */
  most: number;
}

/** Facts about the documents that a search uses, by document number. */
export interface DocumentFacts {
  /** Index into `norms` for each document. */
  lengths: Uint32Array;
  /** The norm of each distinct length. */
  norms: Float64Array;
  /** Index into `verdicts` for each document. */
  groups: Uint32Array;
  /** Per group: `PASSES` or `FAILS` the filters, or 0 while `judge` has not been asked. */
  verdicts: Uint8Array;
  /** Whether the documents of a group pass the filters. Stores the answer in `verdicts`. */
  judge(group: number): boolean;
  /**
   * Ascending numbers of all documents that pass the filters, and of some removed ones; undefined if there are too
   * many.
   */
  members: Uint32Array | undefined;
}

/** A term and how far its postings have been read. */
interface TermCursor extends ScoredTerm {
  /** Upper bound of the contribution of this term and all later ones together to a document's score. */
  remaining: number;
  /** Index of the first posting not yet passed. */
  at: number;
  /** Multiplied by the saturation of its count in a document, gives its share of the score. */
  factor: number;
}

/**
 * Scores the documents that have a term of a search, one window at a time. Runs one search at a time.
 *
 * As in MaxScore, the lowest score among the best so far is a threshold that shortens the rest of the search: terms
 * that can add most come first, and once the remaining terms cannot lift a document over the threshold by themselves,
 * they are looked up only for the candidates. After the first windows, the threshold hardly moves.
 */
export class ScoreBoard {
  /** Score of each document, by its offset in the window. */
  readonly #scores: Float64Array = new Float64Array(WINDOW);
  /** The same memory as 32-bit halves, see `#highOf`. */
  readonly #highs: Int32Array = new Int32Array(this.#scores.buffer);
  /** One score and its halves, for `#highOf`: new arrays each time would be a good part of the cost of a search. */
  readonly #score: Float64Array = new Float64Array(1);
  readonly #halves: Int32Array = new Int32Array(this.#score.buffer);
  /** Offsets in the window of the documents whose score may still suffice. */
  readonly #candidates: Uint16Array = new Uint16Array(WINDOW);
  #candidateCount = 0;
  /** Saturation by count and index of the length. All terms share it, so that it stays in the processor's cache. */
  #saturations: Float64Array = new Float64Array(0);
  /** Index of the first member not yet passed. */
  #nextMember = 0;
  readonly #histogram: Uint32Array = new Uint32Array(BUCKETS + 1);
  /** Numbers and scores of the documents that may be among the best, side by side. */
  #numbers: Uint32Array = new Uint32Array(0);
  #sums: Float64Array = new Float64Array(0);
  #found = 0;

  /**
   * Calls `found` with each document that may be among the best `wanted`, and with some that are not, in descending
   * order of their numbers. `terms` begins with those that can add most.
   */
  search(
    terms: readonly ScoredTerm[],
    documents: number,
    facts: DocumentFacts,
    wanted: number,
    found: (number: number, score: number) => void,
  ): void {
    let most = 0;
    this.#saturations = saturationsOf(facts.norms);
    const cursors = terms.map((term): TermCursor => ({
      ...term,
      remaining: 0,
      at: 0,
      factor: term.weight * term.idf,
    }));
    for (let at = cursors.length - 1; at >= 0; at--) {
      most += cursors[at]!.most;
      cursors[at]!.remaining = most;
    }
    this.#found = 0;
    this.#nextMember = 0;
    // The threshold; rounded down by more than the rounding error of a sum.
    let threshold = 0;
    for (let first = 0; first < documents; first += WINDOW) {
      const end = Math.min(documents, first + WINDOW);
      if (!this.#scoreWindow(cursors, first, end, facts, threshold)) continue;
      this.#record(first, threshold, facts);
      this.#scores.fill(0);
      if (this.#found > wanted + (wanted >> 2)) {
        threshold = this.#thresholdOf(wanted, most) * (1 - SLACK);
        this.#drop(threshold);
      }
    }
    if (this.#found > wanted) {
      this.#drop(this.#thresholdOf(wanted, most) * (1 - SLACK));
    }
    for (let at = this.#found - 1; at >= 0; at--) {
      found(this.#numbers[at]!, this.#sums[at]!);
    }
  }

  /** Scores a window and leaves those whose score may suffice as candidates. False when all scores are zero. */
  #scoreWindow(
    cursors: readonly TermCursor[],
    first: number,
    end: number,
    facts: DocumentFacts,
    threshold: number,
  ): boolean {
    const thresholdWithout = (remaining = 0) =>
      threshold - remaining - SLACK * threshold;
    let at = 0;
    if (facts.members !== undefined) {
      if (!this.#admitMembers(facts.members, first, end)) return false;
    } else {
      let added = 0;
      while (at < cursors.length && cursors[at]!.remaining >= threshold) {
        added += this.#add(cursors[at++]!, first, end, facts);
      }
      if (added === 0) return false;
      const bound = thresholdWithout(cursors[at]?.remaining);
      if (at === 1) this.#collectFrom(cursors[0]!, added, first, bound);
      else this.#collect(end - first, bound);
    }
    for (; at < cursors.length && this.#candidateCount > 0; at++) {
      this.#addToCandidates(cursors[at]!, first, end, facts);
      this.#prune(thresholdWithout(cursors[at + 1]?.remaining));
    }
    return true;
  }

  /** Adds a term's share to the score of each document of the window that has it. Returns how many have it. */
  #add(
    cursor: TermCursor,
    first: number,
    end: number,
    { lengths, norms }: DocumentFacts,
  ): number {
    const { postings, factor } = cursor;
    const { items, size } = postings;
    const scores = this.#scores;
    const saturations = this.#saturations;
    const width = norms.length;
    const known = saturations.length;
    const start = startOf(cursor, first);
    let at = start;
    for (; at < size; at++) {
      const entry = items[at]!;
      const number = entry >>> COUNT_BITS;
      if (number >= end) break;
      const count = entry & MAX_COUNT;
      const place = count * width + lengths[number]!;
      scores[number - first]! += factor *
        (place < known ? saturations[place]! : saturation(
          postings.countOf(number, count),
          norms[lengths[number]!]!,
        ));
    }
    cursor.at = at;
    return at - start;
  }

  /**
   * Adds a term's share to the scores of the candidates only: looking each of them up is less work than walking the
   * list.
   */
  #addToCandidates(
    cursor: TermCursor,
    first: number,
    end: number,
    facts: DocumentFacts,
  ): void {
    const { postings, factor } = cursor;
    const { bytes } = postings;
    if (bytes === undefined) {
      this.#add(cursor, first, end, facts);
      return;
    }
    const { lengths, norms } = facts;
    const scores = this.#scores;
    const candidates = this.#candidates;
    const saturations = this.#saturations;
    const width = norms.length;
    const known = saturations.length;
    let size = this.#candidateCount;
    // `bytes` ends at the last document that has the term.
    while (size > 0 && first + candidates[size - 1]! >= bytes.length) size--;
    // Documents without the term get 0 added: a branch to skip them would be unpredictable.
    for (let at = 0; at < size; at++) {
      const place = candidates[at]!;
      const number = first + place;
      const count = bytes[number]!;
      const length = lengths[number]!;
      const index = count * width + length;
      scores[place]! += factor *
        (index < known
          ? saturations[index]!
          : saturation(postings.countOf(number, count), norms[length]!));
    }
  }

  /** Makes the members in the window the candidates. False when there are none. */
  #admitMembers(members: Uint32Array, first: number, end: number): boolean {
    let at = this.#nextMember;
    let size = 0;
    for (; at < members.length && members[at]! < end; at++) {
      this.#candidates[size++] = members[at]! - first;
    }
    this.#nextMember = at;
    this.#candidateCount = size;
    return size > 0;
  }

  /** Makes the documents with at least this score, or just less, the candidates. */
  #collect(count: number, threshold: number): void {
    const highs = this.#highs;
    const candidates = this.#candidates;
    // Not below 0, so that documents without any of the terms, whose score is 0, stay out.
    const below = Math.max(0, this.#highOf(threshold) - 1);
    let size = 0;
    for (let place = 0; place < count; place++) {
      candidates[size] = place;
      size += (below - highs[2 * place + HIGH]!) >>> 31;
    }
    this.#candidateCount = size;
  }

  /** Like `#collect`, when only one term was added: goes through its last `added` postings. */
  #collectFrom(
    cursor: TermCursor,
    added: number,
    first: number,
    threshold: number,
  ): void {
    const { postings: { items }, at: end } = cursor;
    const highs = this.#highs;
    const candidates = this.#candidates;
    const below = this.#highOf(threshold) - 1;
    let size = 0;
    for (let at = end - added; at < end; at++) {
      const place = (items[at]! >>> COUNT_BITS) - first;
      candidates[size] = place;
      size += (below - highs[2 * place + HIGH]!) >>> 31;
    }
    this.#candidateCount = size;
  }

  /**
   * The upper 32 bits of a score as an integer; 0 for a negative score. They grow with the score, so a score whose
   * upper half is less than a bound's is below the bound, while one just below may share its half. Integers can be
   * compared without a branch, which would be unpredictable here.
   */
  #highOf(score: number): number {
    this.#score[0] = Math.max(0, score);
    return this.#halves[HIGH]!;
  }

  /** Drops candidates with a lower score, except some with just less. */
  #prune(threshold: number): void {
    const highs = this.#highs;
    const candidates = this.#candidates;
    const below = this.#highOf(threshold) - 1;
    let size = 0;
    for (let at = 0; at < this.#candidateCount; at++) {
      const place = candidates[at]!;
      candidates[size] = place;
      size += (below - highs[2 * place + HIGH]!) >>> 31;
    }
    this.#candidateCount = size;
  }

  /** Records the candidates whose score suffices and that pass the filters. */
  #record(
    first: number,
    threshold: number,
    { groups, verdicts, judge }: DocumentFacts,
  ): void {
    if (this.#numbers.length < this.#found + this.#candidateCount) {
      const room = 2 * (this.#found + this.#candidateCount);
      const numbers = new Uint32Array(room);
      const sums = new Float64Array(room);
      numbers.set(this.#numbers);
      sums.set(this.#sums);
      this.#numbers = numbers;
      this.#sums = sums;
    }
    const scores = this.#scores;
    const candidates = this.#candidates;
    const bound = Math.max(threshold, Number.MIN_VALUE);
    let found = this.#found;
    for (let at = 0; at < this.#candidateCount; at++) {
      const place = candidates[at]!;
      const sum = scores[place]!;
      if (sum < bound) continue;
      const group = groups[first + place]!;
      const verdict = verdicts[group]!;
      if (verdict === FAILS) continue;
      if (verdict !== PASSES && !judge(group)) continue;
      this.#numbers[found] = first + place;
      this.#sums[found++] = sum;
    }
    this.#found = found;
  }

  /** The lowest score among the best `wanted`, rounded down by a histogram; no score is above `most`. */
  #thresholdOf(wanted: number, most: number): number {
    const counts = this.#histogram.fill(0);
    const sums = this.#sums;
    const scale = BUCKETS / most;
    for (let at = this.#found - 1; at >= 0; at--) {
      counts[Math.min(BUCKETS, sums[at]! * scale) | 0]!++;
    }
    let bucket = BUCKETS;
    for (let above = 0; bucket > 0; bucket--) {
      above += counts[bucket]!;
      if (above >= wanted) break;
    }
    return bucket / scale * (1 - SLACK);
  }

  /** Forgets the documents found with a lower score. */
  #drop(threshold: number): void {
    const numbers = this.#numbers;
    const sums = this.#sums;
    let found = 0;
    for (let at = 0; at < this.#found; at++) {
      const sum = sums[at]!;
      if (sum < threshold) continue;
      numbers[found] = numbers[at]!;
      sums[found++] = sum;
    }
    this.#found = found;
  }
}

function saturationsOf(norms: Float64Array): Float64Array {
  const all = new Float64Array(TABLE_COUNTS * norms.length);
  for (let at = 0; at < all.length; at++) {
    const length = at % norms.length;
    all[at] = saturation((at - length) / norms.length, norms[length]!);
  }
  return all;
}

/** Index of a term's first posting at or after the document `first`: a galloping search, then a binary one. */
function startOf({ postings, at }: TermCursor, first: number): number {
  const { items, size } = postings;
  let low = at;
  let high = at;
  for (let leap = 1; high < size; leap *= 2) {
    if (items[high]! >>> COUNT_BITS >= first) break;
    low = high + 1;
    high += leap;
  }
  high = Math.min(high, size);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle]! >>> COUNT_BITS < first) low = middle + 1;
    else high = middle;
  }
  return low;
}
