/** What a configuration of belief revision may contain. What only the backend reads is checked by its validators. */
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
 * The configuration, or one that throws when facts are revised: the call that configures is synchronous and not
 * awaited.
 */
export function soundBeliefs(
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
