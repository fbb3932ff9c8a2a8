import { validateAuthContext } from "./auth/context.ts";
import type { FactsClass } from "./facts/facts_alone.ts";
import type { FactsAPI as Facts } from "./facts/facts_api.ts";
import { LazyModules } from "./lazy_modules.ts";

/** Facts alone, over a client or a context; the code is loaded by the first call. */
export type FactsAPI = Facts;

/**
 * Makes `cortex.facts` over a client alone, without a `Cortex`; its code is loaded by the first call. Graph and
 * resilience are accepted without effect so far; without `authContext` it works without a tenant. Throws
 * `AuthValidationError`. To extend the class or to test `instanceof`, import it from `@cortex/memory/modules`.
 */
export const FactsAPI: FactsClass = function (
  ...[client, graph, resilience, auth, llmClient, beliefRevision]:
    ConstructorParameters<FactsClass>
) {
  if (auth != null) validateAuthContext(auth);
  const options = { graph, resilience, auth, llmClient, beliefRevision };
  return new LazyModules().add<Facts>(
    async () => (await import("./apis.ts")).factsAlone(client, options),
    { hasBeliefRevision: () => true },
    ["configureBeliefRevision"],
  );
} as never;
