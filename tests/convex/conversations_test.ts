import { assertEquals, assertRejects } from "@std/assert";
import { type Backend, backendTest, NOW, SPACE } from "./backend.ts";
import type { ConversationView } from "./backend.ts";

const PARTICIPANTS = { userId: "ann", agentId: "helper" };

function create(
  backend: Backend,
  conversationId: string,
  changes: Record<string, unknown> = {},
): Promise<ConversationView> {
  return backend.mutation<ConversationView>("conversations:create", {
    conversationId,
    memorySpaceId: SPACE,
    type: "user-agent",
    participants: PARTICIPANTS,
    ...changes,
  });
}

function add(
  backend: Backend,
  id: string,
  changes: Record<string, unknown> = {},
  conversationId = "conv-1",
): Promise<ConversationView> {
  return backend.addMessage({
    conversationId,
    message: { id, role: "user", content: `text of ${id}`, ...changes },
  });
}

async function listed(
  backend: Backend,
  args: Record<string, unknown>,
): Promise<string[]> {
  const { conversations } = await backend.list(args);
  return conversations.map((row) => row.conversationId);
}

backendTest("create returns the stored conversation", async (backend) => {
  const created = await create(backend, "conv-1", {
    participantId: "p1",
    metadata: { topic: "boats" },
  });
  const { _id, ...rest } = created;
  assertEquals(typeof _id, "string");
  assertEquals(rest, {
    conversationId: "conv-1",
    memorySpaceId: SPACE,
    participantId: "p1",
    type: "user-agent",
    participants: PARTICIPANTS,
    messages: [],
    messageCount: 0,
    metadata: { topic: "boats" },
    createdAt: NOW,
    updatedAt: NOW,
  });
  const found = await backend.query("conversations:get", {
    conversationId: "conv-1",
  });
  assertEquals(found, created as unknown as typeof found);
  await assertRejects(
    () => create(backend, "conv-1"),
    Error,
    "CONVERSATION_ALREADY_EXISTS",
  );
  await create(backend, "conv-1", { tenantId: "t1" });
});

backendTest("create checks participants and ids", async (backend) => {
  for (
    const [changes, code] of [
      [{ participants: { agentId: "a" } }, "INVALID_PARTICIPANTS"],
      [{ participants: { userId: "u" } }, "INVALID_PARTICIPANTS"],
      [{ type: "agent-agent" }, "INVALID_PARTICIPANTS"],
      [{ conversationId: " " }, "INVALID_ID"],
      [{ conversationId: "x".repeat(501) }, "INVALID_ID"],
      [{ tenantId: "" }, "INVALID_ID"],
      [{ memorySpaceId: "a\u0000b" }, "INVALID_ID"],
    ] as const
  ) {
    await assertRejects(() => create(backend, "conv-1", changes), Error, code);
  }
  const pair = await create(backend, "conv-2", {
    type: "agent-agent",
    participants: { memorySpaceIds: ["b", "a", "c"] },
  });
  assertEquals(pair.participants.memorySpaceIds, ["b", "a", "c"]);
  const [row] = await backend.rows("conversations");
  assertEquals(row!.pairKey, "a|b|c");
});

backendTest("addMessage appends in order and counts", async (backend) => {
  await create(backend, "conv-1");
  await add(backend, "m1", { metadata: { a: 1 }, participantId: "p" });
  const after = await add(backend, "m2", { role: "agent", timestamp: NOW + 5 });
  assertEquals(after.messages, [
    {
      id: "m1",
      role: "user",
      content: "text of m1",
      timestamp: NOW,
      participantId: "p",
      metadata: { a: 1 },
    },
    { id: "m2", role: "agent", content: "text of m2", timestamp: NOW + 5 },
  ]);
  assertEquals(after.messageCount, 2);
});

backendTest(
  "addMessage is safe to repeat and refuses another text",
  async (backend) => {
    await create(backend, "conv-1");
    const first = await add(backend, "m1");
    assertEquals(await add(backend, "m1"), first);
    await assertRejects(
      () => add(backend, "m1", { content: "another" }),
      Error,
      "MESSAGE_ALREADY_EXISTS",
    );
    await assertRejects(
      () => add(backend, "m1", { role: "agent" }),
      Error,
      "MESSAGE_ALREADY_EXISTS",
    );
  },
);

backendTest("addMessage names what is wrong", async (backend) => {
  await create(backend, "conv-1");
  await assertRejects(
    () => add(backend, "m1", {}, "conv-2"),
    Error,
    'CONVERSATION_NOT_FOUND: "conv-2"',
  );
  await assertRejects(() => add(backend, ""), Error, "INVALID_ID");
  await assertRejects(
    () => add(backend, "m1", { timestamp: -1 }),
    Error,
    "INVALID_TIMESTAMP",
  );
  await assertRejects(
    () => add(backend, "m1", { content: "x".repeat(1_000_001) }),
    Error,
    "CONTENT_TOO_LARGE",
  );
  const other = { conversationId: "conv-1", tenantId: "t1" };
  await assertRejects(
    () =>
      backend.addMessage({
        ...other,
        message: { id: "m1", role: "user", content: "hello" },
      }),
    Error,
    "CONVERSATION_NOT_FOUND",
  );
  assertEquals((await backend.rows("messages")).length, 0);
});

backendTest("parallel appends all survive", async (backend) => {
  await create(backend, "conv-1");
  await Promise.all(
    Array.from({ length: 20 }, (_, at) => add(backend, `m${at}`)),
  );
  const found = await backend.query<ConversationView>("conversations:get", {
    conversationId: "conv-1",
  });
  assertEquals(found.messageCount, 20);
  assertEquals(new Set(found.messages.map((message) => message.id)).size, 20);
});

backendTest(
  "get limits and leaves out messages, and knows no others'",
  async (backend) => {
    await create(backend, "conv-1");
    for (const id of ["m1", "m2", "m3"]) await add(backend, id);
    const get = (args: Record<string, unknown>) =>
      backend.query<ConversationView>("conversations:get", {
        conversationId: "conv-1",
        ...args,
      });
    const ids = async (args: Record<string, unknown>) =>
      (await get(args)).messages.map((message) => message.id);
    assertEquals(await ids({}), ["m1", "m2", "m3"]);
    assertEquals(await ids({ messageLimit: 2 }), ["m2", "m3"]);
    assertEquals(await ids({ includeMessages: false }), []);
    assertEquals((await get({ includeMessages: false })).messageCount, 3);
    assertEquals(await get({ conversationId: "conv-x" }), null as never);
    assertEquals(await get({ tenantId: "t1" }), null as never);
    await assertRejects(() => get({ messageLimit: 0 }), Error, "INVALID_RANGE");
  },
);

backendTest(
  "300 messages come back in order, a thousand at most",
  async (backend) => {
    await create(backend, "conv-1");
    const calls = Array.from({ length: 1100 }, (_, at) => ({
      name: "conversations:addMessage",
      args: {
        now: NOW,
        conversationId: "conv-1",
        messageLimit: 1,
        message: { id: `m${at}`, role: "user", content: `${at}` },
      },
    }));
    await backend.mutation("batch:run", { calls: calls.slice(0, 300) });
    const get = () =>
      backend.query<ConversationView>("conversations:get", {
        conversationId: "conv-1",
      });
    const contents = (await get()).messages.map((message) => message.content);
    assertEquals(contents, Array.from({ length: 300 }, (_, at) => `${at}`));
    await backend.mutation("batch:run", { calls: calls.slice(300, 700) });
    await backend.mutation("batch:run", { calls: calls.slice(700) });
    const long = await get();
    assertEquals([long.messageCount, long.messages.length], [1100, 1000]);
    assertEquals(long.messages[0]!.content, "100");
  },
);

backendTest(
  "an answer is cut to the latest four megabytes",
  async (backend) => {
    await create(backend, "conv-1");
    for (let at = 0; at < 6; at++) {
      await add(backend, `m${at}`, { content: "x".repeat(900_000) });
    }
    const found = await backend.query<ConversationView>("conversations:get", {
      conversationId: "conv-1",
    });
    assertEquals(found.messages.map((message) => message.id), [
      "m2",
      "m3",
      "m4",
      "m5",
    ]);
  },
);

backendTest("list filters by every field", async (backend) => {
  await create(backend, "c1", { now: NOW, metadata: { a: 1, b: [2] } });
  await create(backend, "c2", {
    now: NOW + 1,
    memorySpaceId: "space-2",
    participantId: "p",
  });
  await create(backend, "c3", {
    now: NOW + 2,
    participants: { userId: "bob", agentId: "helper" },
  });
  await create(backend, "c4", {
    now: NOW + 3,
    type: "agent-agent",
    participants: { memorySpaceIds: ["a", "b"] },
  });
  await create(backend, "c5", { tenantId: "t1" });
  await add(backend, "m1", { timestamp: NOW + 100 }, "c2");
  await add(backend, "m2", { timestamp: NOW + 200 }, "c2");
  for (
    const [args, expected] of [
      [{}, ["c4", "c3", "c2", "c1"]],
      [{ tenantId: "t1" }, ["c5"]],
      [{ userId: "ann" }, ["c2", "c1"]],
      [{ memorySpaceId: SPACE }, ["c4", "c3", "c1"]],
      [{ memorySpaceId: SPACE, userId: "ann" }, ["c1"]],
      [{ participantId: "p" }, ["c2"]],
      [{ participantId: "p", memorySpaceId: SPACE }, []],
      [{ type: "agent-agent" }, ["c4"]],
      [{ type: "user-agent", memorySpaceId: SPACE }, ["c3", "c1"]],
      [{ createdAfter: NOW + 1 }, ["c4", "c3"]],
      [{ createdAfter: NOW, createdBefore: NOW + 2 }, ["c2"]],
      [{ updatedBefore: NOW + 1 }, ["c1"]],
      [{ updatedAfter: NOW + 2, sortBy: "updatedAt" }, ["c4"]],
      [{ lastMessageAfter: NOW + 199 }, ["c2"]],
      [{ lastMessageBefore: NOW + 1 }, ["c1"]],
      [{ messageCountMin: 2, messageCountMax: 2 }, ["c2"]],
      [{ messageCountMax: 0 }, ["c4", "c3", "c1"]],
      [{ metadata: { b: [2] } }, ["c1"]],
      [{ metadata: { a: 1, c: 3 } }, []],
    ] as [Record<string, unknown>, string[]][]
  ) {
    assertEquals(await listed(backend, args), expected, JSON.stringify(args));
    const { total } = await backend.list(args);
    assertEquals(total, expected.length, JSON.stringify(args));
  }
});

backendTest(
  "list sorts by four keys both ways, ties by creation",
  async (backend) => {
    for (const [at, id] of ["c1", "c2", "c3"].entries()) {
      await create(backend, id, { now: NOW + at });
    }
    await create(backend, "c4", { now: NOW + 2 });
    for (const [at, id] of ["c3", "c1"].entries()) {
      await backend.addMessage({
        now: NOW + 100 + at,
        conversationId: id,
        message: { id: "m", role: "user", content: "x", timestamp: NOW + 50 },
      });
    }
    for (
      const [sortBy, ascending] of [
        [undefined, ["c1", "c2", "c3", "c4"]],
        ["createdAt", ["c1", "c2", "c3", "c4"]],
        ["updatedAt", ["c2", "c4", "c3", "c1"]],
        ["lastMessageAt", ["c2", "c4", "c1", "c3"]],
        ["messageCount", ["c2", "c4", "c1", "c3"]],
      ] as const
    ) {
      assertEquals(
        await listed(backend, { sortBy, sortOrder: "asc" }),
        [...ascending],
        sortBy,
      );
      assertEquals(
        await listed(backend, { sortBy, sortOrder: "desc" }),
        ascending.toReversed(),
        sortBy,
      );
    }
  },
);

backendTest(
  "list pages without gaps and checks its bounds",
  async (backend) => {
    for (let at = 0; at < 7; at++) {
      await create(backend, `c${at}`, { now: NOW + at });
      await add(backend, "m", {}, `c${at}`);
    }
    const seen: string[] = [];
    for (const offset of [0, 3, 6, 9]) {
      const page = await backend.list({ limit: 3, offset, sortOrder: "asc" });
      assertEquals([page.total, page.limit, page.offset], [7, 3, offset]);
      assertEquals(page.hasMore, offset + 3 < 7);
      seen.push(...page.conversations.map((row) => row.conversationId));
    }
    assertEquals(seen, ["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);
    const bare = await backend.list({ includeMessages: false });
    assertEquals(bare.conversations.map((row) => row.messages.length), [
      ...new Array(7).fill(0),
    ]);
    assertEquals((await backend.list()).conversations[0]!.messages.length, 1);
    for (const wrong of [{ limit: 0 }, { limit: 1001 }, { offset: -1 }]) {
      await assertRejects(() => backend.list(wrong), Error, "INVALID_RANGE");
    }
  },
);

backendTest(
  "free-form metadata comes back as it was given",
  async (backend) => {
    let deep: unknown = "bottom";
    for (let level = 0; level < 30; level++) deep = { in: deep };
    const long = Array.from({ length: 8000 }, (_, at) => at);
    for (const [at, metadata] of [deep, { long }, { "": 1 }].entries()) {
      const json = at === 2
        ? { metadataJson: '{"$ref":{"é":1}}' }
        : { metadata };
      const id = `c${at}`;
      await create(backend, id, json);
      const found = await backend.query<ConversationView>("conversations:get", {
        conversationId: id,
      });
      if (at === 2) {
        assertEquals(found.metadataJson, '{"$ref":{"é":1}}');
        assertEquals(found.metadata, undefined);
      } else assertEquals(found.metadata, metadata);
    }
    await assertRejects(
      () => create(backend, "c9", { metadataJson: "{" }),
      Error,
      "INVALID_JSON",
    );
  },
);
