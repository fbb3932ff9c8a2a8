/** Shared by the cases of facts. */
import type { Cortex } from "../../../cortex/cortex.ts";
import type { StoreFactParams } from "../../../cortex/types/fact_params.ts";
import type { FactRecord } from "../../../cortex/types/facts.ts";

/** A fact about Ada, with what a case changes. */
export function factOf(
  changes: Partial<StoreFactParams> = {},
): StoreFactParams {
  return {
    memorySpaceId: "space",
    fact: "Ada works at Acme",
    factType: "relationship",
    subject: "ada",
    predicate: "works at",
    object: "Acme",
    confidence: 80,
    sourceType: "manual",
    ...changes,
  };
}

/** Stores a fact about Ada, with what a case changes. */
export function storeFact(
  cortex: Cortex,
  changes: Partial<StoreFactParams> = {},
): Promise<FactRecord> {
  return cortex.facts.store(factOf(changes));
}

/** The texts of facts. */
export const texts = (facts: readonly { fact: string }[]): string[] =>
  facts.map(({ fact }) => fact);

/** The ids of facts. */
export const ids = (facts: readonly { factId: string }[]): string[] =>
  facts.map(({ factId }) => factId);

/** Vectors of two dimensions by the words `cold` and `warm`: texts that share the word are alike. */
export function temperature(text: string): Promise<number[]> {
  return Promise.resolve(
    /cold|icy/.test(text) ? [1, 0] : /warm|hot/.test(text) ? [0, 1] : [1, 1],
  );
}

/** Actions of the events of a fact, newest first. */
export async function actionsOf(
  cortex: Cortex,
  factId: string,
): Promise<string[]> {
  return (await cortex.facts.history(factId)).map(({ action }) => action);
}
