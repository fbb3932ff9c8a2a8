/** What a deletion of several steps leaves when another one ends it, and something new takes the name. */
import { assertEquals, assertRejects } from "@std/assert";
import { type Backend, backendTest, NOW, SPACE } from "./backend.ts";

const LARGE = "x".repeat(900_000);
const MOST = 12;

interface Step {
  done?: boolean;
  cursor?: string;
}

/** Does the first step, deletes and makes it anew, and goes on. */
async function overtaken(
  backend: Backend,
  name: string,
  args: object,
  make: (at: number) => Promise<unknown>,
): Promise<Step[]> {
  for (let at = 0; at < MOST; at++) await make(at);
  const step = (cursor?: string) =>
    backend.mutation<Step>(name, {
      ...args,
      ...(cursor !== undefined && { cursor }),
    });
  const steps = [await step()];
  assertEquals(steps[0]?.done, false, "it takes more than one step");
  for (let { done } = steps[0]!; !done;) ({ done } = await step());
  await make(MOST);
  while (steps.at(-1)?.done !== true) {
    steps.push(await step(steps.at(-1)?.cursor));
  }
  await assertRejects(() => step("mine"), Error, "INVALID_CURSOR");
  return steps;
}

backendTest(
  "conversations:deleteConversation leaves a conversation that takes the id meanwhile",
  async (backend) => {
    const conversationId = "c";
    const steps = await overtaken(
      backend,
      "conversations:deleteConversation",
      { conversationId },
      async (at) => {
        if (at % MOST === 0) {
          await backend.mutation("conversations:create", {
            conversationId,
            memorySpaceId: SPACE,
            type: "user-agent",
            participants: { userId: "ann", agentId: "helper" },
          });
        }
        const message = { id: `${at}`, role: "user", content: LARGE };
        await backend.addMessage({ conversationId, messageLimit: 1, message });
      },
    );
    assertEquals(steps.length, 2);
    const left = await backend.rows("messages");
    assertEquals(left.map(({ id }) => id), [`${MOST}`]);
  },
);

for (
  const [name, type, args] of [
    ["immutable:purge", "log", { type: "log", id: "one" }],
    ["immutable:purgeVersions", "log", {
      type: "log",
      id: "one",
      keepLatest: 1,
    }],
    ["users:deleteUserProfile", "user", { userId: "one" }],
    ["users:deleteProfilesOf", "user", { userIds: ["one"] }],
  ] as const
) {
  backendTest(
    `${name} leaves what takes the id meanwhile`,
    async (backend) => {
      const id = "one";
      const data = { LARGE };
      const store = () =>
        backend.mutation("immutable:store", { type, id, data });
      const renew = () => backend.mutation("immutable:purge", { type, id });
      const steps = await overtaken(backend, name, args, async (at) => {
        if (at === MOST && name.endsWith("Versions")) {
          await renew();
          await store();
        }
        await store();
      });
      assertEquals(steps.length, 2);
      const [left] = await backend.rows("immutable");
      const versions = await backend.rows("immutableVersions");
      assertEquals([left?.version, versions.length], [
        1 + versions.length,
        name.endsWith("Versions") ? 1 : 0,
      ]);
    },
  );
}

backendTest(
  "users:deleteProfilesOf leaves a user who comes back meanwhile",
  async (backend) => {
    const update = (userId: string) =>
      backend.mutation("users:update", { userId, data: { LARGE } });
    await update("ann");
    for (let at = 0; at < MOST; at++) await update("bob");
    const deleted: string[] = [];
    let step: Step & { deleted: string[] } = { done: false, deleted };
    while (!step.done) {
      const { cursor } = step;
      step = await backend.mutation("users:deleteProfilesOf", {
        userIds: ["ann", "bob"],
        ...(cursor !== undefined && { cursor }),
      });
      deleted.push(...step.deleted);
      if (deleted.length === 1) await update("ann");
    }
    assertEquals(deleted, ["ann", "bob"]);
    const left = await backend.rows("immutable");
    assertEquals(left.map(({ id }) => id), ["ann"]);
  },
);

for (
  const [name, options] of [
    ["memories:deleteMemory", {}],
    ["memory:deleteMemory", {}],
    ["memory:deleteMemory", { cascadeDeleteFacts: false }],
    ["memory:forget", {}],
  ] as const
) {
  backendTest(
    `${name} ${
      JSON.stringify(options)
    } leaves a memory that takes the id meanwhile`,
    async (backend) => {
      const named = { memorySpaceId: SPACE, memoryId: "mem-1" };
      const steps = await overtaken(
        backend,
        name,
        { ...named, ...options },
        async (at) => {
          if (at % MOST > 0) {
            const content = `${at} ${LARGE}`;
            await backend.mutation("memories:update", { ...named, content });
            return;
          }
          await backend.mutation("memories:store", {
            ...named,
            content: LARGE,
            contentType: "raw",
            sourceType: "system",
            importance: 50,
            tags: [],
          });
        },
      );
      assertEquals(steps.length, 2);
      assertEquals((await backend.rows("memories")).length, 1);
    },
  );
}

for (
  const [name, args] of [
    ["users:eraseUser", { userId: "ann" }],
    ["memory:forget", { memorySpaceId: SPACE, memoryId: "m2" }],
    ["memories:update", {
      memorySpaceId: SPACE,
      memoryId: "m2",
      content: "z".repeat(985_000),
    }],
  ] as const
) {
  backendTest(
    `${name} finds the neighbours of one of many large memories of the same time`,
    async (backend) => {
      const content = "x".repeat(985_000);
      for (let at = 0; at < 13; at++) {
        await backend.mutation("memories:store", {
          memorySpaceId: SPACE,
          memoryId: `m${at}`,
          userId: at === 2 ? "ann" : "bob",
          content: `${at} ${content}`,
          contentType: "raw",
          sourceType: "conversation",
          sourceTimestamp: NOW + Number(at > 9),
          importance: 50,
          tags: [],
          conversationRef: { conversationId: "shared", messageIds: [] },
        });
        if (at !== 2) continue;
        const named = { memorySpaceId: SPACE, memoryId: "m2" };
        await backend.mutation("memories:update", { ...named, content });
      }
      let step: Step = { done: false };
      while (step.done === false) {
        const { cursor } = step;
        step = await backend.mutation(name, {
          ...args,
          ...(cursor !== undefined && { cursor }),
        });
      }
      const left = await backend.rows("memories");
      assertEquals(left.length, name.startsWith("memories") ? 13 : 12);
    },
  );
}
