/** Read operations on facts. */
import { filterArgs } from "./fact_args.ts";
import type { ApiContext } from "../calls/api_context.ts";
import { checkNames } from "../calls/deadline.ts";
import type { BeliefRevisionService } from "./belief_revision.ts";
import { exportText } from "../calls/exports.ts";
import { type Ends, wholeChain } from "./fact_chain.ts";
import { FactHistoryReader } from "./fact_history_reader.ts";
import { countFacts, listFacts } from "./fact_pages.ts";
import {
  checkExport,
  checkList,
  checkNamed,
  checkRelationship,
  checkRevise,
  checkSearch,
  checkSubject,
} from "./facts_rules.ts";
import type { CallControls, ProgressControls } from "../types/common.ts";
import type {
  ConflictCheckResult,
  ReviseParams,
} from "../types/fact_belief.ts";
import type {
  CountFactsFilter,
  ExportFactsParams,
  FactExport,
  ListFactsFilter,
  QueryByRelationshipFilter,
  QueryBySubjectFilter,
  SearchFactsOptions,
} from "../types/fact_params.ts";
import type { FactRecord } from "../types/facts.ts";

/** The reading methods of `cortex.facts`. */
export class FactsReader extends FactHistoryReader {
  readonly #beliefs: BeliefRevisionService;

  /** Made by `Cortex`. */
  constructor(context: ApiContext, beliefs: BeliefRevisionService) {
    super(context);
    this.#beliefs = beliefs;
  }

  /**
   * Gets a fact in any state, including superseded, deleted and expired; null if the space has none with this id.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.facts.get("support", "fact-1"), null);
   * ```
   */
  get(
    memorySpaceId: string,
    factId: string,
    controls?: CallControls,
  ): Promise<FactRecord | null> {
    return this.calls.query(
      "facts:get",
      { memorySpaceId, factId },
      controls,
      checkNamed,
    );
  }

  /**
   * Lists the facts of a space that match the filter, oldest first unless sorted otherwise; at most 10,000 without a
   * `limit`. Superseded, deleted and archived ones are listed only with `includeSuperseded`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.facts.store({
   *   memorySpaceId: "support",
   *   fact: "Ada prints on both sides",
   *   factType: "preference",
   *   confidence: 90,
   *   sourceType: "manual",
   * });
   * const facts = await cortex.facts.list({
   *   memorySpaceId: "support",
   *   factType: "preference",
   *   minConfidence: 80,
   * });
   * assertEquals(facts.map(({ fact }) => fact), ["Ada prints on both sides"]);
   * ```
   */
  async list(
    filter: ListFactsFilter,
    controls?: CallControls,
  ): Promise<FactRecord[]> {
    return await listFacts(this.calls, checkList({ ...filter }), controls);
  }

  /**
   * Counts the facts that an unlimited `list` would return. Without conditions, or with a type alone, it reads a counter
   * instead of facts.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * assertEquals(await cortex.facts.count({ memorySpaceId: "support" }), 0);
   * ```
   */
  async count(
    filter: CountFactsFilter,
    controls?: CallControls,
  ): Promise<number> {
    return await countFacts(this.calls, checkList({ ...filter }), controls);
  }

  /**
   * Finds facts that share a word with the query in their text, aliases or context and match the options, best first. A
   * one-word query also matches words that begin with it. Looks at the first 1,000 hits of the text index; if there are
   * more, and a condition is not part of the index, also at the newest 4,000 facts that meet the conditions.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * await cortex.facts.store({
   *   memorySpaceId: "support",
   *   fact: "Ada prints on both sides",
   *   factType: "preference",
   *   confidence: 90,
   *   sourceType: "manual",
   *   searchAliases: ["duplex"],
   * });
   * const [found] = await cortex.facts.search("support", "duplex");
   * assertEquals(found?.fact, "Ada prints on both sides");
   * ```
   */
  async search(
    memorySpaceId: string,
    query: string,
    options?: SearchFactsOptions,
    controls?: CallControls,
  ): Promise<FactRecord[]> {
    checkNames(options);
    options ??= {};
    const args = checkSearch({ ...options, memorySpaceId, query });
    if (options.limit === 0) return [];
    return await this.calls.query("facts:search", filterArgs(args), controls);
  }

  /**
   * Lists the facts about a subject, matched exactly; otherwise like `list`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const facts = await cortex.facts.queryBySubject({
   *   memorySpaceId: "support",
   *   subject: "ada",
   * });
   * assertEquals(facts, []);
   * ```
   */
  async queryBySubject(
    filter: QueryBySubjectFilter,
    controls?: CallControls,
  ): Promise<FactRecord[]> {
    return await listFacts(this.calls, checkSubject({ ...filter }), controls);
  }

  /**
   * Lists the facts with this subject and predicate, both matched exactly; otherwise like `list`.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const facts = await cortex.facts.queryByRelationship({
   *   memorySpaceId: "support",
   *   subject: "ada",
   *   predicate: "works at",
   * });
   * assertEquals(facts, []);
   * ```
   */
  async queryByRelationship(
    filter: QueryByRelationshipFilter,
    controls?: CallControls,
  ): Promise<FactRecord[]> {
    const args = checkRelationship({ ...filter });
    return await listFacts(this.calls, args, controls);
  }

  /**
   * Gets every version of a fact, with those it superseded and those that superseded it, oldest first, whichever of
   * them you name; `[]` for an unknown one. One request covers 1,000 in either direction; longer chains take more.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const first = await cortex.facts.store({
   *   memorySpaceId: "support",
   *   fact: "The office closes at five",
   *   factType: "knowledge",
   *   confidence: 70,
   *   sourceType: "manual",
   * });
   * await cortex.facts.update("support", first.factId, { confidence: 95 });
   * const history = await cortex.facts.getHistory("support", first.factId);
   * assertEquals(history.map(({ version }) => version), [1, 2]);
   * ```
   */
  async getHistory(
    memorySpaceId: string,
    factId: string,
    controls?: CallControls,
  ): Promise<FactRecord[]> {
    const named = checkNamed({ memorySpaceId, factId });
    return await wholeChain(factId, controls, async (place, each) => {
      const { rows, ...ends } = await this.calls.query<
        Ends & { rows: FactRecord[] }
      >("facts:historyPage", { ...named, ...place }, each);
      return { ...ends, parts: rows };
    });
  }

  /**
   * Exports the current facts of a space as JSON, JSON-LD (schema.org) or CSV.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const { data, count } = await cortex.facts.export({
   *   memorySpaceId: "support",
   *   format: "json",
   * });
   * assertEquals([data, count], ["[]", 0]);
   * ```
   */
  async export(
    params: ExportFactsParams,
    controls?: CallControls & ProgressControls,
  ): Promise<FactExport> {
    return await exportText(
      this.calls,
      "facts:exportFacts",
      checkExport({ ...params }),
      controls,
    );
  }

  /**
   * Reports which facts a new one would conflict with, and what `revise` would do with it; writes nothing.
   *
   * @example
   * ```ts
   * import { Cortex } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * await using cortex = new Cortex();
   * const check = await cortex.facts.checkConflicts({
   *   memorySpaceId: "support",
   *   fact: { fact: "Ada lives in York", confidence: 90 },
   * });
   * assertEquals([check.hasConflicts, check.recommendedAction], [false, "ADD"]);
   * ```
   */
  async checkConflicts(
    params: ReviseParams,
    controls?: CallControls,
  ): Promise<ConflictCheckResult> {
    checkRevise({ ...params });
    return await this.#beliefs.checkConflicts(params, controls);
  }
}
