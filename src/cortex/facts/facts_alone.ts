/** `cortex.facts` without a `Cortex`, put together as programs of the family do it. */
import { BeliefRevisionService } from "./belief_revision.ts";
import { soundBeliefs } from "./belief_rules.ts";
import { contextOf, type ContextSource } from "../calls/context_source.ts";
import { FactsAPI } from "./facts_api.ts";
import type { AuthContext } from "../types/config.ts";
import type {
  BeliefRevisionConfig,
  BeliefRevisionLLMClient,
} from "../types/fact_belief.ts";

/** Options of such a module besides its client. */
export interface FactsAlone {
  /** Has no effect yet. */
  graph?: object | null | undefined;
  /** Has no effect yet. */
  resilience?: object | null | undefined;
  /** Who is calling. */
  auth?: AuthContext | null | undefined;
  /** Decides about new facts where there are candidates. */
  llmClient?: BeliefRevisionLLMClient | null | undefined;
  /** How new facts are compared with known ones. */
  beliefRevision?: BeliefRevisionConfig | null | undefined;
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
