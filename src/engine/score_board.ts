import { score } from "./bm25.ts";
import type { GrowingNumbers } from "./growing_numbers.ts";

/** A posting packs the document's number above the term's count in it. */
export const COUNT_BITS = 8;
/** Greatest count that a posting holds. */
export const MAX_COUNT = (1 << COUNT_BITS) - 1;

/** Steps between 0 and the greatest possible score in which the scores are counted. */
const STEPS = 4096;
/** What sums of the same numbers may differ by, and scores that are the same in 32 bits. */
const SLACK = 2 ** -20;
/** Looking one document up in the postings of a term costs as much as walking over so many. */
const LOOK_UP_COST = 16;

/** What a search knows of a group of documents, beside 0 for not yet. */
export const PASSES = 1;
export const FAILS = 2;

/** One term of a search. */
export interface ScoredTerm {
  /** Where it occurs. */
  postings: GrowingNumbers;
  /** Factor of its score. */
  weight: number;
  /** How much it tells. */
  rarity: number;
  /** What it can give to a document at most. */
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
}

/** Scores of the documents that have a term of a search. One search at a time. */
export class ScoreBoard {
  /** By document number; zero for those that are not in the running. */
  #scores: Float64Array = new Float64Array(0);
  /** Numbers of those that are. */
  #running: Uint32Array = new Uint32Array(0);
  #size = 0;
  /** Whether they are in order. */
  #isSorted = false;
  readonly #counts: Uint32Array = new Uint32Array(STEPS + 1);

  /**
   * Tells `found` of each document that may be among the best `wanted`, and of some that are not. The terms that can give most stand first: when those that follow cannot lift a
   * document that has none of these among the best, their postings are only looked up, and that is what makes a search
   * for common words beside rarer ones short in a large index.
   */
  search(
    terms: readonly ScoredTerm[],
    documents: number,
    facts: DocumentFacts,
    wanted: number,
    found: (number: number, score: number) => void,
  ): void {
    if (this.#scores.length < documents) {
      const size = Math.ceil(documents * 1.5);
      this.#scores = new Float64Array(size);
      this.#running = new Uint32Array(size);
    }
    let least = 0;
    let added = 0;
    let left = 0;
    for (const { most } of terms) left += most;
    let isClosed = false;
    for (const term of terms) {
      if (isClosed) this.#addToRunning(term, facts);
      else this.#add(term, facts);
      added += term.most;
      left -= term.most;
      if (this.#size <= wanted || added <= left) continue;
      least = this.#leastOf(wanted, added);
      if (least * (1 - SLACK) <= left) continue;
      this.#drop(least - left - SLACK * least);
      isClosed = true;
    }
    if (this.#size > wanted) least = this.#leastOf(wanted, added);
    const running = this.#running;
    const scores = this.#scores;
    least -= SLACK * least;
    for (let at = this.#size - 1; at >= 0; at--) {
      const number = running[at]!;
      const score = scores[number]!;
      scores[number] = 0;
      if (score >= least) found(number, score);
    }
    this.#size = 0;
    this.#isSorted = false;
  }

  /** Adds what a term gives to each document that has it. A loop over plain numbers: it meets every posting. */
  #add({ postings, weight, rarity }: ScoredTerm, facts: DocumentFacts): void {
    const { items, size: count } = postings;
    const { lengths, norms, groups, verdicts } = facts;
    const scores = this.#scores;
    const running = this.#running;
    let size = this.#size;
    for (let at = 0; at < count; at++) {
      const entry = items[at]!;
      const number = entry >>> COUNT_BITS;
      if (scores[number] === 0) {
        const group = groups[number]!;
        const verdict = verdicts[group]!;
        if (verdict === FAILS) continue;
        if (verdict !== PASSES && !facts.judge(group)) continue;
        running[size++] = number;
      }
      scores[number]! += weight *
        score(rarity, entry & MAX_COUNT, norms[lengths[number]!]!);
    }
    this.#size = size;
  }

  /** The same for documents that are in the running only. */
  #addToRunning(
    { postings, weight, rarity }: ScoredTerm,
    { lengths, norms }: DocumentFacts,
  ): void {
    const { items, size: count } = postings;
    const scores = this.#scores;
    const running = this.#running;
    const size = this.#size;
    const add = (number: number, entry: number) => {
      scores[number]! += weight *
        score(rarity, entry & MAX_COUNT, norms[lengths[number]!]!);
    };
    if (size * LOOK_UP_COST > count) {
      for (let at = 0; at < count; at++) {
        const entry = items[at]!;
        const number = entry >>> COUNT_BITS;
        if (scores[number] !== 0) add(number, entry);
      }
      return;
    }
    if (!this.#isSorted) running.subarray(0, size).sort();
    this.#isSorted = true;
    let low = 0;
    for (let at = 0; at < size && low < count; at++) {
      const number = running[at]!;
      // By leaps that double, then by halves: neighbours lie near each other.
      let leap = 1;
      let high = low;
      while (high < count && items[high]! >>> COUNT_BITS < number) {
        low = high + 1;
        high += leap;
        leap *= 2;
      }
      high = Math.min(high, count);
      while (low < high) {
        const middle = (low + high) >> 1;
        if (items[middle]! >>> COUNT_BITS < number) low = middle + 1;
        else high = middle;
      }
      if (low < count && items[low]! >>> COUNT_BITS === number) {
        add(number, items[low]!);
      }
    }
  }

  /** What the best `wanted` in the running have at least, rounded down; no score is above `most`. */
  #leastOf(wanted: number, most: number): number {
    const counts = this.#counts.fill(0);
    const scores = this.#scores;
    const running = this.#running;
    const scale = STEPS / most;
    for (let at = this.#size - 1; at >= 0; at--) {
      counts[Math.min(STEPS, scores[running[at]!]! * scale) | 0]!++;
    }
    let step = STEPS;
    for (let above = 0; step > 0; step--) {
      above += counts[step]!;
      if (above >= wanted) break;
    }
    return step / scale * (1 - SLACK);
  }

  /** Takes documents with less out of the running. */
  #drop(least: number): void {
    const scores = this.#scores;
    const running = this.#running;
    let size = 0;
    for (let at = 0; at < this.#size; at++) {
      const number = running[at]!;
      if (scores[number]! < least) scores[number] = 0;
      else running[size++] = number;
    }
    this.#size = size;
  }
}
