/**
 * What becomes of a new fact beside known ones, judged by shared words: pure, and the same for callers and in the
 * backend.
 *
 * @module
 */
import { wordOverlap } from "./factKeys.ts";
import { normalise } from "../text/normalise.ts";

/** What may become of a new fact. */
export type FactAction = "ADD" | "UPDATE" | "SUPERSEDE" | "NONE";

/** What a decision looks at in a new fact. */
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
  /** 0 to 100: how sure the decision is. */
  confidence: number;
}

/** Overlaps over this say the same. */
const SAME = 0.8;
/** Overlaps over this speak of the same, where the subject is the same, too. */
const RELATED = 0.5;

/**
 * Judges by the share of common words (Jaccard of the word sets); of the known facts the one that shares the most
 * counts.
 */
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

/** The decision about a fact that says what a known one says: the surer of the two stays. */
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

/** A decision that merges nothing. */
export function decision(
  action: FactAction,
  targetFactId: string | null,
  reason: string,
  confidence: number,
): FactDecision {
  return { action, targetFactId, reason, mergedFact: null, confidence };
}
