/** Checks a configuration of belief revision. Members that only the backend reads are checked by its validators. */
import { between, callback, type Check, FORMAT } from "../rules/rules.ts";
import { flags } from "../rules/field_rules.ts";
import { facts } from "./fact_rule_words.ts";
import type { BeliefRevisionConfig } from "../types/fact_belief.ts";

const check: Check = facts([
  ...flags(FORMAT, "slotMatching.enabled?", "llmResolution.enabled?"),
  ["semanticMatching.threshold?", between(FORMAT, 0, 1)],
  ["semanticMatching.limit?", between(FORMAT, 1, 1000)],
  ["semanticMatching.generateEmbedding?", callback()],
]);

/** Throws `FactsValidationError` for an invalid configuration. */
export function checkBeliefs(config?: BeliefRevisionConfig | null): void {
  check({ ...config });
}

/**
 * Returns a valid configuration as it is. For an invalid one, returns one that throws when facts are revised: the
 * method that configures is synchronous, and its callers expect no error.
 */
export function beliefsOrLateError(
  config?: BeliefRevisionConfig | null,
): BeliefRevisionConfig | null | undefined {
  try {
    checkBeliefs(config);
    return config;
  } catch (error) {
    return {
      slotMatching: {
        get predicateClasses(): never {
          throw error;
        },
      },
    };
  }
}
