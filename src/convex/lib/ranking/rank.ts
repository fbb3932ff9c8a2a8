/**
 * The ranking of recall: pure arithmetic over candidates that were already found, with the same result on every host.
 *
 * The lexical score is BM25F over the kinds of text that a search text holds, with the document frequencies of the
 * candidates themselves (Convex gives neither scores nor statistics). Structural signals are added to it: dates, the
 * session, the speaker, the length. A vector score and a score of linked facts are added as weighted sums, each scaled
 * to its own maximum, so a weak signal cannot displace what a strong one found, and a missing one costs nothing.
 *
 * @module
 */

import { PASSAGE } from "./bestPassage.ts";
import type { ParsedQuery } from "./query.ts";
import { nearWords } from "./nearWords.ts";
import { type Matches, NEAR_WEIGHT, readMatches, zeros } from "./rankText.ts";
import { byMaximum, maximum, mean, similarities } from "./scaled.ts";

/** Weights of the ranking. Halving or doubling any of them changes recall@10 by about a point. */
export const WEIGHTS = {
  /** BM25's term saturation and length normalisation. */
  k1: 0.9,
  b: 0.5,
  /** A function word of the question's language, which no text index leaves out, relative to 1 for other words. */
  light: 0.1,
  /** A row whose day (or month) is the one that the question names. */
  date: 0.3,
  /** A row that mentions a day, if the question asks for a time. */
  when: 0.1,
  /** The row's conversation as a whole answers the question. */
  session: 0.3,
  /** Neighbouring words of the question are also neighbours in the row. */
  phrase: 0.2,
  /** Share of the question's words that the row has. */
  coverage: 0.2,
  /** Reaches its full value at twelve content words: a longer turn more often holds an answer. */
  length: 0.1,
  /** Factor for a row whose speaker the question names. */
  speaker: 1.2,
  /** Factor for a row of someone else, when it names one. */
  otherSpeaker: 0.95,
  /** Factor for a row that ends in a question mark. */
  question: 0.85,
  /** Factor for a row that answers one: it usually says something new. */
  answer: 1.1,
  /**
   * Lowest factor for an agent's answer, reached by the longest: those more often state common knowledge than what was
   * said.
   */
  longReply: 0.6,
  /**
   * The vector leg relative to the lexical leg's 1. More helps embedders that find most by themselves (0.5: a point of
   * recall@10 for one that finds 85 %) and hurts small ones.
   */
  vector: 0.4,
  /** The facts drawn from a memory, relative to the lexical score's 1. */
  facts: 0.4,
  /** Recency, importance and confidence together change a score by at most this share. */
  prior: 0.15,
} as const;

/** Characters of stems in a row's own text: about twelve content words. */
const FULL_LENGTH = 72;
const HALF_LIFE_MS = 30 * 86_400_000;
/**
 * Assumed rows of the space per candidate. More than one, since only rows with a word of the question are candidates,
 * and a word that most candidates have must still count. The true number is not known on Convex; compared with 1, this
 * gains 0.7 points of recall@10 in a space five times as large.
 */
const ROWS_PER_CANDIDATE = 1.5;

/** A row that may answer the question. */
export interface Candidate {
  /** Unique key among the candidates; breaks ties of scores. */
  readonly key: string;
  /** As `buildSearchText` made it. */
  readonly searchText: string;
  /** Conversation that the row belongs to. */
  readonly group?: string;
  /** When it was said or learnt, in milliseconds since the Unix epoch. */
  readonly timestamp: number;
  /** Whether it ends in a question mark. */
  readonly isQuestion?: boolean;
  /** Whether an agent said it. */
  readonly isReply?: boolean;
  /** 0 to 100. */
  readonly importance?: number;
  /** 0 to 100. */
  readonly confidence?: number;
  /** Cosine similarity to the question, -1 to 1; absent when the vector leg did not find it. */
  readonly similarity?: number;
  /** Whether it has no embedding: the vector leg could not find it. */
  readonly isUnembedded?: boolean;
  /** Best score (0 to 1) of a fact drawn from it. */
  readonly factScore?: number;
}

/** Options of {@link rank}. */
export interface RankOptions {
  /** Time that recency is measured from, in milliseconds since the Unix epoch. */
  readonly now: number;
  /** Explains each candidate's score. */
  readonly explain?: boolean;
}

/** A candidate with its score. */
export interface Ranked<T extends Candidate> {
  readonly candidate: T;
  /** 0 to 1, higher is better. */
  readonly score: number;
  /** How the score was computed, if asked for. */
  readonly explanation?: Explanation;
}

/**
 * The parts of a score: `scale × prior × ((words + session + phrase + coverage + date + when + length) × speaker ×
 * question × reply + vector + facts)`.
 */
export interface Explanation {
  /** BM25F of the question's words; rarer ones count more. */
  readonly words: number;
  /** The same for the whole conversation. */
  readonly session: number;
  /** Neighbouring words of the question side by side. */
  readonly phrase: number;
  /** Share of the question's words. */
  readonly coverage: number;
  /** The day or month that the question names. */
  readonly date: number;
  /** A day, where the question asks for one. */
  readonly when: number;
  /** Length of the text. */
  readonly length: number;
  /** Factor: whether the question names the speaker, or someone else. */
  readonly speaker: number;
  /** Factor: whether the row is a question itself, or answers one. */
  readonly question: number;
  /** Factor: whether the row is an agent's long answer. */
  readonly reply: number;
  /** Weighted similarity of the embedding and, with less weight, of its neighbours' in the conversation. */
  readonly vector: number;
  /** Weighted score of a fact drawn from the row. */
  readonly facts: number;
  /** Factor 0.85 to 1.15: recency, importance and confidence. */
  readonly prior: number;
  /** Factor of all scores of one ranking: how certain the best answer is, divided by its total. */
  readonly scale: number;
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
  const near = nearWords(query, candidates.map((row) => row.searchText));
  const matches = candidates.map((row) =>
    readMatches(query, row.searchText, near)
  );
  const shares = query.stems.map((stem) =>
    query.light.has(stem) ? WEIGHTS.light : 1
  );
  const idf = idfOf(matches.map((row) => row.weighted), shares);
  const covered = matches.map((row) => coverageOf(row, idf));
  const lexical = lexicalParts(candidates, matches, idf, covered, shares);
  const similarity = similarities(candidates);
  const parts = candidates.map((candidate, at) => ({
    vector: WEIGHTS.vector * similarity[at]!,
    facts: WEIGHTS.facts * (candidate.factScore ?? 0),
    prior: prior(candidate, options.now),
  }));
  const totals = parts.map((part, at) =>
    part.prior * (lexicalScore(lexical[at]!) + part.vector + part.facts)
  );
  const best = maximum(totals);
  // It scales all scores alike, so a question that nothing answers gets low scores, not a first place of 1.
  const certainty = Math.min(
    1,
    maximum(candidates.map((candidate, at) =>
      Math.max(
        matches[at]!.dateMatch ? dated(covered[at]!, query) : covered[at]!,
        candidate.similarity ?? 0,
        candidate.factScore ?? 0,
      )
    )),
  );
  const scale = best > 0 ? certainty / best : 1;
  return candidates.map((candidate, at): Ranked<T> => {
    // Divided first, so that the best one's quotient is exactly 1; a product with `scale` may be off in the last bit.
    const score = best > 0 ? totals[at]! / best * certainty : 0;
    if (!options.explain) return { candidate, score };
    const explanation = { ...lexical[at]!, ...parts[at]!, scale };
    return { candidate, score, explanation };
  }).sort(better);
}

type LexicalParts = {
  -readonly [
    part in Exclude<keyof Explanation, "vector" | "facts" | "prior" | "scale">
  ]: number;
};

/**
 * Share of a question with a date that a row of that date covers: all of it if the question has no other words,
 * otherwise half.
 */
function dated(covered: number, { stems }: ParsedQuery): number {
  return stems.length === 0 ? 1 : (1 + covered) / 2;
}

/** Signals of each row's text, scaled so that the best row's add up to 1. */
function lexicalParts(
  candidates: readonly Candidate[],
  matches: readonly Matches[],
  idf: readonly number[],
  covered: readonly number[],
  shares: readonly number[],
): LexicalParts[] {
  const meanLength = mean(matches.map((row) => row.length));
  const words = byMaximum(
    matches.map((row) =>
      bm25(row.weighted, idf, row.length / meanLength, WEIGHTS.k1, WEIGHTS.b)
    ),
  );
  const session = sessionScores(candidates, matches, shares);
  const phrase = phraseScores(matches);
  const isSpeakerNamed = matches.some((row) => row.speakerNamed);
  const all = matches.map((row, at): LexicalParts => {
    const candidate = candidates[at]!;
    const part = {
      words: words[at]!,
      session: WEIGHTS.session * session[at]!,
      phrase: WEIGHTS.phrase * phrase[at]!,
      coverage: WEIGHTS.coverage * covered[at]!,
      date: row.dateMatch ? WEIGHTS.date : 0,
      when: row.namesDay ? WEIGHTS.when : 0,
      length: WEIGHTS.length * Math.min(1, row.ownLength / FULL_LENGTH),
      speaker: row.speakerNamed
        ? WEIGHTS.speaker
        : isSpeakerNamed
        ? WEIGHTS.otherSpeaker
        : 1,
      question: (candidate.isQuestion ? WEIGHTS.question : 1) *
        (row.isAnswer ? WEIGHTS.answer : 1),
      reply: candidate.isReply ? replyFactor(row.ownLength) : 1,
    };
    const isMatch = part.words > 0 || part.session > 0 || part.phrase > 0 ||
      part.coverage > 0 || part.date > 0;
    if (!isMatch) part.when = part.length = 0;
    return part;
  });
  const best = maximum(all.map(lexicalScore));
  if (best > 0) { for (const part of all) scale(part, 1 / best); }
  return all;
}

function lexicalScore(part: LexicalParts): number {
  return (part.words + part.session + part.phrase + part.coverage + part.date +
    part.when + part.length) * part.speaker * part.question * part.reply;
}

function scale(part: LexicalParts, by: number): void {
  part.words *= by;
  part.session *= by;
  part.phrase *= by;
  part.coverage *= by;
  part.date *= by;
  part.when *= by;
  part.length *= by;
}

/** 1 up to the length of a passage, falling to the lowest factor at twice that. */
function replyFactor(length: number): number {
  const over = Math.min(1, Math.max(0, length / PASSAGE - 1));
  return 1 - (1 - WEIGHTS.longReply) * over;
}

/** Share of the question's weight that a row covers; a word of which it has only similar ones counts less. */
function coverageOf(
  { weighted, near }: Matches,
  idf: readonly number[],
): number {
  let whole = 0;
  let covered = 0;
  for (let place = 0; place < idf.length; place++) {
    whole += idf[place]!;
    if (weighted[place]! > 0) {
      covered += idf[place]! * (near.has(place) ? NEAR_WEIGHT : 1);
    }
  }
  return whole > 0 ? covered / whole : 0;
}

/** Each row's conversation as one text (of the rows that were found), scored among the conversations. */
function sessionScores(
  candidates: readonly Candidate[],
  matches: readonly Matches[],
  shares: readonly number[],
): number[] {
  const groups = new Map<string, { own: number[]; length: number }>();
  candidates.forEach(({ group }, at) => {
    if (group === undefined) return;
    const row = matches[at]!;
    const sum = groups.get(group) ??
      { own: zeros(row.own.length), length: 0 };
    row.own.forEach((value, place) => sum.own[place]! += value);
    sum.length += row.ownLength;
    groups.set(group, sum);
  });
  const all = [...groups.values()];
  if (all.length < 2) return matches.map(() => 0);
  const idf = idfOf(all.map((group) => group.own), shares);
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

function phraseScores(matches: readonly Matches[]): number[] {
  const frequency = new Map<string, number>();
  for (const { bigrams } of matches) {
    for (const pair of bigrams) {
      frequency.set(pair, (frequency.get(pair) ?? 0) + 1);
    }
  }
  return byMaximum(matches.map(({ bigrams }) => {
    let score = 0;
    for (const pair of bigrams) {
      score += inverseFrequency(frequency.get(pair)!, matches.length);
    }
    return score;
  }));
}

function prior(candidate: Candidate, now: number): number {
  const age = Math.max(0, now - candidate.timestamp);
  const recency = 2 ** (-age / HALF_LIFE_MS);
  const importance = (candidate.importance ?? 50) / 100;
  const confidence = (candidate.confidence ?? 80) / 100;
  return 1 + WEIGHTS.prior * (2 * (recency + importance + confidence) / 3 - 1);
}

/** Inverse document frequency of each word of the question, times the share that it counts for. */
function idfOf(
  rows: readonly (readonly number[])[],
  shares: readonly number[],
): number[] {
  const frequency = zeros(shares.length);
  for (const row of rows) {
    for (let place = 0; place < shares.length; place++) {
      if (row[place]! > 0) frequency[place]! += 1;
    }
  }
  return frequency.map((value, place) =>
    shares[place]! * inverseFrequency(value, ROWS_PER_CANDIDATE * rows.length)
  );
}

function inverseFrequency(frequency: number, corpusSize: number): number {
  return Math.log(1 + (corpusSize - frequency + 0.5) / (frequency + 0.5));
}

function bm25(
  counts: readonly number[],
  idf: readonly number[],
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

function better(a: Ranked<Candidate>, b: Ranked<Candidate>): number {
  return b.score - a.score ||
    b.candidate.timestamp - a.candidate.timestamp ||
    (a.candidate.key < b.candidate.key ? -1 : 1);
}
