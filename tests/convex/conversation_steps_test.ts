import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Backend, backendTest, NOW, SPACE } from "./backend.ts";

async function create(
  backend: Backend,
  conversationId: string,
  changes: Record<string, unknown> = {},
): Promise<void> {
  await backend.mutation("conversations:create", {
    conversationId,
    memorySpaceId: SPACE,
    type: "user-agent",
    participants: { userId: "ann", agentId: "helper" },
    ...changes,
  });
}

async function add(
  backend: Backend,
  conversationId: string,
  id: string,
  content: string = id,
): Promise<void> {
  await backend.addMessage({
    conversationId,
    message: { id, role: "user", content },
  });
}

/** Appends `count` messages, every other one by the agent. */
async function fill(backend: Backend, count: number): Promise<void> {
  const calls = Array.from({ length: count }, (_, at) => ({
    name: "conversations:addMessage",
    args: {
      now: NOW + at,
      conversationId: "conv-1",
      messageLimit: 1,
      message: {
        id: `m${at}`,
        role: at % 2 === 0 ? "user" : "agent",
        content: `${at}`,
      },
    },
  }));
  for (let at = 0; at < count; at += 300) {
    await backend.mutation("batch:run", { calls: calls.slice(at, at + 300) });
  }
}

backendTest(
  "counters follow conversations and messages, and nothing of them stays",
  async (backend) => {
    const count = (filter: Record<string, unknown>) =>
      backend.query<number>("conversations:count", filter);
    for (let at = 0; at < 12; at++) {
      await create(
        backend,
        `conv-${at}`,
        at % 3 === 0 ? { memorySpaceId: "b" } : {},
      );
      await add(backend, `conv-${at}`, "m");
    }
    assertEquals(await count({}), 12);
    assertEquals(await count({ memorySpaceId: "b" }), 4);
    assertEquals(await count({ memorySpaceId: "b", type: "user-agent" }), 4);
    assertEquals(await count({ tenantId: "t" }), 0);
    const purged = await backend.mutation("conversations:purgeAll");
    assertEquals(purged, { deleted: 12, totalMessagesDeleted: 12, done: true });
    assertEquals(await backend.rows("counters"), []);
    assertEquals(await backend.rows("messages"), []);
  },
);

backendTest(
  "deletions go in steps of 200 rows, and a call made again goes on",
  async (backend) => {
    await create(backend, "conv-1");
    await fill(backend, 450);
    const step = () =>
      backend.mutation("conversations:deleteConversation", {
        conversationId: "conv-1",
      });
    const steps = [await step(), await step(), await step()];
    assertEquals(
      steps.map((
        { deleted, messagesDeleted, done },
      ) => [deleted, messagesDeleted, done]),
      [[false, 200, false], [false, 200, false], [true, 50, true]],
    );
    assertEquals(await backend.rows("counters"), []);
    await assertRejects(step, Error, "CONVERSATION_NOT_FOUND");
  },
);

backendTest("deleteByIds skips what is unknown", async (backend) => {
  await create(backend, "conv-1");
  await create(backend, "conv-2");
  assertEquals(
    await backend.mutation("conversations:deleteByIds", {
      conversationIds: ["conv-1", "conv-x", "conv-1"],
    }),
    {
      deleted: 1,
      conversationIds: ["conv-1"],
      totalMessagesDeleted: 0,
      done: true,
    },
  );
  assertEquals((await backend.list()).total, 1);
});

backendTest(
  "an export in parts is one text, also of a conversation that is longer than a part",
  async (backend) => {
    for (const id of ["conv-1", "conv-2", "conv-3"]) await create(backend, id);
    for (let at = 0; at < 8; at++) {
      await add(
        backend,
        "conv-2",
        `m${at}`,
        `${at}${"x".repeat(900_000)}`,
      );
    }
    const parts: { data: string; count: number; cursor?: string }[] = [];
    do {
      parts.push(
        await backend.query("conversations:exportConversations", {
          format: "json",
          ...(parts.at(-1)?.cursor && { cursor: parts.at(-1)!.cursor }),
        }),
      );
    } while (parts.at(-1)!.cursor !== undefined);
    assert(parts.length > 2, `${parts.length} parts`);
    const text = parts.map(({ data }) => data).join("");
    const records = JSON.parse(text);
    assertEquals(text, JSON.stringify(records, null, 2));
    assertEquals(
      records.map((
        { conversationId, messageCount, messages }: {
          conversationId: string;
          messageCount: number;
          messages: { content: string }[];
        },
      ) => [conversationId, messageCount, messages.map((m) => m.content[0])]),
      [
        ["conv-1", 0, []],
        ["conv-2", 8, [..."01234567"]],
        ["conv-3", 0, []],
      ],
    );
    assertEquals(parts.reduce((sum, { count }) => sum + count, 0), 3);
  },
);

backendTest(
  "an export stays well-formed when the conversation it is in the midst of is deleted",
  async (backend) => {
    for (const id of ["conv-1", "conv-2"]) {
      await create(backend, id);
      for (let at = 0; at < 5; at++) {
        await add(backend, id, `m${at}`, "x".repeat(900_000));
      }
    }
    type Part = { data: string; cursor?: string };
    const first = await backend.query<Part>(
      "conversations:exportConversations",
      { format: "json" },
    );
    await backend.mutation("conversations:deleteByIds", {
      conversationIds: ["conv-1"],
    });
    let text = first.data;
    for (let cursor = first.cursor; cursor !== undefined;) {
      const part: Part = await backend.query(
        "conversations:exportConversations",
        { format: "json", cursor },
      );
      text += part.data;
      cursor = part.cursor;
    }
    assertEquals(
      JSON.parse(text).map((record: { messageCount: number }) =>
        record.messageCount
      ),
      [4, 5],
    );
  },
);

backendTest(
  "history pages through any length, by place, by time and by role",
  async (backend) => {
    await create(backend, "conv-1");
    await fill(backend, 500);
    type History = {
      messages: { id: string }[];
      total: number;
      hasMore: boolean;
    };
    const history = async (args: Record<string, unknown>) => {
      const { messages, total, hasMore } = await backend.query<History>(
        "conversations:getHistory",
        { conversationId: "conv-1", limit: 3, ...args },
      );
      return [messages.map(({ id }) => id).join(), total, hasMore];
    };
    assertEquals(await history({}), ["m0,m1,m2", 500, true]);
    assertEquals(await history({ offset: 498 }), ["m498,m499", 500, false]);
    assertEquals(await history({ offset: 900 }), ["", 500, false]);
    assertEquals(await history({ offset: 2, sortOrder: "desc" }), [
      "m497,m496,m495",
      500,
      true,
    ]);
    assertEquals(await history({ roles: ["agent"], offset: 1 }), [
      "m3,m5,m7",
      250,
      true,
    ]);
    assertEquals(await history({ since: NOW + 10, until: NOW + 11 }), [
      "m10,m11",
      2,
      false,
    ]);
    await assertRejects(
      () => history({ cursor: "[1,2]" }),
      Error,
      "INVALID_CURSOR",
    );
  },
);
