/** `cortex.facts` without a `Cortex`, put together as programs of the family do it. */
import { BeliefRevisionService } from "./belief_revision.ts";
import { soundBeliefs } from "./belief_rules.ts";
import type { ApiContextOptions } from "../calls/api_context.ts";
import { contextOf, type ContextSource } from "../calls/context_source.ts";
import { FactsAPI } from "./facts_api.ts";
import type { AuthContext } from "../types/config.ts";
import type {
  BeliefRevisionConfig,
  BeliefRevisionLLMClient,
} from "../types/fact_belief.ts";

/** A class whose instances are `cortex.facts` over a client. */
export type FactsClass = new (
  client: ContextSource,
  graphAdapter?: object | null,
  resilience?: object | null,
  authContext?: AuthContext | null,
  llmClient?: BeliefRevisionLLMClient | null,
  beliefRevision?: BeliefRevisionConfig | null,
) => FactsAPI;

/** Options of such a module besides its client. */
export interface FactsAlone
  extends Pick<ApiContextOptions, "graph" | "resilience" | "auth"> {
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
