/** What share of a question's evidence was found. */
import { estimateTokens } from "../../../src/cortex/memory/format_for_llm.ts";

/** The most tokens that a model is given. */
export const TOKENS = 2000;
/** Items asked for to fill them. */
export const CONTEXT_ITEMS = 100;

/** The share of the evidence that is among messages. */
export function shareOf(
  evidence: readonly string[],
  found: readonly string[],
): number {
  const ids = new Set(found);
  return evidence.filter((id) => ids.has(id)).length / evidence.length;
}

/** How many texts, from the first on, fit into {@link TOKENS}. */
export function fitting(texts: readonly string[]): number {
  let left = TOKENS;
  const end = texts.findIndex((text) => {
    left -= estimateTokens(text);
    return left < 0;
  });
  return end < 0 ? texts.length : end;
}
