/** The order of items that several searches found. */
import type { RecallItem } from "../types/recall.ts";
import { checkItems, checkTime } from "./checks.ts";

/** Weights of the parts of a score in {@link rankResults}; their sum is 1. */
export const RANKING_WEIGHTS = {
  /** The score that the item came with. */
  semantic: 0.35,
  /** A fact's confidence; 0.8 for memories. */
  confidence: 0.2,
  /** A memory's importance; a fact's confidence. */
  importance: 0.15,
  /** Recency: halves with every 30 days since creation. */
  recency: 0.15,
  /** Number of entities that it is connected to; full at ten. */
  graphConnectivity: 0.15,
} as const;

/** Factors on a score in {@link rankResults}. */
export const SCORE_BOOSTS = {
  /** For items connected to more entities than the threshold. */
  highlyConnected: 1.2,
  /** For memories of what a user said. */
  userMessage: 1.1,
  /** The threshold, in entities. */
  highlyConnectedThreshold: 3,
} as const;

/** Factor for items found both directly and through the graph. */
const FOUND_TWICE = 1.1;
const MEMORY_CONFIDENCE = 80;
const HALF_LIFE_MS = 30 * 86_400_000;
const MANY_ENTITIES = 10;

/**
 * Keeps one item per id, at the position of the first. If one was found directly and another through the graph, the
 * direct one is kept, with the connections of both and a score raised by a tenth, to at most 1. Of two found in the
 * same way, the one with the higher score is kept.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { deduplicateResults, factToRecallItem } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * const fact = await cortex.facts.store({
 *   memorySpaceId: "home",
 *   fact: "Ada drinks tea",
 *   factType: "preference",
 *   confidence: 90,
 *   sourceType: "manual",
 * });
 * const direct = factToRecallItem(fact, "facts", 0.7);
 * const [kept] = deduplicateResults([factToRecallItem(fact, "graph-expanded"), direct]);
 * assertEquals([kept?.source, kept?.score.toFixed(2)], ["facts", "0.77"]);
 * ```
 */
export function deduplicateResults(items: readonly RecallItem[]): RecallItem[] {
  checkItems(items);
  const kept = new Map<string, RecallItem>();
  for (const item of items) {
    const other = kept.get(item.id);
    kept.set(item.id, other === undefined ? item : better(other, item));
  }
  return [...kept.values()];
}

function better(first: RecallItem, second: RecallItem): RecallItem {
  if (isExpanded(first) === isExpanded(second)) {
    return second.score > first.score ? second : first;
  }
  const [direct, expanded] = isExpanded(second)
    ? [first, second]
    : [second, first];
  return {
    ...direct,
    score: Math.min(1, direct.score * FOUND_TWICE),
    graphContext: {
      ...expanded.graphContext,
      ...direct.graphContext,
      connectedEntities: [
        ...new Set([...entitiesOf(direct), ...entitiesOf(expanded)]),
      ],
    },
  };
}

function isExpanded({ source }: RecallItem): boolean {
  return source === "graph-expanded";
}

/**
 * Scores items anew and sorts them, best first; items with equal scores keep their order. A score is the sum of the
 * parts weighted by {@link RANKING_WEIGHTS}, times the {@link SCORE_BOOSTS} that apply, clamped to 0 to 1.
 *
 * @param nowMs Time that recency is measured from, in ms since the Unix epoch. Default: now.
 *
 * @example
 * ```ts
 * import { Cortex } from "@cortex/memory";
 * import { rankResults } from "@cortex/memory/recall";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * await cortex.memory.remember({
 *   memorySpaceId: "home",
 *   conversationId: "c-1",
 *   agentId: "bot",
 *   userMessage: "I drink tea.",
 *   agentResponse: "Green tea, or black tea?",
 * });
 * const { items } = await cortex.memory.recall({ memorySpaceId: "home", query: "tea" });
 * const [first] = rankResults(items.map((item) => ({ ...item, score: 0.5 })));
 * assertEquals(first?.memory?.messageRole, "user"); // what users say counts more
 * ```
 */
export function rankResults(
  items: readonly RecallItem[],
  nowMs: number = Date.now(),
): RecallItem[] {
  checkItems(items);
  checkTime(nowMs);
  return items.map((item) => ({ ...item, score: scoreOf(item, nowMs) }))
    .sort((a, b) => b.score - a.score);
}

function scoreOf(item: RecallItem, nowMs: number): number {
  const { score, memory, fact } = item;
  const record = memory ?? fact;
  const confidence = fact?.confidence ?? MEMORY_CONFIDENCE;
  const importance = memory?.importance ?? confidence;
  const ageMs = Math.max(0, nowMs - (record?.createdAt ?? nowMs));
  const entities = entitiesOf(item).length;
  const connectivity = Math.log2(entities + 1) / Math.log2(MANY_ENTITIES + 1);
  const sum = score * RANKING_WEIGHTS.semantic +
    confidence / 100 * RANKING_WEIGHTS.confidence +
    importance / 100 * RANKING_WEIGHTS.importance +
    2 ** (-ageMs / HALF_LIFE_MS) * RANKING_WEIGHTS.recency +
    Math.min(1, connectivity) * RANKING_WEIGHTS.graphConnectivity;
  const boost =
    (entities > SCORE_BOOSTS.highlyConnectedThreshold
      ? SCORE_BOOSTS.highlyConnected
      : 1) *
    (memory?.messageRole === "user" ? SCORE_BOOSTS.userMessage : 1);
  return Math.min(1, Math.max(0, sum * boost));
}

function entitiesOf({ graphContext }: RecallItem): readonly string[] {
  return graphContext?.connectedEntities ?? [];
}
