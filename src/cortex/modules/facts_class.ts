/** `cortex.facts` alone; its constructor also takes the parts of belief revision. */
import { BeliefRevisionService } from "../facts/belief_revision.ts";
import { beliefsOrLateError } from "../facts/belief_rules.ts";
import type { FactsClass } from "../facts/facts_alone.ts";
import { FactsAPI } from "../facts/facts_api.ts";
import { contextAlone } from "./module_class.ts";

/** The class whose instances make their calls through a client. */
export function factsClass(): FactsClass {
  const Alone = function (
    ...[client, graph, resilience, auth, llmClient, beliefRevision]:
      ConstructorParameters<FactsClass>
  ) {
    const context = contextAlone(client, { graph, resilience, auth });
    const beliefs = new BeliefRevisionService(
      context,
      llmClient,
      undefined,
      beliefsOrLateError(beliefRevision),
    );
    return Reflect.construct(FactsAPI, [context, beliefs], new.target);
  };
  Alone.prototype = FactsAPI.prototype;
  return Alone as never;
}
