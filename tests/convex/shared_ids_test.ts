/** Rows that name an id which others use, too, or have used before. */
import { assertEquals } from "@std/assert";
import { backendTest, exchange, NOW, SPACE } from "./backend.ts";
import { erase } from "./erase_support.ts";
import type { RecallResult } from "../../src/convex/lib/recall/recallArgs.ts";

backendTest(
  "neither the export nor the erasure of a user has what others made from an earlier conversation or memory of that id",
  async (backend) => {
    await backend.remember({ userId: "bob", userName: "Bob" });
    const sources = [
      ["of-talk", { conversationId: "conv-1" }],
      ["of-memory", { memoryId: "mem-a1" }],
    ] as const;
    for (const [factId, sourceRef] of sources) {
      await backend.mutation("facts:store", {
        memorySpaceId: SPACE,
        factId,
        fact: `Bob said ${factId}`,
        factType: "knowledge",
        confidence: 80,
        sourceType: "conversation",
        sourceRef,
        tags: [],
        userId: "bob",
      });
    }
    await backend.mutation("conversations:deleteConversation", {
      conversationId: "conv-1",
    });
    await backend.mutation("memories:deleteMemory", {
      memorySpaceId: SPACE,
      memoryId: "mem-a1",
    });
    const again = exchange({ n: 2 });
    const [own, reply] = again.memories as Record<string, unknown>[];
    await backend.remember({
      ...again,
      memories: [own, { ...reply, memoryId: "mem-a1" }],
      now: NOW + 1000,
    });

    const { lines } = await backend.query<{ lines: string[] }>(
      "transfer:dump",
      { userId: "ann" },
    );
    assertEquals(lines.filter((line) => /bob/i.test(line)), []);
    await erase(backend, "users:eraseUser", { userId: "ann" });
    const [facts, memories] = [
      await backend.rows("facts"),
      await backend.rows("memories"),
    ];
    assertEquals(facts.map(({ factId }) => factId), ["of-talk", "of-memory"]);
    assertEquals(memories.map(({ memoryId }) => memoryId), ["mem-u1"]);
  },
);

backendTest(
  "a dry run counts what replaced a fact of the user, though it was made from an earlier conversation of the same id",
  async (backend) => {
    const store = (userId: string, factId: string, at: number) =>
      backend.mutation("facts:store", {
        memorySpaceId: SPACE,
        factId,
        fact: `${userId} likes tea`,
        factType: "preference",
        confidence: 80,
        sourceType: "conversation",
        sourceRef: { conversationId: "conv-1" },
        tags: [],
        userId,
        now: NOW + at,
      });
    await backend.remember({ userId: "bob", userName: "Bob" });
    await store("bob", "new", 1);
    await store("ann", "old", 2);
    await backend.mutation("facts:supersede", {
      memorySpaceId: SPACE,
      oldFactId: "old",
      newFactId: "new",
      now: NOW + 3,
    });
    await backend.mutation("conversations:deleteConversation", {
      conversationId: "conv-1",
    });
    await backend.remember({ ...exchange({ n: 2 }), now: NOW + 1000 });
    for (const dryRun of [true, false]) {
      const { last } = await erase(backend, "users:eraseUser", {
        userId: "ann",
        dryRun,
      });
      assertEquals(last.counts.facts, 2, `dryRun: ${dryRun}`);
    }
    assertEquals(await backend.rows("facts"), []);
  },
);

backendTest(
  "neither the erasure of a user nor a memory has another's fact of an earlier source of that id, though it was changed since",
  async (backend) => {
    const memory = (userId: string) =>
      backend.mutation("memories:store", {
        memorySpaceId: SPACE,
        memoryId: "m",
        content: `${userId} likes tea`,
        contentType: "raw",
        userId,
        sourceType: "system",
        importance: 50,
        tags: [],
        now: userId === "bob" ? NOW : NOW + 1000,
      });
    await backend.remember({ userId: "bob", userName: "Bob" });
    await memory("bob");
    const sourceRefs = [{ conversationId: "conv-1" }, { memoryId: "m" }];
    for (const [at, sourceRef] of sourceRefs.entries()) {
      await backend.mutation("facts:store", {
        memorySpaceId: SPACE,
        factId: `bob-${at}`,
        fact: `Bob likes tea ${at}`,
        factType: "preference",
        confidence: 80,
        sourceType: "conversation",
        sourceRef,
        tags: [],
        userId: "bob",
      });
    }
    await backend.mutation("conversations:deleteConversation", {
      conversationId: "conv-1",
    });
    const named = { memorySpaceId: SPACE, memoryId: "m" };
    await backend.mutation("memories:deleteMemory", named);
    await backend.remember({ ...exchange({ n: 2 }), now: NOW + 1000 });
    await memory("ann");
    for (const at of sourceRefs.keys()) {
      await backend.mutation("facts:update", {
        memorySpaceId: SPACE,
        factId: `bob-${at}`,
        newFactId: `bob-${at}-now`,
        confidence: 90,
        now: NOW + 2000,
      });
    }

    const { facts = [] } = await backend.query<{ facts?: unknown[] }>(
      "memory:getEnriched",
      named,
    );
    assertEquals(facts, []);
    for (const dryRun of [true, false]) {
      const { last } = await erase(backend, "users:eraseUser", {
        userId: "ann",
        dryRun,
      });
      assertEquals(last.counts.facts, undefined, `dryRun: ${dryRun}`);
    }
    assertEquals((await backend.rows("facts")).length, 4);
  },
);

backendTest(
  "a memory has none of the facts that another user made from an earlier memory of its id",
  async (backend) => {
    const memory = (userId: string, content: string) => ({
      memorySpaceId: SPACE,
      memoryId: "m",
      content,
      contentType: "raw",
      userId,
      sourceType: "system",
      sourceTimestamp: NOW,
      importance: 50,
      tags: [],
    });
    await backend.mutation("memories:store", memory("bob", "Bob likes tea"));
    await backend.mutation("facts:store", {
      memorySpaceId: SPACE,
      factId: "f",
      fact: "Bob likes tea",
      factType: "preference",
      confidence: 80,
      sourceType: "system",
      sourceRef: { memoryId: "m" },
      tags: [],
      userId: "bob",
    });
    const named = { memorySpaceId: SPACE, memoryId: "m" };
    await backend.mutation("memories:deleteMemory", named);
    await backend.mutation("memories:store", {
      ...memory("ann", "Ann likes rum"),
      now: NOW + 1000,
    });

    const shown = await backend.query<{ facts?: unknown[] }>(
      "memory:getEnriched",
      named,
    );
    assertEquals(shown.facts ?? [], []);
    for (const name of ["memory:archive", "memory:deleteMemory"]) {
      await backend.mutation(name, named);
      const [fact] = await backend.rows("facts");
      assertEquals(fact?.isCurrent, true, name);
    }
  },
);

backendTest(
  "a repeated exchange has its own memories, however many notes name its messages",
  async (backend) => {
    const note = (memorySpaceId: string, memoryId: string) =>
      backend.mutation("memories:store", {
        memorySpaceId,
        memoryId,
        content: "A note",
        contentType: "raw",
        sourceType: "system",
        sourceTimestamp: NOW,
        conversationRef: { conversationId: "conv-1", messageIds: ["u1"] },
        importance: 50,
        tags: [],
      });
    for (let n = 0; n < 5; n++) await note("other", `note-${n}`);
    await note(SPACE, "note");
    await backend.remember();
    const { repeated, memories } = await backend.remember();
    assertEquals(repeated, true);
    assertEquals(memories.map((row) => row.memoryId), ["mem-u1", "mem-a1"]);
  },
);

for (
  const [whose, memoryId, isErased] of [
    ["that was made", "mem-1700000000000-0123456789abcdef", true],
    ["of a caller's, which other spaces may have used", "m", false],
  ] as const
) {
  backendTest(
    `with a memory whose id is one ${whose}, ${
      isErased ? "all facts that name it go" : "no facts of other spaces go"
    }`,
    async (backend) => {
      await backend.mutation("memories:store", {
        memorySpaceId: SPACE,
        memoryId,
        content: "Ann likes tea",
        contentType: "raw",
        userId: "ann",
        sourceType: "system",
        importance: 50,
        tags: [],
      });
      for (const memorySpaceId of [SPACE, "elsewhere"]) {
        await backend.mutation("facts:store", {
          memorySpaceId,
          factId: `in ${memorySpaceId}`,
          fact: "Someone likes tea",
          factType: "preference",
          confidence: 80,
          sourceType: "system",
          sourceRef: { memoryId },
          tags: [],
        });
      }
      const counts = async (args: { dryRun?: true }) =>
        (await erase(backend, "users:eraseUser", { userId: "ann", ...args }))
          .last.counts.facts;
      const told = await counts({ dryRun: true });
      assertEquals([told, await counts({})], isErased ? [2, 2] : [1, 1]);
      assertEquals(
        (await backend.rows("facts")).map(({ memorySpaceId }) => memorySpaceId),
        isErased ? [] : ["elsewhere"],
      );
    },
  );
}

backendTest(
  "a conversation that has taken the id of another since is not that of its memories",
  async (backend) => {
    await backend.remember();
    await backend.mutation("conversations:deleteConversation", {
      conversationId: "conv-1",
    });
    await backend.remember({ n: 2, now: NOW + 1 });
    const enriched = await backend.query("memory:getEnriched", {
      memorySpaceId: SPACE,
      memoryId: "mem-u1",
    });
    assertEquals(Object.keys(enriched), ["memory"]);
    const recalled = await backend.query<RecallResult>("memory:recall", {
      memorySpaceId: SPACE,
      query: "question",
      limit: 10,
      sources: { vector: true, facts: false },
      includeConversation: true,
    });
    assertEquals(
      new Map(recalled.items.map((item) => [item.id, item.conversation])),
      new Map([
        ["mem-u1", undefined],
        ["mem-a1", undefined],
        ["mem-u2", 0],
        ["mem-a2", 0],
      ]),
    );
    const result = await backend.forget({
      memoryId: "mem-u1",
      deleteConversation: true,
      deleteEntireConversation: true,
    });
    assertEquals(
      [result.memoryDeleted, result.conversationDeleted],
      [true, false],
    );
    const rows = await backend.rows("messages");
    assertEquals(rows.map((row) => row.id), ["u2", "a2"]);
  },
);

backendTest(
  "a conversation that has the messages of a memory made before it is that memory's, also where it shows later ones",
  async (backend) => {
    await backend.mutation("memories:store", {
      memorySpaceId: SPACE,
      memoryId: "mem-early",
      content: "boats",
      contentType: "raw",
      sourceType: "conversation",
      importance: 50,
      tags: [],
      conversationRef: { conversationId: "conv-1", messageIds: ["u1"] },
      now: NOW - 1,
    });
    await backend.remember();
    for (const id of ["m1", "m2", "m3", "m4"]) {
      const content = "x".repeat(900_000);
      await backend.addMessage({
        conversationId: "conv-1",
        message: { id, role: "user", content },
      });
    }
    const { items: [item] } = await backend.query<RecallResult>(
      "memory:recall",
      {
        memorySpaceId: SPACE,
        query: "boats",
        limit: 1,
        sources: { vector: true, facts: false },
        includeConversation: true,
      },
    );
    assertEquals(item?.conversation, 0);
    assertEquals(item?.sourceMessages?.map(({ id }) => id), ["u1"]);
  },
);

backendTest(
  "facts about a user whose id is longer than the index of subjects has go with the user, and no others",
  async (backend) => {
    const userId = "u".repeat(600);
    const subjects = [userId, userId.toUpperCase(), `${userId}x`];
    for (const [at, subject] of subjects.entries()) {
      await backend.mutation("facts:store", {
        memorySpaceId: SPACE,
        factId: `fact-${at}`,
        fact: "They like tea",
        factType: "preference",
        confidence: 80,
        sourceType: "manual",
        subject,
        tags: [],
      });
    }
    for (const dryRun of [true, false]) {
      const { last } = await erase(backend, "users:eraseUser", {
        userId,
        dryRun,
      });
      assertEquals(last.counts.facts, 2, `dryRun ${dryRun}`);
    }
    const left = await backend.rows("facts");
    assertEquals(left.map(({ factId }) => factId), ["fact-2"]);
  },
);
