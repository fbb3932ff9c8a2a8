/** Decisions about a new fact given known ones: parsed from a model's answer, checked, or made without a model. */
import { DECISION_CONFIDENCE } from "../limits.ts";
import { decideByOverlap } from "../../convex/lib/facts/factDecision.ts";
import { cut, got, isRecord, isText } from "../rules/rules.ts";
import type {
  ConflictAction,
  ConflictCandidate,
  ConflictDecision,
} from "../types/fact_belief.ts";
import type { FactRecord } from "../types/facts.ts";
import { wrongArgument } from "./wrong_argument.ts";

/** What can happen to a new fact. */
export const CONFLICT_ACTIONS: readonly ConflictAction[] = [
  "ADD",
  "UPDATE",
  "SUPERSEDE",
  "NONE",
];

const DEFAULT_REASON = "No reason provided";

/**
 * Parses a model's answer: the outermost `{…}` of the text.
 *
 * @throws {SyntaxError} `No JSON object found`, `Failed to parse JSON`.
 * @throws {RangeError} `Invalid action`.
 *
 * @example
 * ```ts
 * import { parseConflictDecision } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * const { action, reason } = parseConflictDecision('Sure: {"action": "ADD", "reason": "It is new."}');
 * assertEquals([action, reason], ["ADD", "It is new."]);
 * ```
 */
export function parseConflictDecision(response: string): ConflictDecision {
  if (typeof response !== "string") {
    throw new SyntaxError(`No JSON object found: ${got(response)}`);
  }
  const from = response.indexOf("{");
  const until = response.lastIndexOf("}");
  if (from < 0 || until < from) {
    throw new SyntaxError(`No JSON object found in ${quote(response)}`);
  }
  let found: Record<string, unknown>;
  try {
    found = JSON.parse(response.slice(from, until + 1));
  } catch (cause) {
    throw new SyntaxError(`Failed to parse JSON of ${quote(response)}`, {
      cause,
    });
  }
  const { action, targetFactId, reason, mergedFact, confidence } = found;
  const name = String(action).toUpperCase() as ConflictAction;
  if (!CONFLICT_ACTIONS.includes(name)) {
    throw new RangeError(
      `Invalid action ${quote(action)}: must be one of ${
        CONFLICT_ACTIONS.join(", ")
      }`,
    );
  }
  return {
    action: name,
    targetFactId: textOf(targetFactId) ?? null,
    reason: textOf(reason) ?? DEFAULT_REASON,
    mergedFact: textOf(mergedFact) ?? null,
    confidence: typeof confidence === "number"
      ? confidence
      : DECISION_CONFIDENCE,
  };
}

/**
 * Checks whether a decision can be carried out on the facts it was made about.
 *
 * @throws {FactsValidationError} `INVALID_ARGUMENT` if the decision is not an object or the facts are not an array.
 *
 * @example
 * ```ts
 * import { parseConflictDecision, validateConflictDecision } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * const decision = parseConflictDecision('{"action": "SUPERSEDE"}');
 * const { valid, error } = validateConflictDecision(decision, []);
 * assertEquals([valid, error], [false, "SUPERSEDE requires a targetFactId"]);
 * ```
 */
export function validateConflictDecision(
  decision: ConflictDecision,
  existingFacts: readonly Pick<FactRecord, "factId">[],
): { valid: boolean; error?: string } {
  checkAsked("decision", decision, existingFacts);
  const error = decisionFault(
    decision,
    existingFacts.map(({ factId }) => factId),
  );
  return error === undefined ? { valid: true } : { valid: false, error };
}

/**
 * Decides without a model, by the known fact that shares the most words: the Jaccard index of both sets of words. Above
 * 0.8 the facts say the same: `UPDATE` for a higher confidence, otherwise `NONE`. Above 0.5, with the same subject, it
 * is `SUPERSEDE`. Otherwise `ADD`. Pure.
 *
 * @throws {FactsValidationError} `INVALID_ARGUMENT` if the fact is not an object or the facts are not an array.
 *
 * @example
 * ```ts
 * import { getDefaultDecision } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * const { action } = getDefaultDecision({ fact: "Ada sings", confidence: 80 }, []);
 * assertEquals(action, "ADD");
 * ```
 */
export function getDefaultDecision(
  newFact: ConflictCandidate,
  existingFacts: readonly FactRecord[],
): ConflictDecision {
  checkAsked("newFact", newFact, existingFacts);
  return decideByOverlap(newFact, existingFacts);
}

/** Throws unless the new fact is an object and the known facts are an array. */
function checkAsked(
  name: string,
  asked: unknown,
  existingFacts: unknown,
): void {
  if (!isRecord(asked)) throw wrongArgument(name, "an object", asked);
  if (!Array.isArray(existingFacts)) {
    throw wrongArgument("existingFacts", "an array of facts", existingFacts);
  }
}

/** Returns why a decision about the facts with these ids is invalid; undefined if it is valid. */
export function decisionFault(
  { action, targetFactId, mergedFact, confidence }: ConflictDecision,
  factIds: readonly string[],
): string | undefined {
  const changes = action === "UPDATE" || action === "SUPERSEDE";
  if (changes && !targetFactId) return `${action} requires a targetFactId`;
  if (targetFactId && !factIds.includes(targetFactId)) {
    return `targetFactId ${quote(targetFactId)} not found in existing facts`;
  }
  if (action === "UPDATE" && !mergedFact) {
    return "UPDATE requires a mergedFact";
  }
  if (confidence !== undefined && !(confidence >= 0 && confidence <= 100)) {
    return `Confidence must be between 0 and 100: ${confidence}`;
  }
}

function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

function quote(value: unknown): string {
  return cut(
    JSON.stringify(isRecord(value) ? "an object" : value) ?? String(value),
  );
}
