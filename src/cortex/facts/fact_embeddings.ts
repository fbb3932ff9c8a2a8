/** Vectors of facts. Each text is embedded once; stored facts without a vector, when they are first compared. */
import { MAX_KEPT_VECTORS } from "../limits.ts";
import { ApiModule } from "../calls/api_module.ts";
import { FactsValidationError } from "../../errors.ts";
import {
  embedEach,
  type EmbedTexts,
  embedTogether,
} from "../calls/embedding.ts";
import { FACT_TYPES } from "../rules/field_rules.ts";
import type { EmbedFactFn } from "../types/fact_belief.ts";

/** The vector of a stored fact that has none yet. */
export interface LateEmbedding {
  factId: string;
  fact: string;
  embedding: number[];
}

/** Facts whose vectors are compared. */
export interface ComparedFacts {
  memorySpaceId: string;
  tenantId?: string | undefined;
  /** Compares with facts about this user; without one, with all facts. */
  userId?: string | undefined;
  /** Only facts of one type are compared with each other. */
  factTypes: readonly string[];
}

/** Makes vectors of facts and caches them. */
export class FactEmbeddings extends ApiModule {
  readonly #kept = new WeakMap<object, Map<string, number[]>>();

  /** Returns the embedder to use: the callback, or else the facade's embedder; undefined if there is neither. */
  maker(generate?: EmbedFactFn): EmbedTexts | undefined {
    const { embedder } = this.calls.context;
    if (generate !== undefined) {
      return this.keeping(generate, embedEach(generate, FactsValidationError));
    }
    return embedder &&
      this.keeping(embedder, embedTogether(embedder, FactsValidationError));
  }

  /** Makes vectors for the newest facts that would be compared but have none. One query; none without an embedder. */
  async late(
    { memorySpaceId, tenantId, userId, factTypes }: ComparedFacts,
    embed: EmbedTexts | undefined,
    signal: AbortSignal | undefined,
  ): Promise<LateEmbedding[]> {
    const known = factTypes.filter((type) => FACT_TYPES.includes(type));
    if (!embed || known.length === 0) return [];
    const facts = await this.calls.query<{ factId: string; fact: string }[]>(
      "facts:withoutEmbedding",
      { memorySpaceId, tenantId, userId, factTypes: known },
      { signal },
    );
    const vectors = await embed(facts.map(({ fact }) => fact), signal);
    return facts.flatMap((fact, at) => {
      const embedding = vectors[at];
      return embedding ? [{ ...fact, embedding }] : [];
    });
  }

  /** Adds a cache to an embedder, so that each text is embedded once. */
  keeping(maker: object, embed: EmbedTexts): EmbedTexts {
    const kept = this.#kept.get(maker) ?? new Map<string, number[]>();
    this.#kept.set(maker, kept);
    return async (texts, signal) => {
      const missing = [...new Set(texts)].filter((text) => !kept.has(text));
      const found = new Map(kept);
      const vectors = missing.length === 0 ? [] : await embed(missing, signal);
      missing.forEach((text, at) => {
        if (vectors[at]) found.set(text, vectors[at]);
      });
      for (const text of texts) keep(kept, text, found.get(text));
      return texts.map((text) => found.get(text));
    };
  }
}

function keep(
  kept: Map<string, number[]>,
  text: string,
  vector: number[] | undefined,
): void {
  if (!vector) return;
  // Moves the text to the end: the first entry is the least recently used.
  kept.delete(text);
  kept.set(text, vector);
  if (kept.size > MAX_KEPT_VECTORS) kept.delete(kept.keys().next().value!);
}
