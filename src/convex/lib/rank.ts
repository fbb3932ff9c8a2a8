/**
 * The ranking of recall: pure arithmetic over candidates that were already found, the same in every place it runs.
 *
 * The lexical score is BM25F over the kinds of text that a search text holds, with the document frequencies of the
 * candidates themselves (Convex gives neither scores nor statistics). Signals of structure are added to it: dates, the
 * session, the speaker, the length. A vector score and a score of linked facts are added as weighted sums, each scaled to
 * its own maximum, so a weak leg cannot push out what a strong one found, and a missing one costs nothing.
 *
 * @module
 */

import type { ParsedQuery } from "./query.ts";

/** Weights that the ranking adds up. Insensitive: half or double of any of them moves recall@10 by about a point. */
export const WEIGHTS = {
  /** BM25's term saturation and length normalisation. */
  k1: 0.9,
  b: 0.4,
  /** Kinds of text, in the order of the lines of a search text. */
  fields: [1, 0.5, 1, 1.5, 0.5, 0.2, 0.2] as readonly number[],
  /** A row whose day (or month) is the one that the question names. */
  date: 0.3,
  /** The row's conversation as a whole answers the question. */
  session: 0.3,
  /** Neighbouring words of the question stand side by side. */
  bigram: 0.2,
  /** Full at twelve words that carry meaning: a longer turn more often holds an answer. */
  length: 0.1,
  /** Factor for a row whose speaker the question names. */
  speaker: 1.2,
  /** Factor for a row that ends in a question mark. */
  question: 0.85,
  /** The vector leg beside the lexical leg of 1. */
  dense: 0.7,
  /** The facts that came from a memory, beside the lexical leg of 1. */
  facts: 0.4,
  /** Recency, importance and confidence together change a score by at most this share. */
  prior: 0.15,
} as const;

/** Characters of stems in a row's own text: about twelve words that carry meaning. */
const FULL_LENGTH = 72;
/** Lines of a search text that are read specially. */
const CONTENT = 0;
const SPEAKER = 2;
const DATE = 3;
const HALF_LIFE_MS = 30 * 86_400_000;

/** A row that may answer the question. */
export interface Candidate {
  /** Identity, unique among the candidates; equal scores are ordered by it. */
  readonly key: string;
  /** As `buildSearchText` made it. */
  readonly searchText: string;
  /** Conversation that it belongs to. */
  readonly group?: string;
  /** When it was said or learnt, in milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** Whether it ends in a question mark. */
  readonly isQuestion?: boolean;
  /** 0 to 100. */
  readonly importance?: number;
  /** 0 to 100. */
  readonly confidence?: number;
  /** Cosine similarity to the question, -1 to 1; absent when the vector leg did not find it. */
  readonly similarity?: number;
  /** Best score (0 to 1) of a fact that came from it. */
  readonly factScore?: number;
}

/** What {@link rank} may be told beside question and candidates. */
export interface RankOptions {
  /** Time that recency is measured from, in milliseconds since the Unix epoch. */
  readonly now: number;
  /** How many rows the candidates were found among, when that is known. */
  readonly corpusSize?: number;
}

/** A candidate with its place in the ranking. */
export interface Ranked<T extends Candidate> {
  readonly candidate: T;
  /** 0 to 1, higher is better. */
  readonly score: number;
}

interface Counts {
  /** Weighted frequency of each stem of the question, over all kinds of text. */
  readonly weighted: Float64Array;
  /** Frequency of each stem of the question in the row's own text. */
  readonly own: Float64Array;
  readonly length: number;
  readonly ownLength: number;
  readonly bigrams: Set<string>;
  readonly dateMatch: boolean;
  readonly speakerNamed: boolean;
}

/**
 * Orders candidates by how well they answer the question. Nothing is dropped.
 *
 * @returns The candidates, best first; equal scores newest first, then by key. Cost: linear in the candidates' text.
 */
export function rank<T extends Candidate>(
  query: ParsedQuery,
  candidates: readonly T[],
  options: RankOptions,
): Ranked<T>[] {
  const counts = candidates.map((row) => count(query, row.searchText));
  const corpusSize = Math.max(options.corpusSize ?? 0, candidates.length);
  const idf = idfOf(counts.map((row) => row.weighted), query, corpusSize);
  const lexical = lexicalScores(candidates, counts, idf);
  const dense = byMaximum(
    candidates.map((candidate) => Math.max(0, candidate.similarity ?? 0)),
  );
  const totals = candidates.map((candidate, at) =>
    (lexical[at]! + WEIGHTS.dense * dense[at]! +
      WEIGHTS.facts * (candidate.factScore ?? 0)) *
    prior(candidate, options.now)
  );
  const certainty = certaintyOf(candidates, counts, idf);
  return byMaximum(totals)
    .map((score, at) => ({
      candidate: candidates[at]!,
      score: score * certainty,
    }))
    .sort(better);
}

/**
 * Reads one search text: how often each stem of the question stands in which kind of text. It looks for the few stems of
 * the question instead of taking the text apart, which is what keeps a recall over hundreds of candidates short. Lengths
 * are in characters; only their ratios are used.
 */
function count(query: ParsedQuery, searchText: string): Counts {
  const starts = lineStarts(searchText);
  const fieldOf = (at: number): number => {
    let field = 0;
    while (field + 1 < starts.length && starts[field + 1]! <= at) field++;
    return field;
  };
  const weighted = new Float64Array(query.stems.length);
  const own = new Float64Array(query.stems.length);
  const bigrams = new Set<string>();
  let speakerNamed = false;
  query.stems.forEach((stem, place) => {
    for (const at of occurrences(searchText, stem)) {
      const field = fieldOf(at);
      weighted[place]! += WEIGHTS.fields[field] ?? 0;
      if (field === SPEAKER) speakerNamed = true;
      if (field !== CONTENT) continue;
      own[place]! += 1;
      for (const second of query.followers.get(stem) ?? []) {
        if (isWordAt(searchText, second, at + stem.length + 1)) {
          bigrams.add(`${stem} ${second}`);
        }
      }
    }
  });
  const dateMatch = query.dates.some((date) =>
    !occurrences(searchText, date).next().done
  );
  let length = 0;
  starts.forEach((start, field) => {
    const end = (starts[field + 1] ?? searchText.length + 1) - 1;
    // A text that speaks of many days is not a long text.
    if (field !== DATE) length += (WEIGHTS.fields[field] ?? 0) * (end - start);
  });
  const ownLength = (starts[1] ?? searchText.length + 1) - 1;
  return { weighted, own, length, ownLength, bigrams, dateMatch, speakerNamed };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (
    let at = text.indexOf("\n");
    at >= 0;
    at = text.indexOf("\n", at + 1)
  ) starts.push(at + 1);
  return starts;
}

function* occurrences(text: string, word: string): Generator<number> {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (isWordAt(text, word, at)) yield at;
  }
}

/** Whether `word` stands at `at` as a whole word; stems are divided by blanks and line breaks only. */
function isWordAt(text: string, word: string, at: number): boolean {
  return text.startsWith(word, at) && isBreak(text, at - 1) &&
    isBreak(text, at + word.length);
}

function isBreak(text: string, at: number): boolean {
  return at < 0 || at >= text.length || text[at] === " " || text[at] === "\n";
}

function lexicalScores(
  candidates: readonly Candidate[],
  counts: readonly Counts[],
  idf: Float64Array,
): number[] {
  const meanLength = mean(counts.map((row) => row.length));
  const text = byMaximum(
    counts.map((row) =>
      bm25(row.weighted, idf, row.length / meanLength, WEIGHTS.k1, WEIGHTS.b)
    ),
  );
  const session = sessionScores(candidates, counts);
  const bigram = bigramScores(counts);
  const scores = counts.map((row, at) => {
    let score = text[at]! + WEIGHTS.session * session[at]! +
      WEIGHTS.bigram * bigram[at]!;
    if (row.dateMatch) score += WEIGHTS.date;
    if (score > 0) {
      score += WEIGHTS.length * Math.min(1, row.ownLength / FULL_LENGTH);
    }
    if (row.speakerNamed) score *= WEIGHTS.speaker;
    if (candidates[at]!.isQuestion) score *= WEIGHTS.question;
    return score;
  });
  return byMaximum(scores);
}

/** Each row's conversation as one text (of the rows that were found), scored among the conversations. */
function sessionScores(
  candidates: readonly Candidate[],
  counts: readonly Counts[],
): number[] {
  const groups = new Map<string, { own: Float64Array; length: number }>();
  candidates.forEach(({ group }, at) => {
    if (group === undefined) return;
    const row = counts[at]!;
    const sum = groups.get(group) ??
      { own: new Float64Array(row.own.length), length: 0 };
    row.own.forEach((value, place) => sum.own[place]! += value);
    sum.length += row.ownLength;
    groups.set(group, sum);
  });
  const all = [...groups.values()];
  if (all.length < 2) return counts.map(() => 0);
  const idf = idfOf(all.map((group) => group.own), undefined, all.length);
  const meanLength = mean(all.map((group) => group.length));
  const scores = byMaximum(
    all.map((group) =>
      bm25(group.own, idf, group.length / meanLength, 1.2, 0.75)
    ),
  );
  const scoreOf = new Map(
    [...groups.keys()].map((key, at) => [key, scores[at]!]),
  );
  return candidates.map(({ group }) =>
    group === undefined ? 0 : scoreOf.get(group)!
  );
}

function bigramScores(counts: readonly Counts[]): number[] {
  const frequency = new Map<string, number>();
  for (const { bigrams } of counts) {
    for (const pair of bigrams) {
      frequency.set(pair, (frequency.get(pair) ?? 0) + 1);
    }
  }
  return byMaximum(counts.map(({ bigrams }) => {
    let score = 0;
    for (const pair of bigrams) {
      score += inverseFrequency(frequency.get(pair)!, counts.length);
    }
    return score;
  }));
}

/**
 * How sure the best answer is, 0 to 1: the share of the question's weight that one row covers, or the best similarity.
 * It scales all scores alike, so a question that nothing answers gets low scores, not a first place of 1.
 */
function certaintyOf(
  candidates: readonly Candidate[],
  counts: readonly Counts[],
  idf: Float64Array,
): number {
  const whole = idf.reduce((sum, value) => sum + value, 0);
  let best = 0;
  candidates.forEach((candidate, at) => {
    let covered = 0;
    counts[at]!.weighted.forEach((value, place) => {
      if (value > 0) covered += idf[place]!;
    });
    best = Math.max(
      best,
      whole > 0 ? covered / whole : 0,
      candidate.similarity ?? 0,
      candidate.factScore ?? 0,
    );
  });
  return Math.min(1, best);
}

function prior(candidate: Candidate, now: number): number {
  const age = Math.max(0, now - candidate.timestamp);
  const recency = 2 ** (-age / HALF_LIFE_MS);
  const importance = (candidate.importance ?? 50) / 100;
  const confidence = (candidate.confidence ?? 80) / 100;
  return 1 + WEIGHTS.prior * (2 * (recency + importance + confidence) / 3 - 1);
}

function idfOf(
  rows: readonly Float64Array[],
  query: ParsedQuery | undefined,
  corpusSize: number,
): Float64Array {
  const size = rows[0]?.length ?? query?.stems.length ?? 0;
  const frequency = new Float64Array(size);
  for (const row of rows) {
    for (let place = 0; place < size; place++) {
      if (row[place]! > 0) frequency[place]! += 1;
    }
  }
  return frequency.map((value) => inverseFrequency(value, corpusSize));
}

function inverseFrequency(frequency: number, corpusSize: number): number {
  return Math.log(1 + (corpusSize - frequency + 0.5) / (frequency + 0.5));
}

function bm25(
  counts: Float64Array,
  idf: Float64Array,
  relativeLength: number,
  k1: number,
  b: number,
): number {
  const norm = k1 * (1 - b + b * relativeLength);
  let score = 0;
  for (let place = 0; place < counts.length; place++) {
    const value = counts[place]!;
    if (value > 0) score += idf[place]! * value * (k1 + 1) / (value + norm);
  }
  return score;
}

function byMaximum(values: readonly number[]): number[] {
  const maximum = values.reduce((most, value) => Math.max(most, value), 0);
  return maximum > 0 ? values.map((value) => value / maximum) : [...values];
}

function mean(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum > 0 ? sum / values.length : 1;
}

function better(a: Ranked<Candidate>, b: Ranked<Candidate>): number {
  return b.score - a.score ||
    b.candidate.timestamp - a.candidate.timestamp ||
    (a.candidate.key < b.candidate.key ? -1 : 1);
}
