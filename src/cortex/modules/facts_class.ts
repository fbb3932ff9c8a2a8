/** `cortex.facts` alone: it also decides about new facts. */
import type { ContextSource } from "../calls/context_source.ts";
import { BeliefRevisionService } from "../facts/belief_revision.ts";
import { soundBeliefs } from "../facts/belief_rules.ts";
import { FactsAPI } from "../facts/facts_api.ts";
import type { AuthContext } from "../types/config.ts";
import type {
  BeliefRevisionConfig,
  BeliefRevisionLLMClient,
} from "../types/fact_belief.ts";
import { contextAlone } from "./module_class.ts";

/** A class whose instances are `cortex.facts` over a client. */
export type FactsClass = new (
  client: ContextSource,
  graphAdapter?: object | null,
  resilience?: object | null,
  authContext?: AuthContext | null,
  llmClient?: BeliefRevisionLLMClient | null,
  beliefRevision?: BeliefRevisionConfig | null,
) => FactsAPI;

/** The class whose instances make their calls through a client. */
export function factsClass(): FactsClass {
  const Alone = function (
    client: ContextSource,
    graph?: object | null,
    resilience?: object | null,
    auth?: AuthContext | null,
    llmClient?: BeliefRevisionLLMClient | null,
    beliefRevision?: BeliefRevisionConfig | null,
  ) {
    const context = contextAlone(client, graph, resilience, auth);
    const beliefs = new BeliefRevisionService(
      context,
      llmClient,
      undefined,
      soundBeliefs(beliefRevision),
    );
    return Reflect.construct(FactsAPI, [context, beliefs], new.target);
  };
  Alone.prototype = FactsAPI.prototype;
  return Alone as never;
}
