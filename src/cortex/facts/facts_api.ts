import { BeliefRevisionService } from "./belief_revision.ts";
import { beliefsOrLateError } from "./belief_rules.ts";
import { STORE_FACT_COST } from "../calls/call_costs.ts";
import { contextOf, type ContextSource } from "../calls/context_source.ts";
import { changeArgs, storeArgs } from "./fact_args.ts";
import { checkNames } from "../calls/deadline.ts";
import { FactDeduplicator } from "./fact_deduplicator.ts";
import { FactsReader } from "./facts_reader.ts";
import {
  checkConsolidate,
  checkDeleteMany,
  checkNamed,
  checkRevise,
  checkStore,
  checkStoreWithDedup,
  checkSupersede,
  checkUpdate,
} from "./facts_rules.ts";
import { createId } from "../calls/ids.ts";
import type { ProgressControls, WriteControls } from "../types/common.ts";
import type {
  BeliefRevisionConfig,
  BeliefRevisionLLMClient,
  ReviseParams,
  ReviseResult,
  StoreFactWithDedupOptions,
  StoreWithDedupResult,
} from "../types/fact_belief.ts";
import type {
  ConsolidateFactsParams,
  ConsolidateFactsResult,
  DeleteFactOptions,
  DeleteManyFactsParams,
  DeleteManyFactsResult,
  StoreFactOptions,
  StoreFactParams,
  SupersedeFactParams,
  SupersedeFactResult,
  UpdateFactInput,
  UpdateFactOptions,
} from "../types/fact_params.ts";
import type { FactRecord } from "../types/facts.ts";

/**
 * Structured knowledge: facts with versions. Duplicates are recognised, contradictions are resolved by belief revision,
 * and every change is kept in a history.
 *
 * Every method rejects with `FactsValidationError` before anything is sent if an argument is wrong.
 */
export class FactsAPI extends FactsReader {
  readonly #beliefs: BeliefRevisionService;
  readonly #duplicates: FactDeduplicator;

  /** Made by `Cortex`. Given a client alone, it works without a tenant. */
  constructor(client: ContextSource, beliefs?: BeliefRevisionService) {
    const context = contextOf(client);
    const ours = beliefs ?? new BeliefRevisionService(context);
    super(context, ours);
    this.#beliefs = ours;
    this.#duplicates = new FactDeduplicator(
      context,
      ours.embeddings,
    );
  }

  /**
   * Stores a fact as version 1, even if it is already known.
   *
   * @throws {ConvexError} `CONTENT_TOO_LARGE`, or `MEMORYSPACE_ARCHIVED` for an archived space.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const fact = await cortex.facts.store({
   *   memorySpaceId: "support",
   *   fact: "Ada works at Acme",
   *   factType: "relationship",
   *   subject: "ada",
   *   predicate: "works at",
   *   object: "Acme",
   *   confidence: 95,
   *   sourceType: "manual",
   * });
   * assertEquals([fact.version, fact.tags], [1, []]);
   * ```
   */
  async store(
    params: StoreFactParams,
    options?: StoreFactOptions,
  ): Promise<FactRecord> {
    return await this.calls.batched(
      "facts:store",
      storeArgs(checkStore({ ...params })),
      { ...checkNames(options), asked: params },
      { cost: STORE_FACT_COST },
    );
  }

  /**
   * Stores a fact unless a current one of the space says the same (about the same user, if one is given). Lookup and
   * write are one transaction. A duplicate with higher confidence makes a new version of the known fact, with the tags
   * of both. Rejects as `store` does.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const store = (fact: string) =>
   *   cortex.facts.storeWithDedup({
   *     memorySpaceId: "support",
   *     fact,
   *     factType: "knowledge",
   *     confidence: 80,
   *     sourceType: "manual",
   *   }, { deduplication: "exact" });
   * const first = await store("The office closes at five");
   * const second = await store("the office closes at five.");
   * assertEquals(second.fact.factId, first.fact.factId);
   * assertEquals(second.deduplication?.matchedExisting, true);
   * ```
   */
  async storeWithDedup(
    params: StoreFactParams,
    options?: StoreFactWithDedupOptions,
  ): Promise<StoreWithDedupResult> {
    const { deduplication } = checkNames(options, ["deduplication"]);
    const { deduplication: _, ...fact } = checkStoreWithDedup({
      ...params,
      deduplication,
    });
    return await this.#duplicates.store(
      storeArgs(fact),
      deduplication === false ? "none" : deduplication,
      { ...options, asked: params },
    );
  }

  /**
   * Stores the next version of a fact under a new id; fields you omit are taken over. The old version stays readable as
   * superseded. If the fact was already superseded, its current successor is updated.
   *
   * @throws {ConvexError} `FACT_NOT_FOUND`, or `PERMISSION_DENIED` for a fact of another space.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const old = await cortex.facts.store({
   *   memorySpaceId: "support",
   *   fact: "The office closes at five",
   *   factType: "knowledge",
   *   confidence: 70,
   *   sourceType: "manual",
   * });
   * const fact = await cortex.facts.update("support", old.factId, {
   *   fact: "The office closes at six",
   * });
   * assertEquals([fact.version, fact.supersedes], [2, old.factId]);
   * ```
   */
  async update(
    memorySpaceId: string,
    factId: string,
    updates: UpdateFactInput,
    options?: UpdateFactOptions,
  ): Promise<FactRecord> {
    checkUpdate({ ...updates, memorySpaceId, factId });
    return await this.calls.mutation("facts:update", {
      ...changeArgs(updates),
      memorySpaceId,
      factId,
      newFactId: createId("fact"),
    }, { ...checkNames(options), asked: [memorySpaceId, factId, updates] });
  }

  /**
   * Soft-deletes a fact: lists, searches and recall no longer return it, while `get` still does, with `validUntil` set.
   * Deleting it again changes nothing. Rejects as `update` does.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { factId } = await cortex.facts.store({
   *   memorySpaceId: "support",
   *   fact: "The office closes at five",
   *   factType: "knowledge",
   *   confidence: 70,
   *   sourceType: "manual",
   * });
   * await cortex.facts.delete("support", factId);
   * assertEquals(await cortex.facts.count({ memorySpaceId: "support" }), 0);
   * ```
   */
  delete(
    memorySpaceId: string,
    factId: string,
    options?: DeleteFactOptions,
  ): Promise<{ deleted: boolean; factId: string }> {
    return this.calls.mutation(
      "facts:deleteFact",
      { memorySpaceId, factId },
      options,
      checkNamed,
    );
  }

  /**
   * Permanently removes the facts of a space, of a user or of a type, with all their versions, vectors and events.
   * Works in steps of bounded size; what was removed before a failure stays removed.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const result = await cortex.facts.deleteMany({ memorySpaceId: "support", userId: "ada" });
   * assertEquals(result, { deleted: 0, memorySpaceId: "support" });
   * ```
   */
  deleteMany(
    params: DeleteManyFactsParams,
    controls?: WriteControls & ProgressControls,
  ): Promise<DeleteManyFactsResult> {
    return this.calls.whole(
      { kind: "mutation", name: "facts:deleteMany", parts: ["deleted"] },
      { ...params },
      controls,
      checkDeleteMany,
    );
  }

  /**
   * Keeps one of several facts that say the same: it supersedes the others, and gets the mean of all confidences,
   * rounded, and the tags of all. Skips ids that the space does not have, and facts that are superseded, deleted or
   * archived. If the fact to keep is one of these, nothing changes. More than 200 ids reject with
   * `LIMIT_EXCEEDED`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const store = (confidence: number) =>
   *   cortex.facts.store({
   *     memorySpaceId: "support",
   *     fact: "The office closes at five",
   *     factType: "knowledge",
   *     confidence,
   *     sourceType: "manual",
   *   });
   * const facts = [await store(70), await store(90)];
   * const keepFactId = facts[1]!.factId;
   * await cortex.facts.consolidate({
   *   memorySpaceId: "support",
   *   factIds: facts.map(({ factId }) => factId),
   *   keepFactId,
   * });
   * assertEquals((await cortex.facts.get("support", keepFactId))?.confidence, 80);
   * ```
   */
  async consolidate(
    params: ConsolidateFactsParams,
    controls?: WriteControls,
  ): Promise<ConsolidateFactsResult> {
    return await this.calls.mutation(
      "facts:consolidate",
      { ...params },
      controls,
      checkConsolidate,
    );
  }

  /**
   * Marks a stored fact as superseded by another: both are linked, and the old one's validity ends now. Repeating it
   * changes nothing.
   *
   * @throws {ConvexError} `OLD_FACT_NOT_FOUND`, `NEW_FACT_NOT_FOUND` (also for a deleted one),
   * `FACTS_MUST_BE_IN_SAME_SPACE`, and `INVALID_UPDATE` for a fact superseding itself, for a cycle, or if another fact
   * superseded the old one already.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const store = async (fact: string) =>
   *   (await cortex.facts.store({
   *     memorySpaceId: "support",
   *     fact,
   *     factType: "knowledge",
   *     confidence: 80,
   *     sourceType: "manual",
   *   })).factId;
   * const oldFactId = await store("The office closes at five");
   * const newFactId = await store("The office closes at six");
   * await cortex.facts.supersede({ memorySpaceId: "support", oldFactId, newFactId });
   * const facts = await cortex.facts.list({ memorySpaceId: "support" });
   * assertEquals(facts.map(({ factId }) => factId), [newFactId]);
   * ```
   */
  async supersede(
    params: SupersedeFactParams,
    controls?: WriteControls,
  ): Promise<SupersedeFactResult> {
    const { reason: _, ...result } = await this.calls.mutation<
      SupersedeFactResult & { reason: string }
    >("facts:supersede", { ...params }, controls, checkSupersede);
    return result;
  }

  /**
   * Stores a fact by belief revision: it is added, merged with a fact that says the same, stored in place of an
   * outdated one, or dropped because it is known. All stages and the write are one transaction. A language model, if
   * configured, is asked beforehand, and its decision is checked again on write. Rejects as `store` does.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const revise = (city: string) =>
   *   cortex.facts.revise({
   *     memorySpaceId: "support",
   *     fact: {
   *       fact: `Ada lives in ${city}`,
   *       subject: "ada",
   *       predicate: "lives in",
   *       object: city,
   *       confidence: 90,
   *     },
   *   });
   * await revise("Bath");
   * const { action, superseded } = await revise("York");
   * assertEquals([action, superseded[0]?.fact], ["SUPERSEDE", "Ada lives in Bath"]);
   * ```
   */
  async revise(
    params: ReviseParams,
    controls?: WriteControls,
  ): Promise<ReviseResult> {
    checkRevise({ ...params });
    return await this.#beliefs.revise(params, controls);
  }

  /**
   * Replaces the language model that decides about contradictions, and the configuration of how they are found. Also
   * applies to `memory.remember`. If an argument is invalid, later calls that revise facts reject with
   * `FactsValidationError`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   *
   * await using cortex = new Cortex();
   * cortex.facts.configureBeliefRevision(undefined, {
   *   slotMatching: { predicateClasses: { shoe_size: ["wears size"] } },
   *   history: { enabled: false },
   * });
   * ```
   */
  configureBeliefRevision(
    llmClient?: BeliefRevisionLLMClient,
    config?: BeliefRevisionConfig,
  ): void {
    this.#beliefs.configure(llmClient, beliefsOrLateError(config));
  }

  /**
   * Always true: without a model, heuristics decide.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assert } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assert(cortex.facts.hasBeliefRevision());
   * ```
   */
  hasBeliefRevision(): boolean {
    return true;
  }
}
