/** Belief revision as a stand-alone service, with the argument checks that `cortex.facts` makes otherwise. */
import type { CallControls, WriteControls } from "../types/common.ts";
import type { ContextSource } from "../calls/context_source.ts";
import type {
  BeliefRevisionConfig,
  BeliefRevisionLLMClient,
  ConflictCheckResult,
  ReviseParams,
  ReviseResult,
} from "../types/fact_belief.ts";
import { BeliefRevisionService as Beliefs } from "./belief_revision.ts";
import { checkBeliefs } from "./belief_rules.ts";
import { checkRevise } from "./facts_rules.ts";

/**
 * Decides what to do with new facts, over a client or the context of a `Cortex`.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { BeliefRevisionService } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const beliefs = new BeliefRevisionService(cortex.getClient());
 * const { action } = await beliefs.revise({
 *   memorySpaceId: "support",
 *   fact: { fact: "Ada lives in Bath", subject: "ada", confidence: 80 },
 * });
 * assertEquals(action, "ADD");
 * ```
 *
 * @example Looking before storing, with a model that decides
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { type BeliefRevisionLLMClient, BeliefRevisionService } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const beliefs = new BeliefRevisionService(cortex.getClient());
 * const model: BeliefRevisionLLMClient = {
 *   complete: ({ prompt }) => Promise.resolve(`{"action":"ADD","reason":"${prompt.length}"}`),
 * };
 * beliefs.configure(model);
 * beliefs.updateConfig({ slotMatching: { enabled: false } });
 * assertEquals(beliefs.getConfig().slotMatching?.enabled, false);
 * const fact = { fact: "Ada lives in Bath", subject: "ada", confidence: 80 };
 * const { hasConflicts } = await beliefs.checkConflicts({ memorySpaceId: "home", fact });
 * assertEquals(hasConflicts, false);
 * ```
 */
export class BeliefRevisionService extends Beliefs {
  /**
   * Does no I/O. A graph adapter is accepted, but has no effect yet. Throws `FactsValidationError` for an invalid
   * configuration.
   */
  constructor(
    client: ContextSource,
    llmClient?: BeliefRevisionLLMClient,
    graphAdapter?: object,
    config?: BeliefRevisionConfig,
  ) {
    super(client, llmClient, graphAdapter, config);
    checkBeliefs(config);
  }

  /** Replaces the given parts of the configuration. Throws `FactsValidationError`. */
  override updateConfig(config: BeliefRevisionConfig): void {
    checkBeliefs(config);
    super.updateConfig(config);
  }

  /**
   * Replaces the whole configuration. Without a model, the one given to the constructor decides. Throws
   * `FactsValidationError`.
   */
  override configure(
    llmClient?: BeliefRevisionLLMClient,
    config?: BeliefRevisionConfig,
  ): void {
    checkBeliefs(config);
    super.configure(llmClient, config);
  }

  /** Stores a fact by belief revision. Rejects with `FactsValidationError` for wrong arguments. */
  override async revise(
    params: ReviseParams,
    controls?: WriteControls,
  ): Promise<ReviseResult> {
    checkRevise({ ...params });
    return await super.revise(params, controls);
  }

  /** Reports which facts a new one would conflict with; writes nothing. Rejects as {@link revise} does. */
  override async checkConflicts(
    params: ReviseParams,
    controls?: CallControls,
  ): Promise<ConflictCheckResult> {
    checkRevise({ ...params });
    return await super.checkConflicts(params, controls);
  }
}
