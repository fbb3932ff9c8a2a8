import { saturation } from "./bm25.ts";
import { COUNT_BITS, MAX_COUNT, type PostingList } from "./posting_list.ts";

/** Documents that are scored together: few enough for their scores to fit into the processor's cache. */
const WINDOW = 4096;
/** Counts whose saturation is computed beforehand: 0 and those that most documents have. */
const TABLE_COUNTS = 8;
/** Steps between 0 and the greatest possible score in which the scores are counted. */
const STEPS = 1024;
/** Rounding error of a sum, which depends on the order of its terms, and of scores compared in 32 bits. */
const SLACK = 2 ** -20;

/** Which half of a float is the upper one: the second on little-endian hosts, as nearly all are. */
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0]!;

/** Verdicts of a search on a group of documents, besides 0 for none yet. */
export const PASSES = 1;
export const FAILS = 2;

/** One term of a search. */
export interface ScoredTerm {
  /** Where it occurs. */
  postings: PostingList;
  /** Factor of its score. */
  weight: number;
  /** How much it says. */
  rarity: number;
  /** The most that it can add to a document's score. */
  most: number;
}

/** What a search knows of a document by its number. */
export interface DocumentFacts {
  /** Place of its length in `norms`. */
  lengths: Uint32Array;
  /** By place of a length. */
  norms: Float64Array;
  /** Place of its group in `verdicts`. */
  groups: Uint32Array;
  /** By place of a group: 1 when its documents may be found, 2 when not, 0 when `judge` has not been asked yet. */
  verdicts: Uint8Array;
  /** Tells whether the documents of a group may be found, and notes it in `verdicts`. */
  judge(group: number): boolean;
  /** Numbers of all documents that may be found, in order, and of some removed ones; undefined: they are too many. */
  members: Uint32Array | undefined;
}

/** A term while it is searched for. */
interface Walk extends ScoredTerm {
  /** The most that this term and those after it can add to a document's score together. */
  left: number;
  /** The first posting of its list that is not behind. */
  at: number;
  /** It adds to a document's score this, times the saturation of its count there. */
  factor: number;
}

/**
 * Scores the documents that have a term of a search, one window at a time. Runs one search at a time.
 *
 * The least score among the best so far shortens the rest of the search (as in MaxScore): the terms that can add most
 * come first, and once the terms that follow cannot by themselves lift a document among the best, they are looked up
 * only for the documents still in the running. After the first windows that bound hardly moves.
 */
export class ScoreBoard {
  /** By place in the window. */
  readonly #scores: Float64Array = new Float64Array(WINDOW);
  /** The same memory by halves of a score, see `highOf`. */
  readonly #highs: Int32Array = new Int32Array(this.#scores.buffer);
  /** Places of the documents that are in the running. */
  readonly #running: Uint16Array = new Uint16Array(WINDOW);
  #size = 0;
  /**
   * Saturation by small counts, each by place of a length: shared by all terms, so that it stays in the processor's
   * cache.
   */
  #saturations: Float64Array = new Float64Array(0);
  /** Place of the first member that is not behind. */
  #nextMember = 0;
  readonly #counts: Uint32Array = new Uint32Array(STEPS + 1);
  /** Numbers and scores of the documents that may be among the best. */
  #numbers: Uint32Array = new Uint32Array(0);
  #sums: Float64Array = new Float64Array(0);
  #found = 0;

  /**
   * Calls `found` with each document that may be among the best `wanted`, and with some that are not, the greatest
   * number first. `terms`: those that can add most first.
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
    const walks = terms.map((term): Walk => ({
      ...term,
      left: 0,
      at: 0,
      factor: term.weight * term.rarity,
    }));
    for (let at = walks.length - 1; at >= 0; at--) {
      most += walks[at]!.most;
      walks[at]!.left = most;
    }
    this.#found = 0;
    this.#nextMember = 0;
    // Rounded down by more than sums can be wrong by.
    let least = 0;
    for (let first = 0; first < documents; first += WINDOW) {
      const end = Math.min(documents, first + WINDOW);
      if (!this.#scoreWindow(walks, first, end, facts, least)) continue;
      this.#keep(first, least, facts);
      this.#scores.fill(0);
      if (this.#found > wanted + (wanted >> 2)) {
        least = this.#leastOf(wanted, most) * (1 - SLACK);
        this.#drop(least);
      }
    }
    if (this.#found > wanted) {
      this.#drop(this.#leastOf(wanted, most) * (1 - SLACK));
    }
    for (let at = this.#found - 1; at >= 0; at--) {
      found(this.#numbers[at]!, this.#sums[at]!);
    }
  }

  /** Puts the documents whose score may suffice into the running. False when all scores are zero. */
  #scoreWindow(
    walks: readonly Walk[],
    first: number,
    end: number,
    facts: DocumentFacts,
    least: number,
  ): boolean {
    const leastBut = (left = 0) => least - left - SLACK * least;
    let at = 0;
    if (facts.members !== undefined) {
      if (!this.#admit(facts.members, first, end)) return false;
    } else {
      let added = 0;
      while (at < walks.length && walks[at]!.left >= least) {
        added += this.#add(walks[at++]!, first, end, facts);
      }
      if (added === 0) return false;
      const bound = leastBut(walks[at]?.left);
      if (at === 1) this.#gatherFrom(walks[0]!, added, first, bound);
      else this.#gather(end - first, bound);
    }
    for (; at < walks.length && this.#size > 0; at++) {
      this.#addToRunning(walks[at]!, first, end, facts);
      this.#stop(leastBut(walks[at + 1]?.left));
    }
    return true;
  }

  /** Adds a term's share to the score of each document of the window that has it. Returns their number. */
  #add(
    walk: Walk,
    first: number,
    end: number,
    { lengths, norms }: DocumentFacts,
  ): number {
    const { postings: { items, size }, factor } = walk;
    const scores = this.#scores;
    const saturations = this.#saturations;
    const width = norms.length;
    const known = saturations.length;
    const start = startOf(walk, first);
    let at = start;
    for (; at < size; at++) {
      const entry = items[at]!;
      const number = entry >>> COUNT_BITS;
      if (number >= end) break;
      const count = entry & MAX_COUNT;
      const place = count * width + lengths[number]!;
      scores[number - first]! += factor *
        (place < known
          ? saturations[place]!
          : saturation(count, norms[lengths[number]!]!));
    }
    walk.at = at;
    return at - start;
  }

  /**
   * The same for only the documents in the running, where looking each of them up is less work than walking the list.
   */
  #addToRunning(
    walk: Walk,
    first: number,
    end: number,
    facts: DocumentFacts,
  ): void {
    const { postings: { bytes }, factor } = walk;
    if (bytes === undefined) {
      this.#add(walk, first, end, facts);
      return;
    }
    const { lengths, norms } = facts;
    const scores = this.#scores;
    const running = this.#running;
    const saturations = this.#saturations;
    const width = norms.length;
    const known = saturations.length;
    let size = this.#size;
    // None beyond the last document that has the term.
    while (size > 0 && first + running[size - 1]! >= bytes.length) size--;
    // Documents without the term add 0, as a branch for them would be unpredictable.
    for (let at = 0; at < size; at++) {
      const place = running[at]!;
      const number = first + place;
      const count = bytes[number]!;
      const length = lengths[number]!;
      const index = count * width + length;
      scores[place]! += factor *
        (index < known
          ? saturations[index]!
          : saturation(count, norms[length]!));
    }
  }

  /** Puts the members of the window into the running. False when there are none. */
  #admit(members: Uint32Array, first: number, end: number): boolean {
    let at = this.#nextMember;
    let size = 0;
    for (; at < members.length && members[at]! < end; at++) {
      this.#running[size++] = members[at]! - first;
    }
    this.#nextMember = at;
    this.#size = size;
    return size > 0;
  }

  /** Puts the documents that have at least this score, or just less, into the running. */
  #gather(count: number, least: number): void {
    const highs = this.#highs;
    const running = this.#running;
    // Above 0, the score of documents without any of the terms.
    const below = Math.max(0, highOf(least) - 1);
    let size = 0;
    for (let place = 0; place < count; place++) {
      running[size] = place;
      size += (below - highs[2 * place + HIGH]!) >>> 31;
    }
    this.#size = size;
  }

  /** The same when only one term was added: goes through its last `added` postings. */
  #gatherFrom(walk: Walk, added: number, first: number, least: number): void {
    const { postings: { items }, at: end } = walk;
    const highs = this.#highs;
    const running = this.#running;
    const below = highOf(least) - 1;
    let size = 0;
    for (let at = end - added; at < end; at++) {
      const place = (items[at]! >>> COUNT_BITS) - first;
      running[size] = place;
      size += (below - highs[2 * place + HIGH]!) >>> 31;
    }
    this.#size = size;
  }

  /** Takes documents with a lower score out of the running, except some with just less. */
  #stop(least: number): void {
    const highs = this.#highs;
    const running = this.#running;
    const below = highOf(least) - 1;
    let size = 0;
    for (let at = 0; at < this.#size; at++) {
      const place = running[at]!;
      running[size] = place;
      size += (below - highs[2 * place + HIGH]!) >>> 31;
    }
    this.#size = size;
  }

  /** Records the documents in the running whose score suffices and that may be found. */
  #keep(
    first: number,
    least: number,
    { groups, verdicts, judge }: DocumentFacts,
  ): void {
    if (this.#numbers.length < this.#found + this.#size) {
      const room = 2 * (this.#found + this.#size);
      const numbers = new Uint32Array(room);
      const sums = new Float64Array(room);
      numbers.set(this.#numbers);
      sums.set(this.#sums);
      this.#numbers = numbers;
      this.#sums = sums;
    }
    const scores = this.#scores;
    const running = this.#running;
    const bound = Math.max(least, Number.MIN_VALUE);
    let found = this.#found;
    for (let at = 0; at < this.#size; at++) {
      const place = running[at]!;
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

  /** The least score among the best `wanted`, rounded down; no score is above `most`. */
  #leastOf(wanted: number, most: number): number {
    const counts = this.#counts.fill(0);
    const sums = this.#sums;
    const scale = STEPS / most;
    for (let at = this.#found - 1; at >= 0; at--) {
      counts[Math.min(STEPS, sums[at]! * scale) | 0]!++;
    }
    let step = STEPS;
    for (let above = 0; step > 0; step--) {
      above += counts[step]!;
      if (above >= wanted) break;
    }
    return step / scale * (1 - SLACK);
  }

  /** Forgets the documents found with a lower score. */
  #drop(least: number): void {
    const numbers = this.#numbers;
    const sums = this.#sums;
    let found = 0;
    for (let at = 0; at < this.#found; at++) {
      const sum = sums[at]!;
      if (sum < least) continue;
      numbers[found] = numbers[at]!;
      sums[found++] = sum;
    }
    this.#found = found;
  }
}

/**
 * The upper half of a score as a whole number; 0 for a negative one. It never decreases as scores grow, so a score
 * whose half is less than a bound's is below the bound; one just below it may have the same half. Whole numbers are
 * compared without a branch, which would be unpredictable.
 */
function highOf(score: number): number {
  return new Int32Array(new Float64Array([Math.max(0, score)]).buffer)[HIGH]!;
}

function saturationsOf(norms: Float64Array): Float64Array {
  const all = new Float64Array(TABLE_COUNTS * norms.length);
  for (let at = 0; at < all.length; at++) {
    const length = at % norms.length;
    all[at] = saturation((at - length) / norms.length, norms[length]!);
  }
  return all;
}

/** Place of a term's first posting of the document `first` or a later one, by a galloping and then a binary search. */
function startOf({ postings, at }: Walk, first: number): number {
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
