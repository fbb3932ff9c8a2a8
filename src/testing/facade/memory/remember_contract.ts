/** `memory.remember`: what it stores, and the effect of callbacks. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  keepingLogger,
  rejectionOf,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** Cases of `remember`. */
export const facadeRememberContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "remember() stores two messages and two memories, each of its own message",
    async (cortex) => {
      const { conversation, memories, facts } = await cortex.memory.remember(
        exchange({ timestamp: 1000, importance: 0, tags: ["printer"] }),
      );
      assertEquals(conversation.conversationId, "conv-1");
      assertEquals(facts, []);
      assertEquals(
        memories.map((memory) => [
          memory.messageRole,
          memory.content,
          memory.sourceTimestamp,
          memory.importance,
          memory.tags,
          memory.conversationRef?.messageIds,
          memory.contentType,
          memory.userId,
          memory.agentId,
        ]),
        [
          [
            "user",
            exchange().userMessage,
            1000,
            0,
            ["printer"],
            [
              conversation.messageIds[0]!,
            ],
            "raw",
            "ada",
            "helper",
          ],
          [
            "agent",
            exchange().agentResponse,
            1001,
            0,
            ["printer"],
            [
              conversation.messageIds[1]!,
            ],
            "raw",
            "ada",
            "helper",
          ],
        ],
      );
      assertMatch(memories[0]!.memoryId, /^mem-\d+-[a-z0-9]{16,}$/);
      assertMatch(conversation.messageIds[0]!, /^msg-\d+-[a-z0-9]{16,}$/);
      const stored = await cortex.conversations.get("conv-1");
      assertEquals(
        stored?.messages.map((
          { id, role, timestamp },
        ) => [id, role, timestamp]),
        [
          [conversation.messageIds[0]!, "user", 1000],
          [conversation.messageIds[1]!, "agent", 1001],
        ],
      );
      assertEquals(stored?.type, "user-agent");
      assertEquals(stored?.participants.agentId, "helper");
    },
  ),
  cortexCase(
    "remember() takes importance 50 and now by default, and a Date as timestamp",
    async (cortex) => {
      const before = Date.now();
      const { memories } = await cortex.memory.remember(exchange());
      assertEquals(memories[0]!.importance, 50);
      assert(memories[0]!.sourceTimestamp >= before);
      const dated = await cortex.memory.remember(
        exchange({ conversationId: "conv-2", timestamp: new Date(5000) }),
      );
      assertEquals(dated.memories[0]!.sourceTimestamp, 5000);
    },
  ),
  cortexCase(
    "remember() appends to the conversation that is there: six messages after three calls",
    async (cortex) => {
      for (let i = 0; i < 3; i++) await cortex.memory.remember(exchange());
      const { total, conversations } = await cortex.conversations.list({
        memorySpaceId: "space",
      });
      assertEquals([total, conversations[0]?.messageCount], [1, 6]);
    },
  ),
  cortexCase(
    "remember() keeps no memory of a reply that only acknowledges, but its message",
    async (cortex) => {
      const { conversation, memories } = await cortex.memory.remember(
        exchange({ agentResponse: "Got it, noted!" }),
      );
      assertEquals([conversation.messageIds.length, memories.length], [2, 1]);
      const ok = await cortex.memory.remember(
        exchange({ agentResponse: "OK" }),
      );
      assertEquals(ok.memories.length, 2);
    },
  ),
  cortexCase(
    "remember() of an agent alone makes an agent-agent conversation",
    async (cortex) => {
      const { memories } = await cortex.memory.remember(
        exchange({ userId: undefined, userName: undefined }),
      );
      assertEquals(memories.length, 2);
      const conversation = await cortex.conversations.get("conv-1");
      assertEquals(conversation?.type, "agent-agent");
      assertEquals(conversation?.participants.memorySpaceIds, ["space"]);
    },
  ),
  {
    name:
      "remember() without a space remembers in the default one and warns once",
    async run(subject) {
      const logger = keepingLogger();
      await using cortex = subject.open({ logger });
      const { memories } = await cortex.memory.remember(
        exchange({ memorySpaceId: undefined }),
      );
      assertEquals(memories[0]?.memorySpaceId, "default");
      const warnings = logger.lines.filter((line) => line.startsWith("warn"));
      assertEquals(warnings.length, 1);
      assertMatch(warnings[0]!, /No memorySpaceId provided.*default/);
    },
  },
  cortexCase(
    "remember() repeated with its message ids writes nothing and returns what is stored",
    async (cortex) => {
      const params = exchange({
        userMessageId: "file-1",
        agentMessageId: "file-2",
        timestamp: 1000,
      });
      const first = await cortex.memory.remember(params);
      const second = await cortex.memory.remember(params);
      assertEquals(Object.keys(first), ["conversation", "memories", "facts"]);
      assertEquals(second.repeated, true);
      assertEquals(
        second.memories.map(({ memoryId }) => memoryId),
        first.memories.map(({ memoryId }) => memoryId),
      );
      const stored = await cortex.conversations.get("conv-1");
      assertEquals(stored?.messageCount, 2);
    },
  ),
  cortexCase(
    "remember() keeps one memory of a message that is answered once more, and draws the facts from it",
    async (cortex) => {
      const { memory } = cortex;
      const first = await memory.remember(
        exchange({ userMessageId: "file-1" }),
      );
      const second = await memory.remember(exchange({
        userMessageId: "file-1",
        agentResponse: "The cartridge is a TN-2000.",
        extractFacts: () =>
          Promise.resolve([
            { fact: "A cartridge fits", factType: "knowledge", confidence: 90 },
          ]),
      }));
      const [asked, answered] = second.memories;
      assertEquals(asked, first.memories[0]);
      assertEquals(answered?.content, "The cartridge is a TN-2000.");
      assertEquals(second.facts[0]?.sourceRef?.memoryId, asked?.memoryId);
      assertEquals(await memory.count({ memorySpaceId: "space" }), 3);
      // Of another content, or of a message without a memory, one is stored.
      await memory.remember(exchange({ userMessageId: "file-1" }), {
        extractContent: () => Promise.resolve("Asks about a cartridge"),
      });
      await memory.delete("space", first.memories[1]!.memoryId);
      const { messageIds } = first.conversation;
      await memory.remember(exchange({ agentMessageId: messageIds[1] }));
      assertEquals(await memory.count({ memorySpaceId: "space" }), 6);
    },
  ),
  cortexCase("remember() leaves out each skipped layer", async (cortex) => {
    const quiet = await cortex.memory.remember(
      exchange({
        skipLayers: ["conversations", "users", "agents"],
        extractFacts: () =>
          Promise.resolve([
            { fact: "The drum is worn", factType: "knowledge", confidence: 90 },
          ]),
      }),
    );
    // The caller may keep the conversation elsewhere.
    assertEquals(quiet.facts[0]?.sourceRef, {
      conversationId: "conv-1",
      memoryId: quiet.memories[0]?.memoryId,
    });
    assertEquals(quiet.conversation.messageIds, []);
    assertEquals(quiet.memories[0]?.conversationRef, undefined);
    assertEquals(await cortex.conversations.get("conv-1"), null);
    const unseen = await cortex.memory.remember(
      exchange({
        skipLayers: ["vector", "facts", "graph"],
        extractFacts: () => Promise.reject(new Error("must not be called")),
      }),
    );
    assertEquals([unseen.memories, unseen.facts], [[], []]);
    assertEquals((await cortex.conversations.get("conv-1"))?.messageCount, 2);
  }),
  cortexCase(
    "remember() stores the embeddings of both texts, one callback call a text",
    async (cortex) => {
      const texts: string[] = [];
      const { memories } = await cortex.memory.remember(exchange({
        generateEmbedding: (text) => {
          texts.push(text);
          return Promise.resolve([text.length, 1]);
        },
      }));
      assertEquals(texts, [exchange().userMessage, exchange().agentResponse]);
      const stored = await Promise.all(
        memories.map(({ memoryId }) => cortex.vector.get("space", memoryId)),
      );
      assertEquals(
        stored.map((entry) => entry?.embedding),
        texts.map((text) => [text.length, 1]),
      );
    },
  ),
  cortexCase(
    "remember() stores extracted content in place of the user's text, as summarized",
    async (cortex) => {
      const { memories } = await cortex.memory.remember(exchange(), {
        extractContent: () => Promise.resolve("Owns a Brother HL-2030"),
      });
      assertEquals(
        memories.map(({ content, contentType }) => [content, contentType]),
        [
          ["Owns a Brother HL-2030", "summarized"],
          [exchange().agentResponse, "raw"],
        ],
      );
    },
  ),
  cortexCase(
    "remember() writes nothing at all when an embedding callback fails",
    async (cortex) => {
      const error = await rejectionOf(() =>
        cortex.memory.remember(exchange({
          generateEmbedding: () => Promise.reject(new Error("no model")),
        }))
      );
      assertEquals(error.message, "no model");
      assertEquals(await cortex.conversations.get("conv-1"), null);
      await assertCode(
        () =>
          cortex.memory.remember(
            exchange({ generateEmbedding: () => Promise.resolve([NaN]) }),
          ),
        "INVALID_EMBEDDING",
      );
    },
  ),
  {
    name:
      "remember() uses the facade's embedder with autoEmbed, one call for both texts",
    async run(subject) {
      const batches: string[][] = [];
      await using cortex = subject.open({
        embedder: (texts) => {
          batches.push(texts);
          return Promise.resolve(texts.map((text) => [text.length]));
        },
      });
      const plain = await cortex.memory.remember(exchange());
      assertEquals([batches, plain.memories[0]?.embedding], [[], undefined]);
      await cortex.memory.remember(exchange({ autoEmbed: true }));
      assertEquals(batches, [[
        exchange().userMessage,
        exchange().agentResponse,
      ]]);
    },
  },
  cortexCase(
    "remember() takes vectors in typed arrays, as local models make them",
    async (cortex) => {
      const generateEmbedding = () => Promise.resolve(new Float32Array([1, 0]));
      const { memories } = await cortex.memory.remember(
        exchange({ generateEmbedding }),
      );
      assertEquals(memories[0]?.embedding, [1, 0]);
      const error = await rejectionOf(() =>
        cortex.memory.remember(
          exchange({
            generateEmbedding: () => Promise.resolve(new Float64Array([NaN])),
          }),
        )
      );
      assertEquals(error.code, "INVALID_EMBEDDING");
    },
  ),
];
