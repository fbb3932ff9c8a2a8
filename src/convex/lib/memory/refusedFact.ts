/** Facts that were found in a text, and reports of those that could not be stored. */
import { INVALID_FACT } from "../codes.ts";
import { v } from "convex/values";
import { checkNewFact, type NewFact } from "../facts/factStore.ts";
import { cutText } from "../text/cutText.ts";
import { isExpected } from "../errors.ts";
import { eachInOne } from "../oneTransaction.ts";

/** Characters shown of a statement. */
const MAX_SHOWN = 80;

/** Validator of a refusal. */
export const refusedFact = v.object({
  fact: v.string(),
  code: v.string(),
  message: v.string(),
});

type Refusal = typeof refusedFact.type;

/** A fact that is not checked yet. */
export type UncheckedFact = Parameters<typeof checkNewFact>[0];

/**
 * Stores facts one after another, so that each is compared with those before it. A refused one writes nothing.
 *
 * @returns The refusals, if there are any.
 */
export async function storeFound<Found extends { fact: string }>(
  found: readonly Found[],
  factOf: (found: Found) => UncheckedFact,
  store: (fact: NewFact, found: Found) => Promise<void>,
): Promise<{ refusedFacts?: Refusal[] }> {
  const refusedFacts: Refusal[] = [];
  await eachInOne("facts", found, async (one) => {
    const fact = factOf(one);
    try {
      checkNewFact(fact);
    } catch (error) {
      refusedFacts.push(refusalOf(one.fact, error));
      return;
    }
    await store(fact, one);
  });
  return refusedFacts.length > 0 ? { refusedFacts } : {};
}

/** Makes the report of a fact that was refused; rethrows any other error. */
function refusalOf(statement: string, error: unknown): Refusal {
  if (!isExpected(error)) throw error;
  const message = String(error.data);
  const code = /^[A-Z0-9_]+/.exec(message)?.[0] ?? INVALID_FACT;
  return { fact: cutText(statement, MAX_SHOWN), code, message };
}
