/** Turns what an extractor found into what the backend stores. */
import { EXTRACTED_CONFIDENCE } from "../limits.ts";
import { compact } from "../calls/api_context.ts";
import { createId } from "../calls/ids.ts";
import { FACT_TYPES, INVALID_CONFIDENCE } from "../rules/field_rules.ts";
import {
  current,
  cut,
  FORMAT,
  got,
  isRecord,
  isText,
  MISSING,
} from "../rules/rules.ts";
import type { Logger } from "../types/config.ts";
import type { ConflictDecision } from "../types/fact_belief.ts";
import type { ExtractedFact, FactType, RefusedFact } from "../types/facts.ts";

/** A fact on its way to the backend. */
export interface FactInput {
  factId: string;
  fact: string;
  factType: FactType;
  subject?: string;
  predicate?: string;
  object?: string;
  /** 0 to 100. */
  confidence: number;
  tags: readonly string[];
  embedding?: number[];
  /** What a language model decided about it. */
  decision?: ConflictDecision;
}

/** Facts to store, and those that cannot be. */
export interface PreparedFacts {
  facts: FactInput[];
  refused: RefusedFact[];
}

/** Runs an extractor. If it fails, the facts are lost but not the memory: the error is logged and returned. */
export async function extract(
  logger: Logger,
  extractor: () => Promise<ExtractedFact[] | null> | undefined,
): Promise<{ found: ExtractedFact[]; error?: unknown }> {
  try {
    const found = await extractor() ?? [];
    if (!Array.isArray(found)) {
      throw new TypeError(
        `extractFacts must return an array or null: ${got(found)}`,
      );
    }
    return { found };
  } catch (error) {
    logger.error("extractFacts failed: no facts are stored", error);
    return { found: [], error: error ?? null };
  }
}

/** Warns about each fact that was not stored. */
export function reportRefused(
  logger: Logger,
  refused: readonly RefusedFact[],
): void {
  for (const { code, message } of refused) {
    logger.warn(`A fact was not stored: ${code}: ${message}`);
  }
}

/**
 * Prepares facts in order. A fact without a statement, with an impossible confidence or that throws when it is read is
 * refused, but not the others.
 */
export function prepareFacts(
  extracted: readonly ExtractedFact[],
  defaults: { subject?: string; tags: readonly string[] },
): PreparedFacts {
  const prepared: PreparedFacts = { facts: [], refused: [] };
  for (const found of extracted) {
    try {
      prepareFact(found, defaults, prepared);
    } catch {
      prepared.refused.push({
        fact: "",
        code: FORMAT,
        message: "fact cannot be stored",
      });
    }
  }
  return prepared;
}

function prepareFact(
  found: Partial<ExtractedFact> | null,
  defaults: { subject?: string; tags: readonly string[] },
  { facts, refused }: PreparedFacts,
): void {
  const confidence = toPercent(found?.confidence);
  if (!isText(found?.fact)) {
    refused.push({
      fact: cut(String(found?.fact ?? "")),
      code: MISSING,
      message: `fact is required and ${
        isRecord(found)
          ? `cannot be empty: ${got(found.fact)}`
          : `must be in an object: ${got(found)}`
      }`,
    });
  } else if (!isWellFormed(found)) {
    refused.push({
      fact: cut(found.fact),
      code: FORMAT,
      message: "fact holds half a surrogate pair",
    });
  } else if (confidence < 0 || confidence > 100) {
    refused.push({
      fact: cut(found.fact),
      code: INVALID_CONFIDENCE,
      message: `confidence must be between 0 and 100: ${current(confidence)}`,
    });
  } else {
    facts.push({
      factId: createId("fact"),
      fact: found.fact,
      factType: typeOf(found.factType),
      ...compact({
        subject: isText(found.subject) ? found.subject : defaults.subject,
        predicate: isText(found.predicate) ? found.predicate : undefined,
        object: isText(found.object) ? found.object : undefined,
      }),
      confidence,
      tags: tagsOf(found) ?? defaults.tags,
    });
  }
}

/** Convex refuses half a surrogate pair, which a model's answer may contain if it was cut. */
function isWellFormed(found: Partial<ExtractedFact>): boolean {
  const { fact, subject, predicate, object } = found;
  return [fact, subject, predicate, object, ...tagsOf(found) ?? []].every(
    (text) => typeof text !== "string" || text.isWellFormed(),
  );
}

/** Models sometimes write types in capitals. */
function typeOf(found: unknown): FactType {
  const type = String(found).trim().toLowerCase();
  return FACT_TYPES.includes(type) ? type as FactType : "custom";
}

function tagsOf({ tags }: { tags?: unknown }): string[] | undefined {
  return Array.isArray(tags)
    ? tags.filter((tag) => typeof tag === "string")
    : undefined;
}

/** Extractors mix scales: a value above 0 and up to 1 is a fraction. */
function toPercent(confidence: unknown): number {
  if (typeof confidence !== "number" || Number.isNaN(confidence)) {
    return EXTRACTED_CONFIDENCE;
  }
  return confidence > 0 && confidence <= 1
    // 0.57 × 100 is 56.99999999999999 otherwise.
    ? Math.round(confidence * 1e8) / 1e6
    : confidence;
}
