/** `cortex.facts` without a `Cortex`, with the constructor arguments that existing Cortex programs pass. */
import { BeliefRevisionService } from "./belief_revision.ts";
import { beliefsOrLateError } from "./belief_rules.ts";
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
  /** Language model that decides about new facts for which there are candidates. */
  llmClient?: BeliefRevisionLLMClient | null | undefined;
  /** How new facts are compared with known ones. */
  beliefRevision?: BeliefRevisionConfig | null | undefined;
}

/** Makes the module over a client. Over a context, the context's own options apply. */
export function factsAlone(
  client: ContextSource,
  { llmClient, beliefRevision, ...options }: FactsAlone,
): FactsAPI {
  const context = contextOf(client, options);
  const beliefs = new BeliefRevisionService(
    context,
    llmClient,
    undefined,
    beliefsOrLateError(beliefRevision),
  );
  return new FactsAPI(context, beliefs);
}
