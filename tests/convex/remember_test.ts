import { assert, assertEquals } from "@std/assert";
import { axis, backendTest, exchange, fact, NOW, SPACE } from "./backend.ts";
import type { ConversationView, MemoryEntry } from "./backend.ts";

backendTest("remember writes every layer", async (backend) => {
  const result = await backend.remember({ facts: [fact("fact-1")] });
  assertEquals(result.conversation, {
    conversationId: "conv-1",
    messageIds: ["u1", "a1"],
  });
  assertEquals(result.memories.map((row) => row.memoryId), [
    "mem-u1",
    "mem-a1",
  ]);
  assertEquals(result.facts.map((row) => row.factId), ["fact-1"]);
  assertEquals(result.repeated, false);
  const space = await backend.query("memorySpaces:get", {
    memorySpaceId: SPACE,
  });
  assertEquals([space.name, space.type, space.status], [
    SPACE,
    "custom",
    "active",
  ]);
  const user = await backend.query("users:get", { userId: "ann" });
  assertEquals([user.type, user.id, user.version], ["user", "ann", 1]);
  assertEquals(user.data, { displayName: "Ann", createdAt: NOW });
  const agent = await backend.query("agents:get", { agentId: "helper" });
  assertEquals([agent.name, agent.status], ["helper", "active"]);
  const conversation = await backend.query<ConversationView>(
    "conversations:get",
    { conversationId: "conv-1" },
  );
  assertEquals(conversation.messages, [
    {
      id: "u1",
      role: "user",
      content: "question 1",
      timestamp: NOW + 10,
      metadata: { userId: "ann" },
    },
    {
      id: "a1",
      role: "agent",
      content: "answer 1",
      timestamp: NOW + 11,
      participantId: "helper",
      metadata: {},
    },
  ]);
  assertEquals(conversation.type, "user-agent");
  assertEquals(conversation.messageCount, 2);
});

backendTest(
  "a remembered memory has the shape of the specification",
  async (backend) => {
    const { memories: [memory] } = await backend.remember();
    const { _id, ...rest } = memory!;
    assertEquals(typeof _id, "string");
    assertEquals(rest, {
      memoryId: "mem-u1",
      memorySpaceId: SPACE,
      userId: "ann",
      agentId: "helper",
      content: "question 1",
      contentType: "raw",
      sourceType: "conversation",
      sourceUserId: "ann",
      sourceUserName: "Ann",
      sourceTimestamp: NOW + 10,
      messageRole: "user",
      conversationRef: { conversationId: "conv-1", messageIds: ["u1"] },
      importance: 50,
      tags: ["chat"],
      version: 1,
      previousVersions: [],
      createdAt: NOW,
      updatedAt: NOW,
      accessCount: 0,
    });
  },
);

backendTest(
  "a repetition writes nothing and returns what is stored",
  async (backend) => {
    const facts = [fact("fact-1")];
    const first = await backend.remember({ facts });
    const second = await backend.remember({ facts });
    assertEquals(second.repeated, true);
    assertEquals(second.memories, first.memories);
    assertEquals(second.facts, first.facts);
    assertEquals(second.conversation, first.conversation);
    assertEquals((await backend.rows("messages")).length, 2);
    assertEquals((await backend.rows("memories")).length, 2);
    assertEquals((await backend.rows("facts")).length, 1);
    assertEquals((await backend.rows("factHistory")).length, 1);
  },
);

backendTest(
  "a repetition is told by the messages, not by the memories' ids",
  async (backend) => {
    await backend.remember();
    const again = exchange();
    for (const memory of again.memories as MemoryEntry[]) {
      memory.memoryId = `other-${memory.memoryId}`;
    }
    const second = await backend.remember(again);
    assertEquals(second.memories.map((row) => row.memoryId), [
      "mem-u1",
      "mem-a1",
    ]);
    assertEquals((await backend.rows("memories")).length, 2);
  },
);

backendTest(
  "a message that is there already is joined by its partner",
  async (backend) => {
    await backend.remember({ n: 0 });
    await backend.addMessage({
      conversationId: "conv-1",
      message: { id: "u1", role: "user", content: "question 1" },
    });
    const result = await backend.remember();
    assertEquals(result.repeated, false);
    const ids = (await backend.rows("messages")).map((row) => row.id);
    assertEquals(ids, ["u0", "a0", "u1", "a1"]);
  },
);

backendTest(
  "a question that another agent answers, too, is a memory of each, with its own facts",
  async (backend) => {
    const first = await backend.remember({ facts: [fact("fact-1")] });
    const again = exchange({ n: 2, agentId: "other", facts: [fact("fact-2")] });
    const memories = again.memories as MemoryEntry[];
    memories[0]!.content = "question 1";
    again.userMessage = { id: "u1", content: "question 1", timestamp: NOW };
    const second = await backend.remember(again);
    assertEquals(
      [first, second].map(({ memories, facts }) => [
        memories.map((row) => row.memoryId),
        facts[0]?.sourceRef?.memoryId,
      ]),
      [[["mem-u1", "mem-a1"], "mem-u1"], [["mem-u2", "mem-a2"], "mem-u2"]],
    );
  },
);

backendTest("the profile of a known user is not changed", async (backend) => {
  await backend.remember();
  await backend.remember({ n: 2, userName: "Somebody" });
  const user = await backend.query("users:get", { userId: "ann" });
  assertEquals(user.data, { displayName: "Ann", createdAt: NOW });
  assertEquals((await backend.rows("immutable")).length, 1);
  assertEquals((await backend.rows("agents")).length, 1);
  assertEquals((await backend.rows("memorySpaces")).length, 1);
});

backendTest("skipped layers are not written", async (backend) => {
  const result = await backend.remember({
    skipLayers: ["users", "agents", "conversations"],
  });
  assertEquals(result.conversation, {
    conversationId: "conv-1",
    messageIds: [],
  });
  assertEquals(result.memories.map((row) => row.conversationRef), [
    undefined,
    undefined,
  ]);
  for (
    const table of ["immutable", "agents", "conversations", "messages"] as const
  ) assertEquals((await backend.rows(table)).length, 0, table);
  const again = await backend.remember({
    skipLayers: ["users", "agents", "conversations"],
  });
  assertEquals(again.repeated, true);
  assertEquals(again.memories, result.memories);
});

backendTest(
  "without memories only the other layers are written",
  async (backend) => {
    const result = await backend.remember({
      skipLayers: ["vector"],
      memories: [],
      facts: [fact("fact-1")],
    });
    assertEquals(result.memories, []);
    assertEquals(result.facts[0]!.sourceRef, {
      conversationId: "conv-1",
      messageIds: ["u1", "a1"],
    });
    assertEquals((await backend.rows("messages")).length, 2);
  },
);

backendTest(
  "an exchange of agents makes an agent-agent conversation",
  async (backend) => {
    await backend.remember({ userId: undefined, userName: undefined });
    const [conversation] = await backend.rows("conversations");
    assertEquals(conversation!.type, "agent-agent");
    assertEquals(conversation!.participants, {
      agentId: "helper",
      memorySpaceIds: [SPACE],
    });
  },
);

backendTest(
  "tenants with the same ids do not see each other",
  async (backend) => {
    await backend.remember({ say: "nobody's secret" });
    await backend.remember({ tenantId: "t1", say: "secret of one" });
    await backend.remember({ tenantId: "t2", say: "secret of two" });
    for (
      const [tenantId, content] of [
        [undefined, "nobody's secret"],
        ["t1", "secret of one"],
        ["t2", "secret of two"],
      ]
    ) {
      const found = await backend.query<MemoryEntry>("memories:get", {
        tenantId,
        memorySpaceId: SPACE,
        memoryId: "mem-u1",
      });
      assertEquals(found.content, content);
      assertEquals(found.tenantId, tenantId);
      const { total, conversations } = await backend.list({ tenantId });
      assertEquals(total, 1);
      assertEquals(conversations[0]!.messages[0]!.content, content);
    }
    const other = { tenantId: "t3", memorySpaceId: SPACE, memoryId: "mem-u1" };
    assertEquals(await backend.query("memories:get", other), null);
    assertEquals((await backend.rows("agents")).length, 3);
  },
);

backendTest(
  "embeddings lie in the table of their length and come back",
  async (backend) => {
    const args = exchange();
    const [user, agent] = args.memories as { embedding?: number[] }[];
    user!.embedding = axis(0, 384);
    agent!.embedding = axis(1, 512);
    const result = await backend.remember(args);
    assertEquals(result.memories[0]!.embedding, axis(0, 384));
    const [narrow] = await backend.rows("memoryEmbeddings");
    const [wide] = await backend.rows("memoryEmbeddingsWide");
    assertEquals([narrow!.dims, narrow!.scopeKey], [384, `\u0000${SPACE}`]);
    assertEquals([wide!.dims, wide!.memoryId], [512, "mem-a1"]);
    const again = await backend.remember(args);
    assertEquals(again.memories, result.memories);
  },
);

backendTest(
  "parallel exchanges of a new conversation all survive, in order",
  async (backend) => {
    const count = 20;
    const results = await Promise.all(
      Array.from({ length: count }, (_, n) => backend.remember({ n })),
    );
    assert(results.every((result) => !result.repeated));
    const [conversation] = await backend.rows("conversations");
    assertEquals((await backend.rows("conversations")).length, 1);
    assertEquals(conversation!.messageCount, 2 * count);
    const rows = await backend.rows("messages");
    const seqs = rows.map((row) => Number(row.seq)).sort((a, b) => a - b);
    assertEquals(seqs, Array.from({ length: 2 * count }, (_, at) => at));
  },
);

backendTest(
  "live messages never go back in time, imported ones keep theirs",
  async (backend) => {
    const at = (timestamp: number, n: number) => ({
      n,
      userMessage: { id: `u${n}`, content: "hello", timestamp },
      agentMessage: { id: `a${n}`, content: "hi", timestamp: timestamp + 1 },
    });
    await backend.remember(at(NOW, 1));
    await backend.remember(at(NOW, 2));
    await backend.remember(at(NOW - 86_400_000, 3));
    const times = (await backend.rows("messages")).map((row) => row.timestamp);
    assertEquals(times, [
      NOW,
      NOW + 1,
      NOW + 1,
      NOW + 1,
      NOW - 86_400_000,
      NOW - 86_400_000 + 1,
    ]);
  },
);
