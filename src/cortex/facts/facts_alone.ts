/** `cortex.facts` without a `Cortex`, put together as programs of the family do it. */
import type { ApiContextOptions } from "../calls/api_context.ts";
import { BeliefRevisionService } from "./belief_revision.ts";
import { soundBeliefs } from "./belief_rules.ts";
import { contextOf, type ContextSource } from "../calls/context_source.ts";
import { FactsAPI } from "./facts_api.ts";
import type {
  BeliefRevisionConfig,
  BeliefRevisionLLMClient,
} from "../types/fact_belief.ts";

/** Options of such a module besides its client. */
export interface FactsAlone
  extends Pick<ApiContextOptions, "graph" | "resilience" | "auth"> {
  /** Decides about new facts where there are candidates. */
  llmClient?: BeliefRevisionLLMClient;
  /** How new facts are compared with known ones. */
  beliefRevision?: BeliefRevisionConfig;
}

/** Makes the module over a client, or over a context, which has its own options. */
export function factsAlone(
  client: ContextSource,
  { llmClient, beliefRevision, ...options }: FactsAlone,
): FactsAPI {
  const context = contextOf(client, options);
  const beliefs = new BeliefRevisionService(
    context,
    llmClient,
    undefined,
    soundBeliefs(beliefRevision),
  );
  return new FactsAPI(context, beliefs);
}
