/** Combines the results of several searches into one answer. */
import { formatForLLM } from "../memory/format_for_llm.ts";
import type { FactRecord } from "../types/facts.ts";
import type {
  RecallItem,
  RecallResult,
  RecallSourceBreakdown,
} from "../types/recall.ts";
import type { MemoryEntry } from "../types/vector.ts";
import {
  factToRecallItem,
  memoryToRecallItem,
} from "../memory/recall_items.ts";
import { checkFound, checkMost, checkOptions } from "./checks.ts";
import { deduplicateResults, rankResults } from "./rank_results.ts";

/** Score of an item found directly, unless its search gave one. */
const DIRECT = 0.7;
/** Score of an item found through the graph. */
const EXPANDED = 0.5;

/** Options of {@link processRecallResults}. */
export interface ProcessRecallOptions {
  /** Most items. Default: all. */
  limit?: number | undefined;
  /** Builds `context`. Default: true. */
  formatForLLM?: boolean | undefined;
}

/**
 * Makes items of memories and facts, in the order of the arguments. Memories found directly keep the `_score` of their
 * search, or get 0.7; facts found directly get 0.7. What was found through the graph gets 0.5 and is connected to
 * `entities`.
 *
 * @param entities Names of the entities on the way through the graph.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { mergeResults } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const [memories, facts] = await Promise.all([
 *   cortex.vector.search("home", "tea"),
 *   cortex.facts.search("home", "tea"),
 * ]);
 * assertEquals(mergeResults(memories, facts, [], []), []); // nothing is stored yet
 * ```
 */
export function mergeResults(
  memories: readonly MemoryEntry[],
  facts: readonly FactRecord[],
  expandedMemories: readonly MemoryEntry[],
  expandedFacts: readonly FactRecord[],
  entities: readonly string[] = [],
): RecallItem[] {
  checkFound({ memories, facts, expandedMemories, expandedFacts, entities });
  const source = "graph-expanded";
  return [
    ...memories.map((memory) =>
      memoryToRecallItem(memory, "vector", memory._score ?? DIRECT)
    ),
    ...facts.map((fact) => factToRecallItem(fact, "facts", DIRECT)),
    ...[
      ...expandedMemories.map((memory) =>
        memoryToRecallItem(memory, source, EXPANDED)
      ),
      ...expandedFacts.map((fact) => factToRecallItem(fact, source, EXPANDED)),
    ].map((item) => connected(item, entities)),
  ];
}

function connected(item: RecallItem, entities: readonly string[]): RecallItem {
  const own = item.graphContext?.connectedEntities ?? [];
  return {
    ...item,
    graphContext: {
      connectedEntities: [...new Set([...entities, ...own])],
      relationshipPath: "graph-traversal",
    },
  };
}

/**
 * Reports what each search found: the direct hits, and the number of items that the graph added, with its entities.
 *
 * @example
 * ```ts
 * import { buildSourceBreakdown } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * const { vector, graph } = buildSourceBreakdown([], [], [], [], ["Ada", "tea"]);
 * assertEquals([vector.count, graph.expandedEntities], [0, ["Ada", "tea"]]);
 * ```
 */
export function buildSourceBreakdown(
  memories: readonly MemoryEntry[],
  facts: readonly FactRecord[],
  expandedMemories: readonly MemoryEntry[],
  expandedFacts: readonly FactRecord[],
  entities: readonly string[] = [],
): RecallSourceBreakdown {
  checkFound({ memories, facts, expandedMemories, expandedFacts, entities });
  return {
    vector: { count: memories.length, items: [...memories] },
    facts: { count: facts.length, items: [...facts] },
    graph: {
      count: expandedMemories.length + expandedFacts.length,
      expandedEntities: [...entities],
    },
  };
}

/**
 * Merges, deduplicates, ranks, limits and formats the results of several searches.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { processRecallResults } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const facts = [
 *   await cortex.facts.store({
 *     memorySpaceId: "home",
 *     fact: "Ada drinks tea",
 *     factType: "preference",
 *     confidence: 90,
 *     sourceType: "manual",
 *   }),
 * ];
 * const { items, context } = processRecallResults([], facts, [], [], []);
 * assertEquals(items[0]?.content, "Ada drinks tea");
 * assertEquals(context?.split("\n")[0], "## Relevant Context");
 * ```
 */
export function processRecallResults(
  memories: readonly MemoryEntry[],
  facts: readonly FactRecord[],
  expandedMemories: readonly MemoryEntry[],
  expandedFacts: readonly FactRecord[],
  entities: readonly string[] = [],
  options: ProcessRecallOptions = {},
): Pick<RecallResult, "items" | "sources" | "context"> {
  const found = [
    memories,
    facts,
    expandedMemories,
    expandedFacts,
    entities,
  ] as const;
  checkOptions("processRecallResults", options, {
    limit: 1,
    formatForLLM: 1,
  });
  if (options.limit !== undefined) checkMost("options.limit", options.limit);
  const items = rankResults(deduplicateResults(mergeResults(...found)))
    .slice(0, options.limit);
  return {
    items,
    sources: buildSourceBreakdown(...found),
    ...options.formatForLLM === false ? {} : { context: formatForLLM(items) },
  };
}
