/** Tells new facts from known ones, by text, by parts, or by meaning. */
import { pick } from "./pick.ts";
import { ApiModule } from "./api_module.ts";
import { compact } from "./api_context.ts";
import type { CallArgs } from "./calls.ts";
import type { ContextSource } from "./context_source.ts";
import { within } from "./deadline.ts";
import type { EmbedTexts } from "./embedding.ts";
import type { NewFactArgs } from "./fact_args.ts";
import { FactEmbeddings } from "./fact_embeddings.ts";
import type { KeyedControls } from "./idempotency.ts";
import { consoleLogger } from "./logger.ts";
import type { CallControls } from "./types/common.ts";
import type {
  DeduplicationConfig,
  DeduplicationStrategy,
  DuplicateResult,
  EmbedFactFn,
  FactCandidate,
  StoreWithDedupResult,
} from "./types/fact_belief.ts";
import type { FactRecord } from "./types/facts.ts";

const DEFAULT_THRESHOLD = 0.85;
const WITHOUT_VECTORS =
  "Semantic deduplication needs generateEmbedding or an embedder: structural deduplication is used instead";

/** How one lookup is done. */
interface Lookup {
  strategy: DeduplicationStrategy;
  similarityThreshold: number;
  embed: EmbedTexts | undefined;
}

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
export class FactDeduplicationService extends ApiModule {
  readonly #embeddings: FactEmbeddings;
  #hasWarned = false;

  /** Does no I/O. */
  constructor(client: ContextSource, embeddings?: FactEmbeddings) {
    super(client);
    this.#embeddings = embeddings ?? new FactEmbeddings(this.calls.context);
  }

  /** A configuration with every default written out. */
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
   * The configuration that is meant: `semantic` for none, and `structural` for `semantic` without anything that makes
   * vectors; a warning on the console says so.
   */
  static resolveConfig(
    config?: DeduplicationConfig | DeduplicationStrategy,
    fallbackEmbedding?: EmbedFactFn,
  ): DeduplicationConfig {
    const given = configOf(config);
    const generateEmbedding = given.generateEmbedding ?? fallbackEmbedding;
    return compact({
      ...given,
      strategy: feasible(
        given.strategy,
        generateEmbedding,
        () => consoleLogger.warn(WITHOUT_VECTORS),
      ),
      generateEmbedding,
    });
  }

  /** Looks for a current fact of the space that says the same, about the same user where one is named. */
  async findDuplicate(
    candidate: FactCandidate,
    memorySpaceId: string,
    config: DeduplicationConfig,
    userId?: string,
    controls?: CallControls,
  ): Promise<DuplicateResult> {
    const { embed, ...lookup } = this.#lookup(config);
    if (lookup.strategy === "none") return { isDuplicate: false };
    return await within(controls, async (signal) => {
      const { embedding, embeddings } = await this.#vectors(
        { memorySpaceId },
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

  /**
   * Stores a fact unless it is known, in one transaction. One query comes before it where vectors are compared.
   *
   * @internal
   */
  async store(
    args: NewFactArgs,
    config: DeduplicationConfig | DeduplicationStrategy | undefined,
    given: KeyedControls,
  ): Promise<StoreWithDedupResult> {
    const { embed, strategy, similarityThreshold } = this.#lookup(
      configOf(config),
    );
    return await within(given, async (signal) => {
      const { idempotencyKey, asked } = given;
      const controls = { signal, idempotencyKey, asked };
      if (strategy === "none") {
        const fact = await this.calls.mutation<FactRecord>(
          "facts:store",
          args,
          controls,
        );
        return { fact, wasUpdated: false };
      }
      const vectors = await this.#vectors(args, args, embed, signal);
      const { fact, wasUpdated, ...found } = await this.calls.mutation<
        {
          fact: FactRecord;
          wasUpdated: boolean;
          matchedExisting: boolean;
          similarityScore?: number;
        }
      >("facts:storeWithDedup", {
        ...args,
        ...vectors,
        strategy,
        similarityThreshold,
      }, controls);
      return { fact, wasUpdated, deduplication: { strategy, ...found } };
    });
  }

  #lookup(config: DeduplicationConfig): Lookup {
    const maker = this.#embeddings.maker(config.generateEmbedding);
    const strategy = feasible(config.strategy, maker, () => this.#warnOnce());
    return {
      strategy,
      similarityThreshold: config.similarityThreshold ?? DEFAULT_THRESHOLD,
      embed: strategy === "semantic" ? maker : undefined,
    };
  }

  #warnOnce(): void {
    if (!this.#hasWarned) this.calls.context.logger.warn(WITHOUT_VECTORS);
    this.#hasWarned = true;
  }

  async #vectors(
    { memorySpaceId, tenantId }: CallArgs & { memorySpaceId: string },
    { fact, factType }: { fact: string; factType: string },
    embed: EmbedTexts | undefined,
    signal: AbortSignal | undefined,
  ) {
    const space = { memorySpaceId, tenantId, factTypes: [factType] };
    const [embeddings, own] = await Promise.all([
      this.#embeddings.late(space, embed, signal),
      embed?.([fact], signal),
    ]);
    return { embedding: own?.[0], embeddings };
  }
}

function configOf(
  config: DeduplicationConfig | DeduplicationStrategy = "semantic",
): DeduplicationConfig {
  return typeof config === "string" ? { strategy: config } : config;
}

/** Without vectors nothing tells meanings apart: parts must do. */
function feasible(
  strategy: DeduplicationStrategy,
  maker: unknown,
  warn: () => void,
): DeduplicationStrategy {
  if (strategy !== "semantic" || maker !== undefined) return strategy;
  warn();
  return "structural";
}
