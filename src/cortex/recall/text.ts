/** Formats recalled items as text for a language model, and estimates the length of text in tokens. */
import {
  estimateTokens as estimate,
  formatForLLM as format,
} from "../memory/format_for_llm.ts";
import type { CiteBy, RecallItem } from "../types/recall.ts";
import { checkCiteBy, checkItems, checkMost, checkText } from "./checks.ts";

/**
 * Formats items under headings, facts first. Returns `""` for no items. Each item is one line, so that a remembered
 * text cannot open a section of its own. The line ends with a fact's confidence, or with the day a memory was said
 * (UTC) and the speaker where there are several users or several agents; then with the item's id or number in brackets,
 * for citations. Of lines that differ only in their ids, only the first is kept: models tend to skip text that repeats.
 *
 * @param maxTokens Most tokens of the whole text, by {@link estimateTokens}. Items are taken in order. One that does
 * not fit is left out, and shorter ones after it may still be taken; only the first item is cut instead. A text over a
 * quarter longer than both 250 tokens and a sixth of `maxTokens` is shortened to the passage that best matches the
 * question. Default: no limit.
 * @param citeBy Whether a line cites the item's id or its number in `items`, counted from 1. Default: `"id"`.
 * @throws {MemoryValidationError} `INVALID_ARGUMENT`.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { formatForLLM } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const { items } = await cortex.memory.recall({ memorySpaceId: "home", query: "tea" });
 * assertEquals(formatForLLM(items, 500), ""); // nothing is known yet
 * ```
 */
export function formatForLLM(
  items: readonly RecallItem[],
  maxTokens: number = Infinity,
  citeBy: CiteBy = "id",
): string {
  checkItems(items);
  checkMost("maxTokens", maxTokens);
  checkCiteBy(citeBy);
  return format(items, maxTokens, citeBy);
}

/**
 * Estimates the number of tokens of a text. Four ASCII characters count as one token, and a digit as three characters,
 * because ids and dates are split into short tokens. Any other character counts as one token. In the encodings
 * `o200k_base` and `cl100k_base`, English prose has about an eighth fewer; code and Chinese have more.
 *
 * @throws {MemoryValidationError} `INVALID_ARGUMENT`.
 *
 * @example
 * ```ts
 * import { estimateTokens } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(estimateTokens("Lisbon in spring"), 4);
 * ```
 */
export function estimateTokens(text: string): number {
  checkText(text);
  return estimate(text);
}
