/** The tools of `@cortex/memory/recall`: items, ranking, and combining several searches. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  buildSourceBreakdown,
  deduplicateResults,
  enrichWithConversations,
  estimateTokens,
  factToRecallItem,
  formatForLLM,
  memoryToRecallItem,
  mergeResults,
  processRecallResults,
  RANKING_WEIGHTS,
  rankResults,
  SCORE_BOOSTS,
} from "../../../cortex/recall/mod.ts";
import { MemoryValidationError } from "../../../errors.ts";
import type { Conversation } from "../../../cortex/types/conversations.ts";
import type { FactRecord } from "../../../cortex/types/facts.ts";
import type { RecallItem } from "../../../cortex/types/recall.ts";
import type { MemoryEntry } from "../../../cortex/types/vector.ts";
import type { ContractCase } from "../../types.ts";

const NOW = Date.UTC(2026, 0, 31);
const DAY_MS = 86_400_000;

const memory = (
  memoryId: string,
  changes: Partial<MemoryEntry> = {},
): MemoryEntry => ({
  _id: memoryId,
  memoryId,
  memorySpaceId: "space",
  content: `memory ${memoryId}`,
  contentType: "raw",
  sourceType: "conversation",
  sourceTimestamp: NOW,
  importance: 50,
  tags: [],
  version: 1,
  previousVersions: [],
  createdAt: NOW,
  updatedAt: NOW,
  accessCount: 0,
  ...changes,
});

const fact = (
  factId: string,
  changes: Partial<FactRecord> = {},
): FactRecord => ({
  _id: factId,
  factId,
  memorySpaceId: "space",
  fact: `fact ${factId}`,
  factType: "preference",
  confidence: 90,
  sourceType: "manual",
  tags: [],
  version: 1,
  createdAt: NOW,
  updatedAt: NOW,
  ...changes,
});

const scoreOf = (item: RecallItem) => rankResults([item], NOW)[0]!.score;
const connectedTo = (item: RecallItem, count: number): RecallItem => ({
  ...item,
  graphContext: {
    connectedEntities: Array.from({ length: count }, (_, at) => `e${at}`),
  },
});

/** Cases of the tools; none needs a backend. */
export const recallToolsContract: ContractCase<void>[] = [
  {
    name: "recall tools: items of memories and facts have their ids and texts",
    run() {
      const given = memory("m", { userId: "ada", tenantId: "acme" });
      assertEquals(memoryToRecallItem(given, "vector"), {
        type: "memory",
        id: "m",
        content: "memory m",
        score: 0.5,
        source: "vector",
        memory: given,
        userId: "ada",
        tenantId: "acme",
        graphContext: { connectedEntities: [] },
      });
      const entities = (changes: Partial<FactRecord>) =>
        factToRecallItem(fact("f", changes), "facts", 0.9).graphContext!
          .connectedEntities;
      assertEquals(entities({ subject: "Ada", object: "tea" }), ["Ada", "tea"]);
      assertEquals(entities({ subject: "Ada" }), ["Ada"]);
      assertEquals(entities({ object: "tea" }), []);
      assertEquals(factToRecallItem(fact("f"), "facts", 0.9).score, 0.9);
    },
  },
  {
    name:
      "recall tools: what is found directly scores above what the graph adds",
    run() {
      const items = mergeResults(
        [memory("m"), memory("close", { _score: 0.93 })],
        [fact("f")],
        [memory("x")],
        [fact("y", { subject: "Ada", object: "tea" })],
        ["Ada", "Grace"],
      );
      assertEquals(
        items.map(({ id, source, score }) => [id, source, score]),
        [
          ["m", "vector", 0.7],
          ["close", "vector", 0.93],
          ["f", "facts", 0.7],
          ["x", "graph-expanded", 0.5],
          ["y", "graph-expanded", 0.5],
        ],
      );
      assertEquals(items[3]!.graphContext, {
        connectedEntities: ["Ada", "Grace"],
        relationshipPath: "graph-traversal",
      });
      assertEquals(items[4]!.graphContext!.connectedEntities, [
        "Ada",
        "Grace",
        "tea",
      ]);
    },
  },
  {
    name:
      "recall tools: one item an id is kept, the direct one before the graph's",
    run() {
      const direct = memoryToRecallItem(memory("m"), "vector", 0.8);
      const expanded = mergeResults([], [], [memory("m")], [], ["Ada"])[0]!;
      for (const both of [[direct, expanded], [expanded, direct]]) {
        const other = memoryToRecallItem(memory("n"), "vector", 0.1);
        const [kept, last, more] = deduplicateResults([...both, other]);
        assertEquals(kept!.source, "vector");
        assertAlmostEquals(kept!.score, 0.88);
        assertEquals(kept!.graphContext, {
          connectedEntities: ["Ada"],
          relationshipPath: "graph-traversal",
        });
        assertEquals([last!.id, more], ["n", undefined]);
      }
      const high = { ...direct, score: 0.97 };
      assertEquals(deduplicateResults([high, expanded])[0]!.score, 1);
      assertEquals(deduplicateResults([direct, high]), [high]);
      assertEquals(deduplicateResults([high, direct]), [high]);
    },
  },
  {
    name:
      "recall tools: a rank adds up score, confidence, importance, age and connections",
    run() {
      assertAlmostEquals(
        Object.values<number>(RANKING_WEIGHTS).reduce((sum, weight) =>
          sum + weight
        ),
        1,
      );
      const item = memoryToRecallItem(memory("m"), "vector", 0.6);
      const base = 0.6 * 0.35 + 0.8 * 0.2 + 0.5 * 0.15;
      assertAlmostEquals(scoreOf(item), base + 0.15);
      const old = memory("m", { createdAt: NOW - 60 * DAY_MS });
      assertAlmostEquals(
        scoreOf(memoryToRecallItem(old, "vector", 0.6)),
        base + 0.15 / 4,
      );
      const known = factToRecallItem(fact("f"), "facts", 0.6);
      assertAlmostEquals(
        scoreOf(known),
        0.6 * 0.35 + 0.9 * 0.35 + 0.15,
      );
      assertAlmostEquals(
        scoreOf(connectedTo(item, 3)),
        base + 0.15 + 0.15 * 2 / Math.log2(11),
      );
      assertAlmostEquals(
        scoreOf(connectedTo(item, 4)),
        (base + 0.15 + 0.15 * Math.log2(5) / Math.log2(11)) *
          SCORE_BOOSTS.highlyConnected,
      );
      const said = memory("m", { messageRole: "user" });
      assertAlmostEquals(
        scoreOf(memoryToRecallItem(said, "vector", 0.6)),
        (base + 0.15) * SCORE_BOOSTS.userMessage,
      );
      const best = memory("m", { messageRole: "user", importance: 100 });
      assertEquals(
        scoreOf(connectedTo(memoryToRecallItem(best, "vector", 1), 20)),
        1,
      );
      // With a clock that is behind, recency is at most that of new items.
      assert(
        scoreOf(
          memoryToRecallItem(
            memory("m", { createdAt: NOW * 2 }),
            "vector",
            0.6,
          ),
        ) <= base + 0.15 + 1e-9,
      );
    },
  },
  {
    name:
      "recall tools: ranked items come best first, equal ones in their order",
    run() {
      const items = ["a", "b", "c"].map((id, at) =>
        memoryToRecallItem(memory(id), "vector", [0.2, 0.9, 0.2][at])
      );
      const before = JSON.stringify(items);
      assertEquals(rankResults(items).map(({ id }) => id), ["b", "a", "c"]);
      assertEquals(
        JSON.stringify(items),
        before,
        "what was given is unchanged",
      );
    },
  },
  {
    name: "recall tools: memories get their conversations where they are known",
    run() {
      const message = (id: string) => ({
        id,
        role: "user" as const,
        content: id,
        timestamp: NOW,
      });
      const conversation = {
        conversationId: "c",
        messages: [message("m-1"), message("m-2")],
      } as Conversation;
      const of = (conversationId: string) =>
        memoryToRecallItem(
          memory("m", {
            conversationRef: { conversationId, messageIds: ["m-2"] },
          }),
          "vector",
        );
      const [known, lost, none] = enrichWithConversations(
        [of("c"), of("gone"), factToRecallItem(fact("f"), "facts")],
        new Map([["c", conversation]]),
      );
      assertEquals(known!.conversation, conversation);
      assertEquals(known!.sourceMessages?.map(({ id }) => id), ["m-2"]);
      assertEquals([lost!.conversation, none!.conversation], [
        undefined,
        undefined,
      ]);
    },
  },
  {
    name: "recall tools: one answer is made of several searches",
    run() {
      const found = [
        [memory("m"), memory("n")],
        [fact("f")],
        [memory("m"), memory("x")],
        [],
      ] as const;
      const { items, sources, context } = processRecallResults(
        ...found,
        ["Ada"],
        { limit: 3 },
      );
      assertEquals(items.length, 3);
      assertEquals(new Set(items.map(({ id }) => id)).size, 3);
      assertEquals(sources, buildSourceBreakdown(...found, ["Ada"]));
      assertEquals(sources.vector.count, 2);
      assertEquals(sources.graph, { count: 2, expandedEntities: ["Ada"] });
      assertStringIncludes(context!, "- fact f (confidence: 90%)");
      const plain = processRecallResults(...found, [], { formatForLLM: false });
      assertEquals(plain.items.length, 4);
      assert(!("context" in plain));
      assertEquals(processRecallResults([], [], [], []), {
        items: [],
        sources: buildSourceBreakdown([], [], [], []),
        context: "",
      });
    },
  },
  {
    name: "recall tools: what is no item, record or bound is named",
    run() {
      const item = memoryToRecallItem(memory("m"), "vector");
      const wrong = "x" as never;
      const none = [[], [], []] as const;
      const calls: [() => unknown, field: string, says: string][] = [
        [() => formatForLLM(wrong), "items", "items must be an array: got a"],
        [
          () => formatForLLM([item, null as never]),
          "items[1]",
          "items[1] must be an item of a recall, with id, content and score",
        ],
        [
          () => formatForLLM([item], NaN),
          "maxTokens",
          "maxTokens must be a number over 0: got NaN",
        ],
        [
          () => formatForLLM([item], 9, "name" as never),
          "citeBy",
          'citeBy must be "id" or "number": got a string',
        ],
        [() => estimateTokens(5 as never), "text", "text must be a string"],
        [() => memoryToRecallItem(wrong, "vector"), "memory", "a memory, with"],
        [
          () => memoryToRecallItem(memory("m"), "vector", 50),
          "score",
          "score must be a number from 0 to 1: got 50",
        ],
        [
          () => factToRecallItem(null as never, "facts"),
          "fact",
          "a fact, with",
        ],
        [
          () => enrichWithConversations([item], {} as never),
          "conversations",
          "conversations must be a Map of conversations by id",
        ],
        [() => rankResults([item], NaN), "nowMs", "nowMs must be a time in ms"],
        [
          () => deduplicateResults([{ ...item, score: NaN }]),
          "items[0]",
          "items[0] must be an item",
        ],
        [
          () => mergeResults([], wrong, [], []),
          "facts",
          "facts must be an arr",
        ],
        [
          () => processRecallResults([{} as never], ...none),
          "memories[0]",
          "memories[0] must be a memory, with memoryId and content",
        ],
        [
          () => processRecallResults([], ...none, [], { limit: -1 }),
          "options.limit",
          "options.limit must be a number over 0: got -1",
        ],
        [
          () => processRecallResults([], ...none, [], { limt: 5 } as never),
          "options.limt",
          'processRecallResults has no option "limt" (did you mean limit?)',
        ],
      ];
      for (const [call, field, says] of calls) {
        const error = assertThrows(
          call,
          MemoryValidationError,
        ) as MemoryValidationError;
        assertEquals([error.code, error.field], ["INVALID_ARGUMENT", field]);
        assertStringIncludes(error.message, says);
      }
    },
  },
];
