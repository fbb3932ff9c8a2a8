/** What happens to rows between two steps of a call that is reading or deleting them. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  type Backend,
  backendTest,
  NOW,
  openBackend,
  SPACE,
} from "./backend.ts";
import { realTimers } from "../support/real_timers.ts";

/** Of which seven are more than one step takes. */
const LARGE = "x".repeat(700_000);

interface Step {
  done: boolean;
  cursor?: string;
}

/** The answers of all steps, where something happens after the first one. */
async function steps<Answer extends object>(
  step: (cursor?: string) => Promise<Answer & Step>,
  meanwhile: () => Promise<unknown>,
): Promise<Answer[]> {
  const first = await step();
  assertEquals(first.done, false, "it takes more than one step");
  await meanwhile();
  const answers = [first];
  for (let last = first; !last.done;) {
    last = await step(last.cursor);
    answers.push(last);
  }
  return answers;
}

const queried = <Answer extends object>(
  backend: Backend,
  name: string,
  args: object,
  meanwhile: () => Promise<unknown>,
) =>
  steps<Answer>(
    (cursor) =>
      backend.query(name, { ...args, ...(cursor !== undefined && { cursor }) }),
    meanwhile,
  );

async function whole(backend: Backend, name: string, args: object) {
  for (;;) {
    const { deleted, done = deleted } = await backend.mutation(name, {
      ...args,
    });
    if (done === true) return;
  }
}

const talk = (conversationId: string, userId = "ann") => ({
  conversationId,
  memorySpaceId: SPACE,
  type: "user-agent",
  participants: { userId, agentId: "helper" },
});

async function say(backend: Backend, conversationId: string, count: number) {
  for (let at = 0; at < count; at++) {
    const message = { id: `${at}`, role: "user", content: `${at} ${LARGE}` };
    await backend.addMessage({ conversationId, messageLimit: 1, message });
  }
}

const memory = (memoryId: string) => ({
  memorySpaceId: SPACE,
  memoryId,
  content: LARGE,
  contentType: "raw",
  sourceType: "system",
  importance: 50,
  tags: [],
});

async function registerTwo(backend: Backend): Promise<void> {
  for (const [at, agentId] of ["one", "two"].entries()) {
    const now = NOW + at;
    await backend.mutation("agents:register", { agentId, name: agentId, now });
  }
  for (let at = 0; at < 14; at++) {
    const changes = { agentId: at > 0 ? "one" : "two" };
    await backend.mutation("memories:store", {
      ...memory(`mem-${at}`),
      ...changes,
    });
  }
}

async function exportedAgents(
  backend: Backend,
  sort: object,
  meanwhile: () => Promise<unknown>,
): Promise<[id: string, memories: number][]> {
  const parts = await queried<{ data: string }>(
    backend,
    "agents:export",
    { format: "json", includeStats: true, ...sort },
    meanwhile,
  );
  const agents: { id: string; stats: { totalMemories: number } }[] = JSON.parse(
    parts.map(({ data }) => data).join(""),
  );
  return agents.map(({ id, stats }) => [id, stats.totalMemories]);
}

backendTest(
  "agents:export counts nothing of an agent that is deleted meanwhile for the next one",
  async (backend) => {
    await registerTwo(backend);
    assertEquals(
      await exportedAgents(
        backend,
        { sortOrder: "asc" },
        () => backend.mutation("agents:unregister", { agentId: "one" }),
      ),
      [["two", 1]],
    );
  },
);

backendTest(
  "agents:export ends with an agent that moves in the order meanwhile, before the next one",
  async (backend) => {
    await registerTwo(backend);
    const exported = await exportedAgents(
      backend,
      { sortBy: "name", sortOrder: "asc" },
      () => backend.mutation("agents:update", { agentId: "one", name: "zoe" }),
    );
    assertEquals(exported.slice(0, 2), [["one", 13], ["two", 1]]);
  },
);

backendTest(
  "users:exportPage tells all of a user that is changed meanwhile, in the order of changes",
  async (backend) => {
    const update = (userId: string, now: number) =>
      backend.mutation("users:update", { userId, data: { now }, now });
    for (const [at, userId] of ["first", "ann", "last"].entries()) {
      await update(userId, NOW - at);
    }
    await backend.mutation("conversations:create", talk("c"));
    await say(backend, "c", 8);
    const parts = await queried<{ items: Record<string, object>[] }>(
      backend,
      "users:exportPage",
      { sortBy: "updatedAt", limit: 9, includeConversations: true },
      () => update("ann", NOW + 1),
    );
    const items = parts.flatMap(({ items }) => items);
    assertEquals(
      items.map(({ profile, message }) => ({ ...profile, ...message }))
        .flatMap((item) => "id" in item ? item.id : []),
      ["first", "ann", "0", "1", "2", "3", "4", "5", "6", "7", "last"],
    );
  },
);

backendTest(
  "a history ends where its record, or its memory, is deleted meanwhile, whatever takes the name",
  async (backend) => {
    const record = { type: "log", id: "one" };
    const store = (at: string) =>
      backend.mutation("immutable:store", { ...record, data: { LARGE, at } });
    for (let at = 0; at < 9; at++) await store(`old ${at}`);
    const versions = await queried<{ versions: { data: { at: string } }[] }>(
      backend,
      "immutable:historyPage",
      record,
      async () => {
        await whole(backend, "immutable:purge", record);
        await store("new");
      },
    );
    assertEquals(
      versions.flatMap((part) => part.versions)
        .filter(({ data }) => data.at === "new"),
      [],
    );
    const { memoryId, memorySpaceId } = memory("mem-1");
    await backend.mutation("memories:store", memory(memoryId));
    for (let at = 0; at < 9; at++) {
      const content = `${at} ${LARGE}`;
      await backend.mutation("memories:update", {
        memorySpaceId,
        memoryId,
        content,
      });
    }
    const contents = await queried<{ versions: { content: string }[] }>(
      backend,
      "memories:historyPage",
      { memorySpaceId, memoryId },
      async () => {
        await whole(backend, "memories:deleteMemory", {
          memorySpaceId,
          memoryId,
        });
        const content = "new";
        await backend.mutation("memories:store", {
          ...memory(memoryId),
          content,
        });
      },
    );
    assertEquals(
      contents.flatMap((part) => part.versions)
        .filter(({ content }) => content === "new"),
      [],
    );
  },
);

backendTest(
  "conversations:getHistory takes no messages of a conversation for those of another one",
  async (backend) => {
    await backend.mutation("conversations:create", talk("c"));
    await say(backend, "c", 8);
    await assertRejects(
      () =>
        queried(
          backend,
          "conversations:getHistory",
          { conversationId: "c", limit: 100 },
          async () => {
            await whole(backend, "conversations:deleteConversation", {
              conversationId: "c",
            });
            await backend.mutation("conversations:create", talk("c"));
            await say(backend, "c", 9);
          },
        ),
      Error,
      "CONVERSATION_NOT_FOUND",
    );
  },
);

backendTest(
  "conversations:deleteMany asks for no confirmation once it has begun",
  async (backend) => {
    await backend.mutation("conversations:create", talk("c-1"));
    await say(backend, "c-1", 8);
    const args = { userId: "ann", confirmationThreshold: 1 };
    const answers = await steps<{ conversationIds: string[] }>(
      (cursor) =>
        backend.mutation("conversations:deleteMany", {
          ...args,
          ...(cursor !== undefined && { cursor }),
        }),
      () => backend.mutation("conversations:create", talk("c-2")),
    );
    assertEquals(
      answers.flatMap(({ conversationIds }) => conversationIds),
      ["c-1", "c-2"],
    );
  },
);

const register = (backend: Backend) =>
  backend.mutation("memorySpaces:register", {
    memorySpaceId: SPACE,
    type: "team",
    participants: [],
  });
const DELETION = { memorySpaceId: SPACE, cascade: true, reason: "test" };

backendTest(
  "memorySpaces:deleteSpace that another call has ended tells what both did, and leaves what takes the name",
  async (backend) => {
    await register(backend);
    for (let at = 0; at < 14; at++) {
      await backend.mutation("memories:store", memory(`mem-${at}`));
    }
    interface Deleted extends Step {
      cascade: { memoriesDeleted: number };
    }
    const answers = await steps<Deleted>(
      (cursor) =>
        backend.mutation("memorySpaces:deleteSpace", {
          ...DELETION,
          ...(cursor !== undefined && { cursor }),
        }),
      async () => {
        await whole(backend, "memorySpaces:deleteSpace", DELETION);
        await register(backend);
        await backend.mutation("memories:store", memory("mem-new"));
      },
    );
    assertEquals(answers.at(-1)!.cascade.memoriesDeleted, 14);
    const left = await backend.rows("memories");
    assertEquals(left.map(({ memoryId }) => memoryId), ["mem-new"]);
  },
);

backendTest(
  "memorySpaces:getStats tells of one space, also where another one takes its name",
  async (backend) => {
    await register(backend);
    for (let at = 0; at < 14; at++) {
      await backend.mutation("memories:store", memory(`mem-${at}`));
    }
    interface Stats {
      totalMemories: number;
      participants?: { memoriesStored: number }[];
    }
    const args = { memorySpaceId: SPACE, includeParticipants: true };
    const stats = await steps<Stats>(
      async (cursor) => {
        const step = await backend.query<Stats & Partial<Step>>(
          "memorySpaces:getStats",
          { ...args, ...(cursor !== undefined && { cursor }) },
        );
        return { ...step, done: step.done ?? true };
      },
      async () => {
        await whole(backend, "memorySpaces:deleteSpace", DELETION);
        await register(backend);
        await backend.mutation("memories:store", memory("mem-new"));
      },
    );
    const { totalMemories, participants } = stats.at(-1)!;
    assertEquals(totalMemories, 1);
    assertEquals(participants?.map(({ memoriesStored }) => memoriesStored), [
      1,
    ]);
  },
);

backendTest(
  "factHistory:activityPage counts the hours before its first step",
  async (backend) => {
    for (let at = 0; at < 14; at++) {
      await backend.mutation("factHistory:logEvent", {
        factId: `fact-${at}`,
        memorySpaceId: SPACE,
        action: "CREATE",
        reason: LARGE,
        now: NOW + at,
      });
    }
    let now = NOW + 3_600_000;
    const parts = await steps<{ matched: number; until: number }>(
      (cursor) =>
        backend.query("factHistory:activityPage", {
          memorySpaceId: SPACE,
          hours: 1,
          now,
          ...(cursor !== undefined && { cursor }),
        }),
      () => Promise.resolve(now += 5),
    );
    const matched = parts.reduce((sum, part) => sum + part.matched, 0);
    assertEquals(matched, 14);
    assertEquals(parts.at(-1)?.until, parts[0]?.until);
  },
);

Deno.test("the deletion of a space that is purged meanwhile comes to an end", async () => {
  const backend = openBackend({
    crons: false,
    timers: realTimers,
  });
  try {
    await backend.mutation("memorySpaces:register", {
      memorySpaceId: SPACE,
      type: "team",
      participants: [],
    });
    for (let at = 0; at < 9; at++) {
      await backend.mutation("memories:store", memory(`mem-${at}`));
    }
    const { done } = await backend.mutation("memorySpaces:deleteSpace", {
      memorySpaceId: SPACE,
      cascade: true,
      reason: "test",
    });
    assertEquals(done, false);
    await whole(backend, "memorySpaces:purgeAll", {});
    await backend.internal("users:resumeDeletions", { now: NOW + 3_600_000 });
    const status = async () =>
      (await backend.rows("deletionRequests"))[0]?.status;
    for (let turn = 0; turn < 400 && await status() === "running"; turn++) {
      await new Promise((wait) => setTimeout(wait, 5));
    }
    assertEquals(await status(), "complete");
    assertEquals(await backend.rows("memories"), []);
  } finally {
    await backend.engine.close();
  }
});
