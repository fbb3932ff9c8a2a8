/**
 * Decides about a new fact by the words that it shares with known ones. Pure, so that callers and the backend decide
 * alike.
 *
 * @module
 */
import { wordOverlap } from "./factKeys.ts";
import { normalise } from "../text/normalise.ts";

/** What can happen to a new fact. */
export type FactAction = "ADD" | "UPDATE" | "SUPERSEDE" | "NONE";

/** The parts of a new fact that a decision depends on. */
export interface JudgedFact {
  readonly fact: string;
  readonly subject?: string;
  /** 0 to 100. */
  readonly confidence: number;
}

/** A decision about a new fact. */
export interface FactDecision {
  action: FactAction;
  /** The known fact that it is about; null for `ADD`. */
  targetFactId: string | null;
  reason: string;
  /** The text that an `UPDATE` writes. */
  mergedFact: string | null;
  /** Confidence of the decision, 0 to 100. */
  confidence: number;
}

/** Facts with a greater overlap say the same. */
const SAME = 0.8;
/** Facts with a greater overlap are about the same thing, if they also have the same subject. */
const RELATED = 0.5;

/** Decides by the share of common words (Jaccard index of the word sets) with the known fact that shares the most. */
export function decideByOverlap(
  fact: JudgedFact,
  known: readonly (JudgedFact & { readonly factId: string })[],
): FactDecision {
  const [best] = known
    .map((row) => ({ row, overlap: wordOverlap(row.fact, fact.fact) }))
    .sort((a, b) => b.overlap - a.overlap);
  if (best === undefined) {
    return decision("ADD", null, "No conflicts found", 100);
  }
  const { row, overlap } = best;
  const percent = `${Math.round(overlap * 100)} % of the words`;
  if (overlap > SAME) {
    return sameAs(row, fact, `Shares ${percent} with a known fact`, 70);
  }
  const subject = normalise(fact.subject);
  if (
    overlap > RELATED && subject !== "" && normalise(row.subject) === subject
  ) {
    return decision(
      "SUPERSEDE",
      row.factId,
      `Shares ${percent} with an older fact of the same subject`,
      60,
    );
  }
  return decision("ADD", null, "Differs from what is known", 80);
}

/** The decision about a fact that says the same as a known one: the one with higher confidence stays. */
export function sameAs(
  known: JudgedFact & { readonly factId: string },
  fact: JudgedFact,
  reason: string,
  confidence: number,
): FactDecision {
  return fact.confidence > known.confidence
    ? {
      ...decision("UPDATE", known.factId, reason, confidence),
      mergedFact: fact.fact,
    }
    : decision("NONE", known.factId, reason, confidence);
}

/** Makes a decision that merges nothing. */
export function decision(
  action: FactAction,
  targetFactId: string | null,
  reason: string,
  confidence: number,
): FactDecision {
  return { action, targetFactId, reason, mergedFact: null, confidence };
}
