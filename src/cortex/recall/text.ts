/** What was recalled as text for a language model, and how long it is. */
import {
  estimateTokens as estimate,
  formatForLLM as format,
} from "../memory/format_for_llm.ts";
import type { RecallItem } from "../types/recall.ts";
import { checkItems, checkMost, checkText } from "./checks.ts";

/**
 * Formats items under headings, facts first; empty when there are none. Each text is flattened to one line, so that
 * nothing remembered can open a section of its own, and followed by the day it was said (UTC), by who said it where
 * several users or several agents did, and by the item's id in brackets, to be cited by. Of lines that differ in their
 * ids alone, the first is given: what is repeated line after line teaches a model to pass over all of it.
 *
 * Throws `MemoryValidationError` `INVALID_ARGUMENT`.
 *
 * @param maxTokens Tokens of the whole at most, by {@link estimateTokens}. Items are taken in their order; one that does
 * not fit is left out in favour of shorter ones behind it, but for the first, whose text is cut. Texts longer than a
 * sixth of the whole and than 250 tokens are quoted in that length, around their passage that has most of the question.
 * Default: no bound, everything whole.
 */
export function formatForLLM(
  items: readonly RecallItem[],
  maxTokens: number = Infinity,
): string {
  checkItems(items);
  checkMost("maxTokens", maxTokens);
  return format(items, maxTokens);
}

/**
 * About how many tokens a text has: four ASCII characters make one, of which a digit counts for three, as ids and
 * dates are cut into short tokens; any other character is one. English prose has about an eighth fewer in the encodings
 * `o200k_base` and `cl100k_base`, code and Chinese have more.
 *
 * Throws `MemoryValidationError` `INVALID_ARGUMENT`.
 */
export function estimateTokens(text: string): number {
  checkText(text);
  return estimate(text);
}
