/** Memories whose messages, facts, versions or neighbours are together more than one call of the backend may read. */
import { assert, assertEquals } from "@std/assert";
import type { Cortex } from "../../src/cortex/cortex.ts";
import type { CreateConversationInput } from "../../src/cortex/types/conversations.ts";
import type { StoreMemoryInput } from "../../src/cortex/types/vector.ts";
import { inlineTest } from "../support/inline_cortex.ts";

const SPACE = "space";
/** Of which twenty take more than the 16 MiB that one call may read. */
const LARGE = "x".repeat(900_000);

const idsOf = (count: number) =>
  Array.from({ length: count }, (_, at) => `m-${at}`);

/** Creates Ann's conversation with the bot. */
async function createConversation(
  cortex: Cortex,
  more: Partial<CreateConversationInput> = {},
): Promise<void> {
  await cortex.conversations.create({
    conversationId: "conv",
    memorySpaceId: SPACE,
    type: "user-agent",
    participants: { userId: "ann", agentId: "bot" },
    ...more,
  });
}

/** A conversation of agents, with large metadata. */
const BETWEEN_SPACES: Partial<CreateConversationInput> = {
  type: "agent-agent",
  participants: { memorySpaceIds: [SPACE, "other"] },
  metadata: { LARGE },
};

/** Stores a conversation of `count` messages, and a memory made from all of them. */
async function storeMade(
  cortex: Cortex,
  count: number,
  content: string,
): Promise<void> {
  const conversationId = "conv";
  await createConversation(cortex);
  const messageIds = idsOf(count);
  for (const id of messageIds) {
    const message = { id, role: "user", content } as const;
    await cortex.conversations.addMessage({ conversationId, message });
  }
  await storeMemory(cortex, "made", {
    conversationRef: { conversationId, messageIds },
  });
}

async function storeMemory(
  cortex: Cortex,
  memoryId: string,
  more: Partial<StoreMemoryInput> = {},
): Promise<void> {
  await cortex.vector.store(SPACE, {
    memoryId,
    content: "A summary about tea",
    contentType: "summarized",
    userId: "ann",
    source: { type: "system" },
    metadata: { importance: 50, tags: [] },
    ...more,
  });
}

async function storeFacts(
  cortex: Cortex,
  count: number,
  sourceRef: { memoryId: string } | { conversationId: string },
  text: string,
): Promise<void> {
  for (let at = 0; at < count; at++) {
    await cortex.facts.store({
      memorySpaceId: SPACE,
      fact: `${at} ${text}`,
      factType: "knowledge",
      confidence: 80,
      sourceType: "manual",
      sourceRef,
    });
  }
}

inlineTest(
  "a memory of twenty large messages is recalled, found, read and forgotten",
  async (cortex) => {
    await storeMade(cortex, 20, LARGE);
    const { items } = await cortex.memory.recall({
      memorySpaceId: SPACE,
      query: "tea",
      includeConversation: true,
    });
    const [hit] = await cortex.memory.search(SPACE, "tea", {
      enrichConversation: true,
    });
    const read = await cortex.memory.get(SPACE, "made", {
      includeConversation: true,
    });
    for (const shown of [items[0], hit, read]) {
      assertEquals(shown?.sourceMessages?.[0]?.id, "m-0");
      assertEquals(shown?.conversation?.messages.at(-1)?.id, "m-19");
    }
    const forgotten = await cortex.memory.forget(SPACE, "made", {
      deleteConversation: true,
    });
    assertEquals(forgotten.messagesDeleted, 20);
    assertEquals(forgotten.memoryDeleted, true);
    const left = await cortex.conversations.get("conv");
    assertEquals([left?.messageCount, left?.messages], [0, []]);
  },
);

inlineTest(
  "forgetting a memory deletes each of its messages, however many",
  async (cortex) => {
    await storeMade(cortex, 450, "Hello");
    await storeFacts(cortex, 1, { memoryId: "made" }, "");
    const forgotten = await cortex.memory.forget(SPACE, "made", {
      deleteConversation: true,
    });
    assertEquals([forgotten.messagesDeleted, forgotten.factsDeleted], [450, 1]);
    assertEquals((await cortex.conversations.get("conv"))?.messageCount, 0);
  },
);

inlineTest("a conversation with large facts is forgotten", async (cortex) => {
  await storeMade(cortex, 1, "Hello");
  await storeFacts(
    cortex,
    21,
    { conversationId: "conv" },
    LARGE.slice(0, 790_000),
  );
  const forgotten = await cortex.memory.forget(SPACE, "made", {
    deleteConversation: true,
    deleteEntireConversation: true,
  });
  assertEquals(forgotten.factsDeleted, 21);
  assertEquals(forgotten.conversationDeleted, true);
  assertEquals(await cortex.facts.count({ memorySpaceId: SPACE }), 0);
});

inlineTest("memories with large facts are listed with them", async (cortex) => {
  for (let at = 0; at < 8; at++) {
    await storeMemory(cortex, `mem-${at}`);
    const text = LARGE.slice(0, 400_000);
    await storeFacts(cortex, 6, { memoryId: `mem-${at}` }, text);
  }
  const listed = await cortex.memory.list({
    memorySpaceId: SPACE,
    enrichFacts: true,
  });
  assertEquals(listed.length, 8);
  for (const { facts } of listed as { facts?: object[] }[]) {
    assertEquals(facts?.length, 6);
  }
});

inlineTest(
  "a memory of large versions is deleted from between large ones",
  async (cortex) => {
    for (let at = 0; at < 11; at++) {
      const memoryId = `mem-${at}`;
      await storeMemory(cortex, memoryId, {
        content: `${at}`,
        source: { type: "conversation", timestamp: 1_700_000_000_000 },
        conversationRef: { conversationId: "conv", messageIds: [`m-${at}`] },
      });
      for (let version = 0; version < (at === 0 ? 6 : 1); version++) {
        await cortex.vector.update(SPACE, memoryId, {
          content: `${LARGE} ${at}`,
        });
      }
    }
    const { deleted } = await cortex.memory.delete(SPACE, "mem-0");
    assertEquals(deleted, true);
    assertEquals(await cortex.vector.count({ memorySpaceId: SPACE }), 10);
  },
);

inlineTest(
  "a user who spoke in another's conversation is counted and erased, however large the conversation's metadata",
  async (cortex) => {
    const conversationId = "conv";
    await createConversation(cortex, {
      participants: { userId: "bob", agentId: "bot" },
      metadata: { LARGE },
    });
    for (let at = 0; at < 10; at++) {
      await cortex.memory.remember({
        memorySpaceId: SPACE,
        conversationId,
        userId: "ann",
        userName: "Ann",
        agentId: "bot",
        userMessage: `Question ${at}`,
        agentResponse: `Answer ${at}`,
      });
    }
    const erase = (dryRun: boolean) =>
      cortex.users.delete("ann", { cascade: true, dryRun });
    const [dry, done] = [await erase(true), await erase(false)];
    assertEquals(done.conversationMessagesDeleted, 20);
    assertEquals(dry.totalDeleted, done.totalDeleted);
    assertEquals(
      (await cortex.conversations.get(conversationId))?.messageCount,
      0,
    );
  },
);

inlineTest(
  "an agent is erased, however large what others said among agents and what users said to it",
  async (cortex) => {
    await cortex.agents.register({ id: "bot", name: "Bot" });
    for (let at = 0; at < 20; at++) {
      const conversationId = `conv-${at}`;
      await createConversation(cortex, { ...BETWEEN_SPACES, conversationId });
      await storeMemory(cortex, `mem-${at}`, {
        content: LARGE,
        agentId: "bot",
        messageRole: "user",
      });
    }
    const erased = await cortex.agents.unregister("bot", { cascade: true });
    assertEquals(erased.totalDeleted, 1);
    assertEquals(await cortex.agents.get("bot"), null);
    assertEquals((await cortex.conversations.list({})).total, 20);
  },
);

inlineTest(
  "the oldest conversation of two spaces is found, however many and large the others",
  async (cortex) => {
    for (const conversationId of idsOf(20)) {
      await createConversation(cortex, { ...BETWEEN_SPACES, conversationId });
    }
    const found = await cortex.conversations.findConversation({
      memorySpaceId: SPACE,
      type: "agent-agent",
      memorySpaceIds: ["other", SPACE],
    });
    assert(found !== null);
    assertEquals(found.conversationId, "m-0");
  },
);

for (const whose of ["user", "conversation"]) {
  inlineTest(
    `a fact of a ${whose} in twenty large versions is erased with its user`,
    async (cortex) => {
      const text = LARGE.slice(0, 790_000);
      const conversationId = "conv";
      await createConversation(cortex);
      let { factId } = await cortex.facts.store({
        memorySpaceId: SPACE,
        fact: text,
        factType: "knowledge",
        confidence: 80,
        sourceType: "manual",
        ...whose === "user"
          ? { userId: "ann" }
          : { sourceRef: { conversationId } },
      });
      for (let version = 2; version <= 20; version++) {
        const fact = `${text} ${version}`;
        ({ factId } = await cortex.facts.update(SPACE, factId, { fact }));
      }
      const erase = (dryRun: boolean) =>
        cortex.users.delete("ann", { cascade: true, dryRun });
      const [dry, done] = [await erase(true), await erase(false)];
      assertEquals(done.factsDeleted, 20);
      assertEquals(dry.totalDeleted, done.totalDeleted);
    },
  );
}

inlineTest(
  "an exchange is remembered again whose memories have large versions and facts",
  async (cortex) => {
    const remember = () =>
      cortex.memory.remember({
        memorySpaceId: SPACE,
        conversationId: "conv",
        userId: "ann",
        userName: "Ann",
        agentId: "bot",
        userMessage: "I like tea",
        agentResponse: "Which kind of tea do you like best?",
        userMessageId: "m-0",
        agentMessageId: "m-1",
      });
    const { memories } = await remember();
    for (const { memoryId } of memories) {
      for (let version = 0; version < 6; version++) {
        const content = `${version} ${LARGE}`;
        await cortex.vector.update(SPACE, memoryId, { content });
      }
      const text = LARGE.slice(0, 790_000);
      await storeFacts(cortex, 6, { memoryId }, text);
    }
    const again = await remember();
    assertEquals(again.repeated, true);
    assertEquals(again.memories.map(({ version }) => version), [7, 7]);
  },
);
