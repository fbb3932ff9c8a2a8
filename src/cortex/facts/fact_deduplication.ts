/**
 * Deduplication as a stand-alone service: unlike what `facts` needs, it also reports which fact is a duplicate and why.
 */
import { pick } from "../calls/pick.ts";
import {
  configOf,
  DEFAULT_THRESHOLD,
  FactDeduplicator,
  feasibleStrategy,
  WITHOUT_VECTORS,
} from "./fact_deduplicator.ts";
import { isRecord } from "../../at_once.ts";
import { checkDeduplication, checkList } from "./facts_rules.ts";
import { wrongArgument } from "./wrong_argument.ts";
import { compact } from "../calls/api_context.ts";
import { within } from "../calls/deadline.ts";
import { consoleLogger } from "../logger.ts";
import type { CallControls } from "../types/common.ts";
import type {
  DeduplicationConfig,
  DeduplicationStrategy,
  DuplicateResult,
  EmbedFactFn,
  FactCandidate,
} from "../types/fact_belief.ts";
import type { FactRecord } from "../types/facts.ts";

/**
 * Finds the known fact that a new one repeats, over a client or the context of a `Cortex`.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { FactDeduplicationService } from "@cortex/memory/facts";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * await cortex.facts.store({
 *   memorySpaceId: "support",
 *   fact: "The office closes at five",
 *   factType: "knowledge",
 *   confidence: 80,
 *   sourceType: "manual",
 * });
 * const duplicates = new FactDeduplicationService(cortex.getClient());
 * const { matchedBy, shouldUpdate } = await duplicates.findDuplicate(
 *   { fact: "Office closes at five.", factType: "knowledge", confidence: 90 },
 *   "support",
 *   { strategy: "exact" },
 * );
 * assertEquals([matchedBy, shouldUpdate], ["exact", true]);
 * ```
 */
export class FactDeduplicationService extends FactDeduplicator {
  /**
   * Returns a configuration with all defaults filled in.
   *
   * @example
   * ```ts
   * import { FactDeduplicationService } from "@cortex/memory/facts";
   * import { assertEquals } from "@std/assert";
   *
   * const { strategy, similarityThreshold } = FactDeduplicationService.getDefaultConfig("exact");
   * assertEquals([strategy, similarityThreshold], ["exact", 0.85]);
   * ```
   */
  static getDefaultConfig(
    strategy: DeduplicationStrategy,
    generateEmbedding?: EmbedFactFn,
  ): DeduplicationConfig {
    return compact({
      strategy,
      similarityThreshold: DEFAULT_THRESHOLD,
      generateEmbedding,
    });
  }

  /**
   * Returns the effective configuration: `semantic` if none is given, and `structural` instead of `semantic` if there
   * is no embedder, with a warning on the console. Throws `INVALID_DEDUPLICATION` for an invalid configuration.
   *
   * @example
   * ```ts
   * import { FactDeduplicationService } from "@cortex/memory/facts";
   * import { assertEquals } from "@std/assert";
   *
   * const embed = (text: string) => Promise.resolve([text.length, 1]); // your model
   * const { strategy } = FactDeduplicationService.resolveConfig(undefined, embed);
   * assertEquals(strategy, "semantic");
   * ```
   */
  static resolveConfig(
    config?: DeduplicationConfig | DeduplicationStrategy,
    fallbackEmbedding?: EmbedFactFn,
  ): DeduplicationConfig {
    checkDeduplication({ deduplication: config });
    const given = configOf(config);
    const generateEmbedding = given.generateEmbedding ?? fallbackEmbedding;
    return compact({
      ...given,
      strategy: feasibleStrategy(
        given.strategy,
        generateEmbedding,
        () => consoleLogger.warn(WITHOUT_VECTORS),
      ),
      generateEmbedding,
    });
  }

  /** Finds a current fact of the space that says the same, about the same user if one is given. */
  async findDuplicate(
    candidate: FactCandidate,
    memorySpaceId: string,
    config: DeduplicationConfig,
    userId?: string,
    controls?: CallControls,
  ): Promise<DuplicateResult> {
    if (!isRecord(candidate) || typeof candidate.fact !== "string") {
      throw wrongArgument("candidate", "a fact, with its text", candidate);
    }
    checkList({ memorySpaceId });
    if (!isRecord(config)) {
      throw wrongArgument("config", "an object with a strategy", config);
    }
    checkDeduplication({ deduplication: config });
    const { embed, ...lookup } = this.lookup(config);
    if (lookup.strategy === "none") return { isDuplicate: false };
    return await within(controls, async (signal) => {
      const { embedding, embeddings } = await this.vectors(
        { memorySpaceId, userId },
        candidate,
        embed,
        signal,
      );
      const found = await this.calls.query<
        {
          fact: FactRecord;
          matchedBy: DeduplicationStrategy;
          similarityScore: number;
        } | null
      >("facts:findDuplicate", {
        memorySpaceId,
        userId,
        fact: compact({
          ...pick(
            candidate,
            "fact",
            "factType",
            "subject",
            "predicate",
            "object",
            "confidence",
          ),
          embedding,
        }),
        embeddings,
        ...lookup,
      }, { signal });
      return found === null ? { isDuplicate: false } : {
        isDuplicate: true,
        existingFact: found.fact,
        ...pick(found, "similarityScore", "matchedBy"),
        shouldUpdate: candidate.confidence > found.fact.confidence,
      };
    });
  }
}
