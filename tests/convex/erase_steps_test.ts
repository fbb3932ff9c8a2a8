/** Where the steps of erasures and of their dry runs end and continue. */
import { assert, assertEquals } from "@std/assert";
import { backendTest, NOW, SPACE } from "./backend.ts";
import { erase, type Step } from "./erase_support.ts";

backendTest(
  "a dry run counts the kept answers of thousands of writes, wherever its steps end",
  async (backend) => {
    for (let n = 0; n < 2100; n++) {
      await backend.mutation("mutable:set", {
        namespace: "shelf",
        key: `key-${n % 7}`,
        value: n,
        userId: "ann",
        idempotencyKey: `k${n}`,
      });
    }
    // By one row more, a step ends one row earlier among the others.
    for (const extra of [1, 2]) {
      await backend.mutation("mutable:set", {
        namespace: "more",
        key: `key-${extra}`,
        value: 1,
        userId: "ann",
      });
      const args = { userId: "ann", dryRun: true };
      const { last, steps } = await erase(backend, "users:eraseUser", args);
      assert(steps > 2);
      assertEquals(last.counts, {
        mutable: 7 + extra,
        idempotencyKeys: 2100,
        idempotencyTraces: 2100,
      });
    }
  },
);

backendTest(
  "who comes back to an erasure that has ended without them is told of the whole of it",
  async (backend) => {
    await backend.mutation("agents:register", { agentId: "helper", name: "H" });
    for (
      const { name, args } of [
        { name: "users:eraseUser", args: { userId: "ann" } },
        { name: "agents:eraseAgent", args: { agentId: "helper" } },
      ]
    ) {
      for (let n = 0; n < 150; n++) await backend.remember({ n });
      const first = await backend.mutation<Step>(name, args);
      assertEquals(first.done, false);
      const { last } = await erase(backend, name, args);
      const jobs = await backend.rows("deletionRequests");
      await backend.remember({ n: 200 });
      const rest = await backend.mutation<Step>(name, {
        ...args,
        cursor: first.cursor,
      });
      assertEquals(
        [rest.done, rest.requestId, rest.counts],
        [true, first.requestId, last.counts],
      );
      assertEquals(await backend.rows("deletionRequests"), jobs);
      const memories = await backend.rows("memories");
      assert(memories.some(({ memoryId }) => memoryId === "mem-a200"), "later");
      await erase(backend, name, args);
    }
  },
);

backendTest(
  "a step of an erasure leaves no trace without its answer, which another deletion would leave for good",
  async (backend) => {
    const leftOver = async () => {
      const keys = await backend.rows("idempotencyKeys");
      const ids = new Set(keys.map(({ _id }) => _id));
      return (await backend.rows("idempotencyTraces"))
        .filter(({ keyDocId }) => !ids.has(keyDocId as string));
    };
    // The step ends one row later for each of them.
    for (let shift = 0; shift < 6; shift++) {
      const userId = `user-${shift}`;
      const about = (conversationId: string) => ({
        memorySpaceId: SPACE,
        conversationId,
        type: "user-agent",
        participants: { userId, agentId: "helper" },
      });
      await backend.mutation("conversations:create", about(`first-${shift}`));
      for (let n = 0; n < shift; n++) {
        await backend.addMessage({
          conversationId: `first-${shift}`,
          message: { id: `m${n}`, role: "user", content: "hi" },
        });
      }
      for (let n = 0; n < 90; n++) {
        await backend.mutation("conversations:getOrCreate", {
          ...about(`second-${shift}`),
          idempotencyKey: `k-${shift}-${n}`,
        });
      }
      const args = { userId };
      const first = await backend.mutation<Step>("users:eraseUser", args);
      assertEquals([first.done, await leftOver()], [false, []]);
      await erase(backend, "users:eraseUser", args);
    }
  },
);

backendTest(
  "an erasure that is given up goes on by itself also if the clock was ahead and has been set back",
  async (backend, clock) => {
    for (let n = 0; n < 150; n++) await backend.remember({ n });
    const year = 365 * 24 * 60 * 60_000;
    clock.ms = NOW + year;
    const args = { userId: "ann", now: clock.ms };
    const first = await backend.mutation<Step>("users:eraseUser", args);
    assertEquals(first.done, false);
    const resume = () => backend.internal("users:resumeDeletions");
    assertEquals(await resume(), { resumed: 0 });
    clock.ms = NOW;
    assertEquals(await resume(), { resumed: 1 });
    // It has been tried just now.
    assertEquals(await resume(), { resumed: 0 });
  },
);

backendTest(
  "what is left of a conversation that is gone counts as the user's, whoever it is about",
  async (backend) => {
    await backend.mutation("facts:store", {
      memorySpaceId: SPACE,
      factId: "fact-1",
      fact: "The bridge is closed",
      subject: "the bridge",
      factType: "knowledge",
      confidence: 80,
      sourceType: "conversation",
      sourceRef: { conversationId: "conv-1" },
      tags: [],
    });
    const left = await backend.query("users:verifyErasure", {
      userId: "ann",
      conversationIds: ["conv-1"],
    });
    assertEquals(left, { facts: 1 });
  },
);
