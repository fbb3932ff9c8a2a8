import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Backend,
  backendTest,
  fact,
  NOW,
  openBackend,
} from "./backend.ts";

const MEMORIES = 110;
const TAGS = 24;
const MANY = Array.from({ length: 1000 }, (_, at) => `new-${at}`);

/** Stores memories that have no tag in common, each with `facts` facts. */
async function fill(backend: Backend, tags = TAGS, facts = 0): Promise<void> {
  for (let n = 0; n < MEMORIES; n++) {
    const memoryId = `mem-${n}`;
    await backend.mutation("memories:store", {
      memorySpaceId: "tagged",
      memoryId,
      content: `Note ${n} about tea`,
      contentType: "raw",
      sourceType: "system",
      userId: "ann",
      importance: 50,
      tags: Array.from({ length: tags }, (_, at) => `tag-${n}-${at}`),
      embedding: [1, n],
    });
    for (let at = 0; at < facts; at++) {
      await backend.mutation("facts:store", {
        ...fact(`fact-${n}-${at}`),
        sourceType: "manual",
        memorySpaceId: "tagged",
        sourceRef: { memoryId },
      });
    }
  }
}

/** Calls a step until it is done; yields what each answers. */
async function* stepsOf(
  backend: Backend,
  name: string,
  args: Record<string, unknown>,
): AsyncGenerator<Record<string, unknown>> {
  let cursor: unknown;
  for (;;) {
    const step = await backend.mutation<Record<string, unknown>>(name, {
      ...args,
      ...cursor !== undefined && { cursor },
    });
    yield step;
    if (step.done === true) return;
    cursor = step.cursor;
  }
}

/** Calls a step until it is done; sums what a field says. */
async function steps(
  backend: Backend,
  name: string,
  args: Record<string, unknown>,
  count: string,
): Promise<number> {
  let total = 0;
  for await (const step of stepsOf(backend, name, args)) {
    total += step[count] as number;
  }
  return total;
}

/** Erases the user `ann`; returns the number of steps, and of the rows that they tell. */
async function eraseAnn(backend: Backend, args: { dryRun?: true } = {}) {
  const all = await Array.fromAsync(
    stepsOf(backend, "users:eraseUser", { userId: "ann", ...args }),
  );
  // Each tells the rows of the steps so far.
  const { conversations, facts, factHistory } = all.at(-1)!
    .counts as Record<string, number>;
  return { steps: all.length, counts: { conversations, facts, factHistory } };
}

for (
  const [name, args, count, tags, facts] of [
    ["memories:updateMany", { tags: ["one"] }, "updated", TAGS, 0],
    ["memories:updateMany", { tags: MANY }, "updated", TAGS, 0],
    ["memories:deleteMany", {}, "deleted", TAGS, 0],
    ["memory:deleteMany", {}, "deleted", 0, 8],
  ] as const
) {
  backendTest(
    `${name} takes no more tags and facts in a step than a transaction reads`,
    async (backend) => {
      await fill(backend, tags, facts);
      const done = await steps(
        backend,
        name,
        { memorySpaceId: "tagged", ...args },
        count,
      );
      assertEquals(done, MEMORIES);
      assertEquals(
        (await backend.rows("facts")).filter(({ isCurrent }) => isCurrent),
        [],
      );
    },
  );
}

backendTest(
  "an erasure takes no more tags in a step than a transaction reads, and leaves no counter",
  async (backend) => {
    await fill(backend);
    await steps(backend, "users:eraseUser", { userId: "ann" }, "bytes");
    assertEquals(await backend.rows("memories"), []);
    assertEquals(await backend.rows("counters"), []);
  },
);

backendTest(
  "a load takes as many lines as a transaction counts, and the next call the rest",
  async (backend) => {
    await fill(backend);
    const { lines } = await backend.query<{ lines: string[] }>("transfer:dump");
    const other = openBackend();
    const left = lines.slice(0, 200);
    const all = left.length;
    let calls = 0;
    while (left.length > 0) {
      const { loaded, skipped } = await other.mutation<
        { loaded: Record<string, number>; skipped: number }
      >("transfer:load", { lines: left });
      const taken = Object.values(loaded).reduce((sum, rows) => sum + rows, 0);
      assert(taken > 0);
      assertEquals(skipped, 0);
      left.splice(0, taken);
      calls++;
    }
    assert(calls > 1);
    assertEquals(
      (await other.rows("memories")).length +
        (await other.rows("memoryEmbeddings")).length,
      all,
    );
    await other.engine.close();
  },
);

backendTest(
  "a memory's facts all fall with it, however many there are and were",
  async (backend) => {
    const memoryId = "mem-1";
    const named = { memorySpaceId: "tagged", memoryId };
    await backend.mutation("memories:store", {
      ...named,
      content: "A note",
      contentType: "raw",
      sourceType: "system",
      importance: 50,
      tags: [],
    });
    for (let n = 0; n < 450; n++) {
      const factId = `fact-${n}`;
      await backend.mutation("facts:store", {
        ...fact(factId),
        sourceType: "manual",
        memorySpaceId: "tagged",
        sourceRef: { memoryId },
      });
      // The oldest are no longer current.
      if (n < 220) {
        await backend.mutation("facts:deleteFact", {
          memorySpaceId: "tagged",
          factId,
        });
      }
    }
    const deleted = await steps(
      backend,
      "memory:deleteMemory",
      named,
      "factsDeleted",
    );
    assertEquals(deleted, 230);
    assertEquals(
      await backend.query("memories:get", named) as unknown,
      null,
    );
  },
);

backendTest(
  "participants are removed up to a number that one transaction bears",
  async (backend) => {
    const memorySpaceId = "team";
    await backend.mutation("memorySpaces:register", {
      memorySpaceId,
      type: "team",
      participants: [],
    });
    const update = (change: object) =>
      backend.mutation<{ participants: unknown[] }>(
        "memorySpaces:updateParticipants",
        { memorySpaceId, ...change },
      );
    const ids = Array.from({ length: 1000 }, (_, at) => `agent-${at}`);
    const add = ids.map((id) => ({ id, type: "ai-agent" }));
    assertEquals((await update({ add })).participants.length, 1000);
    await assertRejects(
      () => update({ remove: [...ids, "one more"] }),
      Error,
      "remove has 1001 items, at most 1000 are allowed",
    );
    assertEquals((await update({ remove: ids })).participants, []);
  },
);

backendTest(
  "memorySpaces:getStats tells the most frequent tags of more than one call reads",
  async (backend) => {
    await backend.mutation("memorySpaces:register", {
      memorySpaceId: "tagged",
      type: "team",
      participants: [],
    });
    for (let n = 0; n < 5; n++) {
      await backend.mutation("memories:store", {
        memorySpaceId: "tagged",
        content: "tea",
        contentType: "raw",
        sourceType: "system",
        importance: 50,
        tags: [
          ...Array.from({ length: 900 }, (_, at) => `a-${n}-${at}`),
          "zoo",
        ],
      });
    }
    const args = { memorySpaceId: "tagged", includeParticipants: true };
    const first = await backend.query("memorySpaces:getStats", args);
    assertEquals([first.done, first.participants], [false, undefined]);
    const last = await backend.query<{ topTags: string[] }>(
      "memorySpaces:getStats",
      { ...args, cursor: first.cursor },
    );
    assertEquals(last.topTags.slice(0, 2), ["zoo", "a-0-0"]);
    assertEquals("cursor" in last, false);
    await assertRejects(
      () => backend.query("memorySpaces:getStats", { ...args, cursor: "{}" }),
      Error,
      "INVALID_CURSOR",
    );
  },
);

backendTest(
  "registrations beyond one call's are deleted by the same call made again",
  async (backend) => {
    const agentIds = Array.from({ length: 201 }, (_, at) => `agent-${at}`);
    for (const part of [agentIds.slice(0, 200), agentIds.slice(200)]) {
      await backend.mutation("transfer:load", {
        lines: part.map((agentId) =>
          JSON.stringify({
            table: "agents",
            row: {
              agentId,
              name: agentId,
              status: "active",
              registeredAt: 1,
              updatedAt: 1,
            },
          })
        ),
      });
    }
    const args = { agentIds: ["nobody", ...agentIds], status: "active" };
    const unregister = () => backend.mutation("agents:unregisterMany", args);
    const [first, last] = [await unregister(), await unregister()];
    assertEquals([first.deleted, first.done], [200, false]);
    assertEquals([last.agentIds, last.done], [["agent-200"], true]);
  },
);

backendTest(
  "an export of many users with little takes no more lists in a step than a query reads",
  async (backend) => {
    const count = 1400;
    for (let at = 0; at < count; at++) {
      await backend.mutation("users:update", {
        userId: `user-${at}`,
        data: {},
      });
    }
    const includes = {
      includeVersionHistory: true,
      includeConversations: true,
      includeMemories: true,
    };
    let [users, cursor] = [0, undefined as string | undefined];
    for (let done = false; !done;) {
      const part = await backend.query<
        { items: object[]; done: boolean; cursor?: string }
      >("users:exportPage", { ...includes, ...cursor && { cursor } });
      users += part.items.length;
      ({ done, cursor } = part);
    }
    assertEquals(users, count);
  },
);

backendTest(
  "a dry run of an erasure takes no more ranges in a step than a transaction reads",
  async (backend) => {
    const count = 1100;
    for (let at = 0; at < count; at++) {
      await backend.mutation("conversations:create", {
        conversationId: `conv-${at}`,
        memorySpaceId: "space",
        type: "user-agent",
        participants: { userId: "ann", agentId: "bot" },
      });
    }
    const { counts } = await eraseAnn(backend, { dryRun: true });
    assertEquals(counts.conversations, count);
  },
);

backendTest(
  "a dry run of an erasure ends its step within the facts of one conversation, and counts what the erasure deletes",
  async (backend) => {
    const conversationId = "conv-1";
    await backend.mutation("conversations:create", {
      conversationId,
      memorySpaceId: "long",
      type: "user-agent",
      participants: { userId: "ann", agentId: "bot" },
    });
    const count = 1400;
    for (let n = 0; n < count; n++) {
      await backend.mutation("facts:store", {
        ...fact(`fact-${n}`),
        sourceType: "manual",
        memorySpaceId: "long",
        sourceRef: { conversationId },
      });
    }
    const dry = await eraseAnn(backend, { dryRun: true });
    assert(dry.steps > 1, `${dry.steps} steps`);
    const { counts } = await eraseAnn(backend);
    assertEquals(counts, {
      conversations: 1,
      facts: count,
      factHistory: count,
    });
    assertEquals(dry.counts, counts);
    assertEquals(await backend.rows("facts"), []);
  },
);

backendTest(
  "memories of many words that follow one another are deleted in steps that read no more than a transaction may",
  async (backend) => {
    const words = "supercalifragilistic ".repeat(34_000);
    const fillLong = async () => {
      for (let n = 0; n < 12; n++) {
        await backend.mutation("memories:store", {
          memorySpaceId: "long",
          memoryId: `mem-${n}`,
          content: `${n} ${words}`,
          contentType: "raw",
          sourceType: "conversation",
          sourceTimestamp: NOW + n,
          userId: "ann",
          conversationRef: { conversationId: "conv-1", messageIds: [`m${n}`] },
          importance: 50,
          tags: [],
        });
      }
    };
    await fillLong();
    const many = { memorySpaceId: "long", userId: "ann" };
    assertEquals(
      await steps(backend, "memories:deleteMany", many, "deleted"),
      12,
    );
    await fillLong();
    await steps(backend, "users:eraseUser", { userId: "ann" }, "bytes");
    assertEquals(await backend.rows("memories"), []);
  },
);
