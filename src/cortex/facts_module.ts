import type { BeliefRevisionService } from "./belief_revision.ts";
import type { ContextSource } from "./context_source.ts";
import type { FactsAPI as Facts } from "./facts_api.ts";
import { LazyModules } from "./lazy_modules.ts";

/** Facts alone, over a client or a context; the code is loaded by the first call. */
export type FactsAPI = Facts;

/** Makes `cortex.facts` over a client alone, without a `Cortex`; the code is loaded by the first call. */
export const FactsAPI: new (
  client: ContextSource,
  beliefs?: BeliefRevisionService,
) => Facts = function (client: ContextSource, beliefs?: BeliefRevisionService) {
  return new LazyModules().add<Facts>(
    async () => new (await import("./facts_api.ts")).FactsAPI(client, beliefs),
    { hasBeliefRevision: () => true },
    ["configureBeliefRevision"],
  );
} as never;
