import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  axis,
  backendTest,
  exchange,
  fact,
  NOW,
  openBackend,
  SPACE,
} from "./backend.ts";
import type { ConversationView, FactRecord, MemoryEntry } from "./backend.ts";

const CONVERSATION = { conversationId: "conv-1" };

backendTest(
  "forget takes the memory and its facts and leaves the conversation",
  async (backend) => {
    const args = exchange({ facts: [fact("fact-1", { embedding: axis(1) })] });
    (args.memories as { embedding?: number[] }[])[0]!.embedding = axis(0);
    await backend.remember(args);
    const result = await backend.forget({ memoryId: "mem-u1" });
    assertEquals(result, {
      memoryDeleted: true,
      conversationDeleted: false,
      messagesDeleted: 0,
      factsDeleted: 1,
      factIds: ["fact-1"],
      restorable: true,
      done: true,
    });
    const gone = { memorySpaceId: SPACE, memoryId: "mem-u1" };
    assertEquals(await backend.query("memories:get", gone), null);
    const deleted = await backend.query<FactRecord>("facts:get", {
      memorySpaceId: SPACE,
      factId: "fact-1",
    });
    assertEquals(deleted.validUntil, NOW);
    const listed = await backend.query<FactRecord[]>("facts:list", {
      memorySpaceId: SPACE,
    });
    assertEquals(listed, []);
    assertEquals(await backend.rows("memoryEmbeddings"), []);
    assertEquals(await backend.rows("factEmbeddings"), []);
    const events = (await backend.rows("factHistory")).map((row) => row.action);
    assertEquals(events, ["CREATE", "DELETE"]);
    const kept = await backend.query<ConversationView>(
      "conversations:get",
      CONVERSATION,
    );
    assertEquals(kept.messageCount, 2);
  },
);

backendTest(
  "forgetting the answer leaves the facts with the question",
  async (backend) => {
    await backend.remember({ facts: [fact("fact-1")] });
    const result = await backend.forget({ memoryId: "mem-a1" });
    assertEquals(result.factIds, []);
  },
);

backendTest(
  "facts without a memory fall with the memory of their message",
  async (backend) => {
    await backend.remember();
    await backend.mutation("facts:store", {
      memorySpaceId: SPACE,
      factId: "fact-9",
      fact: "Loose",
      factType: "custom",
      confidence: 50,
      sourceType: "manual",
      tags: [],
      sourceRef: { conversationId: "conv-1", messageIds: ["u1", "a1"] },
    });
    const result = await backend.forget({ memoryId: "mem-a1" });
    assertEquals(result.factIds, ["fact-9"]);
  },
);

backendTest(
  "deleteConversation takes the memory's own messages",
  async (backend) => {
    await backend.remember();
    await backend.remember({ n: 2 });
    const result = await backend.forget({
      memoryId: "mem-a2",
      deleteConversation: true,
    });
    assertEquals(
      [result.messagesDeleted, result.conversationDeleted, result.restorable],
      [1, false, false],
    );
    const left = await backend.query<ConversationView>(
      "conversations:get",
      CONVERSATION,
    );
    assertEquals(left.messages.map((message) => message.id), [
      "u1",
      "a1",
      "u2",
    ]);
    assertEquals(left.messageCount, 3);
    const [row] = await backend.rows("conversations");
    assertEquals(row!.lastMessageAt, NOW + 20);
    assertEquals(row!.messageBytes, "question 1answer 1question 2".length);
  },
);

backendTest(
  "a message appended after a deletion keeps its place at the end",
  async (backend) => {
    await backend.remember();
    await backend.forget({ memoryId: "mem-a1", deleteConversation: true });
    const after = await backend.addMessage({
      ...CONVERSATION,
      message: { id: "m3", role: "user", content: "again" },
    });
    assertEquals(after.messages.map((message) => message.id), ["u1", "m3"]);
    assertEquals(after.messageCount, 2);
  },
);

backendTest(
  "deleteEntireConversation takes messages and facts of all of it",
  async (backend) => {
    await backend.remember({ facts: [fact("fact-1")] });
    await backend.remember({
      n: 2,
      facts: [fact("fact-2", { fact: "Other" })],
    });
    const result = await backend.forget({
      memoryId: "mem-u1",
      deleteConversation: true,
      deleteEntireConversation: true,
    });
    assertEquals(result, {
      memoryDeleted: true,
      conversationDeleted: true,
      messagesDeleted: 4,
      factsDeleted: 2,
      factIds: ["fact-1", "fact-2"],
      restorable: false,
      done: true,
    });
    assertEquals(await backend.rows("messages"), []);
    assertEquals(await backend.rows("conversations"), []);
    const enriched = await backend.query("memory:getEnriched", {
      memorySpaceId: SPACE,
      memoryId: "mem-u2",
    });
    assertEquals(Object.keys(enriched), ["memory"]);
  },
);

backendTest(
  "deleteEntireConversation takes facts that are archived with another memory",
  async (backend) => {
    await backend.remember();
    await backend.remember({ n: 2, facts: [fact("fact-2")] });
    const other = { memorySpaceId: SPACE, memoryId: "mem-u2" };
    await backend.mutation("memory:archive", other);
    const { factIds } = await backend.forget({
      memoryId: "mem-u1",
      deleteConversation: true,
      deleteEntireConversation: true,
    });
    assertEquals(factIds, ["fact-2"]);
    await backend.mutation("memory:restoreFromArchive", other);
    const [row] = await backend.rows("facts");
    assertEquals([row!.isCurrent, row!.deletedAt], [false, NOW]);
  },
);

for (const memoryId of ["mem-u3", "mem-early"]) {
  backendTest(
    `a long conversation goes in batches, ${memoryId} with the last`,
    async (backend) => {
      // Stored before the conversation, of which it names a message that goes with the first batch.
      await backend.mutation("memories:store", {
        memorySpaceId: SPACE,
        memoryId: "mem-early",
        content: "boats",
        contentType: "raw",
        sourceType: "conversation",
        importance: 1,
        tags: [],
        conversationRef: { conversationId: "conv-1", messageIds: ["u3"] },
        now: NOW - 1,
      });
      const calls = Array.from({ length: 150 }, (_, n) => ({
        name: "memory:remember",
        args: { now: NOW, ...exchange({ n }) },
      }));
      for (let at = 0; at < calls.length; at += 50) {
        await backend.mutation("batch:run", {
          calls: calls.slice(at, at + 50),
        });
      }
      const args = {
        memoryId,
        deleteConversation: true,
        deleteEntireConversation: true,
      };
      const first = await backend.forget(args);
      assertEquals(
        [first.done, first.memoryDeleted, first.conversationDeleted],
        [false, false, false],
      );
      assertEquals(first.messagesDeleted, 200);
      const between = await backend.query<ConversationView>(
        "conversations:get",
        CONVERSATION,
      );
      assertEquals(between.messageCount, 100);
      const second = await backend.forget(args);
      assertEquals(
        [second.done, second.memoryDeleted, second.conversationDeleted],
        [true, true, true],
      );
      assertEquals(second.messagesDeleted, 100);
      assertEquals(await backend.rows("messages"), []);
    },
  );
}

backendTest(
  "a memory without a conversation is forgotten alone",
  async (backend) => {
    await backend.mutation("memories:store", {
      memorySpaceId: SPACE,
      memoryId: "mem-1",
      content: "Loose",
      contentType: "raw",
      sourceType: "system",
      importance: 1,
      tags: [],
    });
    const result = await backend.forget({
      memoryId: "mem-1",
      deleteConversation: true,
      deleteEntireConversation: true,
    });
    assertEquals(
      [result.memoryDeleted, result.messagesDeleted, result.restorable],
      [true, 0, true],
    );
  },
);

backendTest("what is not there cannot be forgotten", async (backend) => {
  await backend.remember();
  for (
    const changes of [
      { memoryId: "mem-x" },
      { memoryId: "mem-u1", memorySpaceId: "space-2" },
      { memoryId: "mem-u1", tenantId: "t1" },
    ]
  ) {
    await assertRejects(
      () => backend.forget(changes),
      Error,
      "MEMORY_NOT_FOUND",
    );
  }
  assertEquals((await backend.rows("memories")).length, 2);
});

backendTest(
  "a memory goes into the archive with all its facts, in steps, and comes back with them",
  async (backend) => {
    const count = 450;
    await backend.remember({
      factMode: "plain",
      facts: Array.from({ length: count }, (_, at) => fact(`fact-${at}`)),
    });
    const named = { memorySpaceId: SPACE, memoryId: "mem-u1" };
    const current = async () =>
      (await backend.rows("facts")).filter((row) => row.isCurrent).length;
    type Archived = { archived: boolean; factIds: string[]; done: boolean };
    const ids = new Set<string>();
    for (let done = false, steps = 0; !done; steps++) {
      assert(steps < 4, "it ends");
      const step = await backend.mutation<Archived>("memory:archive", named);
      for (const id of step.factIds) ids.add(id);
      assertEquals(step.archived, step.done);
      done = step.done;
    }
    assertEquals([ids.size, await current()], [count, 0]);
    for (let done = false, steps = 0; !done; steps++) {
      assert(steps < 4, "it ends");
      done = (await backend.mutation<Archived>(
        "memory:restoreFromArchive",
        named,
      )).done;
    }
    assertEquals(await current(), count);
    await assertRejects(
      () => backend.mutation("memory:restoreFromArchive", named),
      Error,
      "MEMORY_NOT_ARCHIVED",
    );
  },
);

backendTest(
  "a forgotten memory leaves no word in its neighbours",
  async (backend) => {
    const words = ["alpha", "bravo", "delta"];
    const say = (n: number) => ({
      n,
      say: `${words[n]}user`,
      answer: words[n],
    });
    for (const n of [0, 1, 2]) await backend.remember(say(n));
    await backend.forget({ memoryId: "mem-u1" });
    await backend.forget({ memoryId: "mem-a1" });
    const left = await backend.rows("memories");
    assert(left.every((row) => !String(row.searchText).includes("bravo")));
    const other = openBackend();
    for (const n of [0, 2]) await other.remember(say(n));
    const expected = await other.rows("memories");
    await other.engine.close();
    assertEquals(
      left.map((row) => row.searchText),
      expected.map((row) => row.searchText),
    );
  },
);

backendTest(
  "an exchange that was forgotten stays forgotten when it is repeated",
  async (backend) => {
    await backend.remember();
    await backend.forget({ memoryId: "mem-u1" });
    const again = await backend.remember();
    assertEquals(again.repeated, true);
    assertEquals(again.memories.map((row) => row.memoryId), ["mem-a1"]);
  },
);

backendTest(
  "getEnriched and enrich give what surrounds a memory",
  async (backend) => {
    await backend.remember({ facts: [fact("fact-1")] });
    const space = { memorySpaceId: SPACE };
    type Enriched = {
      memory: MemoryEntry;
      conversation: ConversationView;
      sourceMessages: { id: string }[];
      facts: FactRecord[];
    };
    const enriched = await backend.query<Enriched>("memory:getEnriched", {
      ...space,
      memoryId: "mem-a1",
    });
    assertEquals(enriched.memory.memoryId, "mem-a1");
    assertEquals(enriched.conversation.messages.length, 2);
    assertEquals(enriched.sourceMessages.map((row) => row.id), ["a1"]);
    assertEquals(enriched.facts.map((row) => row.factId), ["fact-1"]);
    const none = { ...space, memoryId: "mem-x" };
    assertEquals(await backend.query("memory:getEnriched", none), null);
    const many = await backend.query<(Enriched & { memoryId: string })[]>(
      "memory:enrich",
      { ...space, memoryIds: ["mem-a1", "mem-x", "mem-u1"] },
    );
    assertEquals(many.map((row) => row.memoryId), ["mem-a1", "mem-u1"]);
    assertEquals(many[1]!.sourceMessages.map((row) => row.id), ["u1"]);
    await assertRejects(
      () =>
        backend.query("memory:enrich", {
          ...space,
          memoryIds: new Array(201).fill("mem-a1"),
        }),
      Error,
      "LIMIT_EXCEEDED",
    );
  },
);
