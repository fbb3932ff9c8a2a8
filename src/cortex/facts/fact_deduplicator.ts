/** The deduplication that `facts` uses: stores facts unless they are known by text, by parts or by meaning. */
import { ApiModule } from "../calls/api_module.ts";
import type { ContextSource } from "../calls/context_source.ts";
import { asOne } from "../calls/deadline.ts";
import type { EmbedTexts } from "../calls/embedding.ts";
import type { NewFactArgs } from "./fact_args.ts";
import {
  type ComparedFacts,
  FactEmbeddings,
  type LateEmbedding,
} from "./fact_embeddings.ts";
import type { KeyedControls } from "../calls/idempotency.ts";
import type {
  DeduplicationConfig,
  DeduplicationStrategy,
  StoreWithDedupResult,
} from "../types/fact_belief.ts";
import type { FactRecord } from "../types/facts.ts";

/** Default similarity from which facts count as duplicates, 0 to 1. */
export const DEFAULT_THRESHOLD = 0.85;
/** The warning if there is no embedder. */
export const WITHOUT_VECTORS =
  "Semantic deduplication without embedder or generateEmbedding is structural";

/** How one lookup is done. */
export interface Lookup {
  strategy: DeduplicationStrategy;
  similarityThreshold: number;
  embed: EmbedTexts | undefined;
}

/** Stores facts unless they are known, over a client or the context of a `Cortex`. */
export class FactDeduplicator extends ApiModule {
  readonly #embeddings: FactEmbeddings;
  #hasWarned = false;

  /** Does no I/O. */
  constructor(client: ContextSource, embeddings?: FactEmbeddings) {
    super(client);
    this.#embeddings = embeddings ?? new FactEmbeddings(this.calls.context);
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
    const { embed, strategy, similarityThreshold } = this.lookup(
      configOf(config),
    );
    return await asOne(given, async (controls) => {
      if (strategy === "none") {
        const fact = await this.calls.mutation<FactRecord>(
          "facts:store",
          args,
          controls,
        );
        return { fact, wasUpdated: false };
      }
      const vectors = await this.vectors(args, args, embed, controls.signal);
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

  /**
   * Returns how a configuration compares facts.
   *
   * @internal
   */
  protected lookup(config: DeduplicationConfig): Lookup {
    const maker = this.#embeddings.maker(config.generateEmbedding);
    const strategy = feasibleStrategy(
      config.strategy,
      maker,
      () => this.#warnOnce(),
    );
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

  /**
   * Makes the vector of a fact, and of those facts of its space that have none yet.
   *
   * @internal
   */
  protected async vectors(
    space: Omit<ComparedFacts, "factTypes">,
    { fact, factType }: { fact: string; factType: string },
    embed: EmbedTexts | undefined,
    signal: AbortSignal | undefined,
  ): Promise<
    { embedding: number[] | undefined; embeddings: LateEmbedding[] }
  > {
    const [embeddings, own] = await Promise.all([
      this.#embeddings.late({ ...space, factTypes: [factType] }, embed, signal),
      embed?.([fact], signal),
    ]);
    return { embedding: own?.[0], embeddings };
  }
}

/** Returns a configuration in its long form; `semantic` if none is given. */
export function configOf(
  config: DeduplicationConfig | DeduplicationStrategy = "semantic",
): DeduplicationConfig {
  return typeof config === "string" ? { strategy: config } : config;
}

/** Replaces `semantic` by `structural` if there are no vectors to compare. */
export function feasibleStrategy(
  strategy: DeduplicationStrategy,
  maker: unknown,
  warn: () => void,
): DeduplicationStrategy {
  if (strategy !== "semantic" || maker !== undefined) return strategy;
  warn();
  return "structural";
}
