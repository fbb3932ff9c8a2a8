/** `memory.search`, `store`, `get`, `forget`, and `vector`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  note,
  silent,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

const keyFact = {
  fact: "The spare key is under a flower pot",
  factType: "knowledge" as const,
  confidence: 80,
};

/** Cases of the other methods of `memory`, and of `vector`. */
export const facadeMemoryContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "store() returns the row that get() reads, with all that was given",
    async (cortex) => {
      const { memory, facts } = await cortex.memory.store(
        "space",
        note({
          source: {
            type: "tool",
            userId: "ada",
            userName: "Ada",
            timestamp: 1000,
          },
          metadata: { importance: 0, tags: [], room: "hall", $odd: { _x: 1 } },
          userId: "ada",
          participantId: "tool-1",
          enrichedContent: "key, door",
          factCategory: "home",
        }),
      );
      assertEquals(facts, []);
      assertEquals(
        [
          memory.sourceType,
          memory.sourceUserName,
          memory.sourceTimestamp,
          memory.importance,
          memory.metadata,
          memory.version,
          memory.previousVersions,
        ],
        ["tool", "Ada", 1000, 0, { room: "hall", $odd: { _x: 1 } }, 1, []],
      );
      assertEquals(await cortex.memory.get("space", memory.memoryId), memory);
      assertEquals(await cortex.vector.get("space", memory.memoryId), memory);
    },
  ),
  cortexCase(
    "store() with an id of the caller's stores once, facts included",
    async (cortex) => {
      const input = note({
        memoryId: "mem-own",
        extractFacts: () => Promise.resolve([keyFact]),
      });
      const first = await cortex.memory.store("space", input);
      const second = await cortex.memory.store("space", input);
      assertEquals(first.memory.memoryId, "mem-own");
      assertEquals(second.memory._id, first.memory._id);
      assertEquals(second.facts[0]?.factId, first.facts[0]?.factId);
      assertEquals((await cortex.memory.search("space", "key")).length, 1);
    },
  ),
  cortexCase(
    "store() keeps the facts found in the content, with the memory as their source",
    async (cortex) => {
      const { memory, facts, refusedFacts } = await cortex.memory.store(
        "space",
        note({
          userId: "ada",
          extractFacts: (content) =>
            Promise.resolve([
              { ...keyFact, fact: content },
              { ...keyFact, fact: "No tag is given", tags: [] },
              { ...keyFact, fact: "One is given", tags: ["own"] },
              { ...keyFact, confidence: -5 },
            ]),
        }),
      );
      assertEquals(
        facts.map(({ fact, sourceType, sourceRef, subject, tags }) => [
          fact,
          sourceType,
          sourceRef?.memoryId,
          subject,
          tags,
        ]),
        [
          [note().content, "system", memory.memoryId, "ada", ["home"]],
          ["No tag is given", "system", memory.memoryId, "ada", ["home"]],
          ["One is given", "system", memory.memoryId, "ada", ["own"]],
        ],
      );
      assertEquals(refusedFacts?.map(({ code }) => code), [
        "INVALID_CONFIDENCE",
      ]);
      const failed = await cortex.memory.store(
        "space",
        note({ extractFacts: () => Promise.reject(new Error("no model")) }),
      );
      assertEquals(failed.facts, []);
    },
    { logger: silent },
  ),
  cortexCase(
    "store() accepts a conversation as source with its reference",
    async (cortex) => {
      const { conversation } = await cortex.memory.remember(exchange());
      const { memory } = await cortex.memory.store(
        "space",
        note({
          source: { type: "conversation" },
          conversationRef: conversation,
        }),
      );
      assertEquals(memory.conversationRef, conversation);
    },
  ),
  cortexCase(
    "get() gives null for an unknown id and for another space",
    async (cortex) => {
      const { memory } = await cortex.memory.store("space", note());
      assertEquals(await cortex.memory.get("space", "mem-unknown"), null);
      assertEquals(await cortex.memory.get("other", memory.memoryId), null);
      assertEquals(await cortex.vector.get("other", memory.memoryId), null);
    },
  ),
  cortexCase(
    "get() adds conversation, messages and facts when asked",
    async (cortex) => {
      const { memories, conversation } = await cortex.memory.remember(
        exchange({ extractFacts: () => Promise.resolve([keyFact]) }),
      );
      const found = await cortex.memory.get("space", memories[0]!.memoryId, {
        includeConversation: true,
      });
      assertEquals(found?.memory.memoryId, memories[0]!.memoryId);
      assertEquals(found?.conversation?.messageCount, 2);
      assertEquals(found?.sourceMessages?.map(({ id }) => id), [
        conversation.messageIds[0]!,
      ]);
      assertEquals(found?.facts?.map(({ fact }) => fact), [keyFact.fact]);
      const { memory } = await cortex.memory.store("space", note());
      const alone = await cortex.memory.get("space", memory.memoryId, {
        includeConversation: true,
      });
      assertEquals(alone, {
        memory,
        conversation: undefined,
        sourceMessages: undefined,
        facts: undefined,
      });
    },
  ),
  cortexCase(
    "search() finds by words, by user, tag, source and importance, up to the limit",
    async (cortex) => {
      await cortex.memory.remember(exchange());
      await cortex.memory.store("space", note());
      await cortex.memory.store("other", note());
      const count = async (query: string, options?: object) =>
        (await cortex.memory.search("space", query, options)).length;
      assertEquals(await count("spare key"), 1);
      assertEquals(await count("printer drum"), 2);
      assertEquals(await count("printer drum", { limit: 1 }), 1);
      assertEquals(await count("printer drum", { limit: 5000 }), 2);
      assertEquals(await count("printer", { userId: "ada" }), 1);
      assertEquals(await count("printer", { userId: "bob" }), 0);
      assertEquals(await count("key printer", { tags: ["home"] }), 1);
      assertEquals(await count("key printer", { sourceType: "system" }), 1);
      assertEquals(await count("key printer", { minImportance: 80 }), 1);
      assertEquals(await count("key", { minScore: 1 }), 1);
      assertEquals(await count("zebra"), 0);
      // A single word may be a prefix.
      assertEquals(await count("flow"), 1);
      assertEquals(await count("flow drum"), 1);
      assertEquals(await count("lower"), 0);
    },
  ),
  cortexCase(
    "search() with an embedding ranks by similarity and gives scores from 0 to 1",
    async (cortex) => {
      for (
        const [content, embedding] of [["a", [1, 0]], ["b", [0, 1]]] as const
      ) {
        await cortex.vector.store(
          "space",
          note({ content, embedding: [...embedding] }),
        );
      }
      await cortex.vector.store("space", note({ embedding: [1, 0, 0] }));
      const hits = await cortex.vector.search("space", "", {
        embedding: [0.1, 0.9],
      });
      assertEquals(hits.map(({ content }) => content), ["b", "a"]);
      for (const { _score } of hits) assert(_score! >= 0 && _score! <= 1);
      const [enriched] = await cortex.memory.search("space", "any", {
        embedding: [0, 1],
        minScore: 0.9,
        enrichConversation: true,
      });
      assertEquals(enriched?.memory.content, "b");
      assertEquals(enriched?.score, enriched?.memory._score);
      // Vectors whose length rounds: the same one is as near as can be.
      for (const embedding of [[0.1, 0.1, 0, 0], [0.1, 0.6, 0, 0]]) {
        await cortex.vector.store("same", note({ embedding }));
        const [hit] = await cortex.vector.search("same", "", {
          embedding,
          minScore: 1,
        });
        assertEquals([hit?.embedding, hit?._score], [embedding, 1]);
      }
    },
  ),
  cortexCase(
    "search() enriches its hits in their order by one call, and tolerates a conversation that is gone",
    async (cortex) => {
      await cortex.memory.remember(exchange());
      await cortex.memory.store(
        "space",
        note({
          content: "The printer manual is in the drawer.",
          source: { type: "conversation" },
          conversationRef: { conversationId: "gone", messageIds: ["m"] },
        }),
      );
      const plain = await cortex.memory.search("space", "printer");
      const { calls } = cortex.stats();
      const hits = await cortex.memory.search("space", "printer", {
        enrichConversation: true,
      });
      assertEquals(cortex.stats().calls, calls + 1);
      assertEquals(
        hits.map(({ memory }) => memory.memoryId),
        plain.map(({ memoryId }) => memoryId),
      );
      const byConversation = new Map(
        hits.map((
          { memory, conversation },
        ) => [memory.conversationRef?.conversationId, conversation]),
      );
      assertEquals(byConversation.get("gone"), undefined);
      assertEquals(byConversation.get("conv-1")?.messageCount, 2);
    },
  ),
  cortexCase(
    "forget() deletes the memory and its facts, and keeps the conversation",
    async (cortex) => {
      const { memories, facts } = await cortex.memory.remember(
        exchange({ extractFacts: () => Promise.resolve([keyFact]) }),
      );
      const result = await cortex.memory.forget("space", memories[0]!.memoryId);
      assertEquals(result, {
        memoryDeleted: true,
        conversationDeleted: false,
        messagesDeleted: 0,
        factsDeleted: 1,
        factIds: [facts[0]!.factId],
        restorable: true,
      });
      assertEquals(
        await cortex.memory.get("space", memories[0]!.memoryId),
        null,
      );
      assertEquals((await cortex.conversations.get("conv-1"))?.messageCount, 2);
      const { sources } = await cortex.memory.recall({
        memorySpaceId: "space",
        query: "spare key flower pot",
      });
      assertEquals(sources.facts.count, 0);
    },
  ),
  cortexCase(
    "forget() deletes the source messages, or the whole conversation, when asked",
    async (cortex) => {
      const first = await cortex.memory.remember(exchange());
      const some = await cortex.memory.forget(
        "space",
        first.memories[0]!.memoryId,
        { deleteConversation: true },
      );
      assertEquals(
        [some.messagesDeleted, some.conversationDeleted, some.restorable],
        [1, false, false],
      );
      const all = await cortex.memory.forget(
        "space",
        first.memories[1]!.memoryId,
        { deleteConversation: true, deleteEntireConversation: true },
      );
      assertEquals(
        [all.messagesDeleted, all.conversationDeleted, all.restorable],
        [1, true, false],
      );
      assertEquals(await cortex.conversations.get("conv-1"), null);
    },
  ),
  cortexCase(
    "forget() of a conversation of 250 messages goes in steps, tells of them and counts them all",
    async (cortex) => {
      const results = await Promise.all(
        Array.from(
          { length: 125 },
          (_, i) =>
            cortex.memory.remember(exchange({ userMessage: `Reading ${i}` })),
        ),
      );
      const told: number[] = [];
      const result = await cortex.memory.forget(
        "space",
        results[0]!.memories[0]!.memoryId,
        {
          deleteConversation: true,
          deleteEntireConversation: true,
          onProgress: ({ processed }) => told.push(processed),
        },
      );
      assertEquals(
        [
          result.memoryDeleted,
          result.conversationDeleted,
          result.messagesDeleted,
        ],
        [true, true, 250],
      );
      assertEquals(told, [200, 250]);
    },
  ),
  cortexCase(
    "forget() rejects with MEMORY_NOT_FOUND for an unknown id and for another space",
    async (cortex) => {
      const { memory } = await cortex.memory.store("space", note());
      await assertCode(
        () => cortex.memory.forget("space", "mem-unknown"),
        "MEMORY_NOT_FOUND",
      );
      await assertCode(
        () => cortex.memory.forget("other", memory.memoryId),
        "MEMORY_NOT_FOUND",
      );
    },
  ),
  cortexCase(
    "vector.store() keeps 50,000 characters, empty message lists and embeddings of any length",
    async (cortex) => {
      const content = "long ".repeat(10_000);
      const embedding = Array.from({ length: 1536 }, (_, i) => i / 1536);
      const stored = await cortex.vector.store(
        "space",
        note({
          content,
          embedding,
          conversationRef: { conversationId: "c", messageIds: [] },
        }),
      );
      assertMatch(stored.memoryId, /^mem-/);
      assertEquals(stored.content.length, 50_000);
      assertEquals(stored.conversationRef?.messageIds, []);
      const read = await cortex.vector.get("space", stored.memoryId);
      assertEquals(read, stored);
      assertEquals(read?.embedding, embedding);
    },
  ),
  cortexCase(
    "vector.store() takes an empty embedding for none, and tags that are empty",
    async (cortex) => {
      const stored = await cortex.vector.store(
        "space",
        note({
          contentType: "fact" as "raw",
          embedding: [],
          metadata: { importance: 100, tags: [""] },
        }),
      );
      assertEquals([stored.embedding, stored.tags], [undefined, [""]]);
    },
  ),
];
