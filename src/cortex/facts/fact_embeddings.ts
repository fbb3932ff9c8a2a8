/** Vectors of facts: each text is embedded once, stored facts that have no vector yet when they are first compared. */
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
  /** A user's are compared with facts of this user; those of no user with all. */
  userId?: string | undefined;
  /** Only facts of one type are compared with each other. */
  factTypes: readonly string[];
}

/** Makes vectors of facts and keeps them. */
export class FactEmbeddings extends ApiModule {
  readonly #kept = new WeakMap<object, Map<string, number[]>>();

  /** Makes vectors by the callback, or by the facade's embedder; undefined where there is neither. */
  maker(generate?: EmbedFactFn): EmbedTexts | undefined {
    const { embedder } = this.calls.context;
    if (generate !== undefined) {
      return this.keeping(generate, embedEach(generate, FactsValidationError));
    }
    return embedder &&
      this.keeping(embedder, embedTogether(embedder, FactsValidationError));
  }

  /** Vectors of the newest facts that would be compared but have none. One query; none where there is no maker. */
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

  /** The same maker, which is not asked twice for one text. */
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
  // The most recently used one comes last.
  kept.delete(text);
  kept.set(text, vector);
  if (kept.size > MAX_KEPT_VECTORS) kept.delete(kept.keys().next().value!);
}
