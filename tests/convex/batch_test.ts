import { assertEquals, assertRejects } from "@std/assert";
import { type Backend, backendTest, exchange, fact, NOW } from "./backend.ts";

type Outcome = {
  ok: boolean;
  value?: Record<string, unknown>;
  error?: { message: string; data?: unknown };
};

function run(
  backend: Backend,
  calls: { name: string; args: Record<string, unknown> }[],
): Promise<Outcome[]> {
  return backend.mutation<Outcome[]>("batch:run", { calls });
}

const remember = (changes: Record<string, unknown>) => ({
  name: "memory:remember",
  args: { now: NOW, ...exchange(changes) },
});

backendTest("a failing item is rolled back alone", async (backend) => {
  const poisoned = remember({ n: 2 });
  const memories = poisoned.args as { memories?: { embedding?: number[] }[] };
  memories.memories![1]!.embedding = [NaN];
  const outcomes = await run(backend, [
    remember({ n: 1 }),
    poisoned,
    remember({ n: 3 }),
  ]);
  assertEquals(outcomes.map((outcome) => outcome.ok), [true, false, true]);
  const message =
    "INVALID_EMBEDDING: embedding[0] is not a finite number of at most 3.4e38";
  assertEquals(outcomes[1]!.error, { message, data: message });
  const rows = await backend.rows("messages");
  assertEquals(rows.map((row) => row.id), ["u1", "a1", "u3", "a3"]);
  assertEquals(rows.map((row) => row.seq), [0, 1, 2, 3]);
  const [conversation] = await backend.rows("conversations");
  assertEquals(conversation!.messageCount, 4);
});

backendTest("items see what earlier items wrote", async (backend) => {
  const outcomes = await run(backend, [
    {
      name: "conversations:create",
      args: {
        conversationId: "conv-9",
        memorySpaceId: "s",
        type: "user-agent",
        participants: { userId: "u", agentId: "a" },
      },
    },
    {
      name: "conversations:addMessage",
      args: {
        conversationId: "conv-9",
        message: { id: "m", role: "user", content: "hi" },
      },
    },
  ]);
  assertEquals(outcomes[1]!.value!.messageCount, 1);
});

backendTest(
  "unexpected failures tell nothing that a deployment may hide",
  async (backend) => {
    const [wrong] = await run(backend, [
      { name: "memory:remember", args: { memorySpaceId: 5 } },
    ]);
    assertEquals(wrong, { ok: false, error: { message: "Server Error" } });
  },
);

backendTest(
  "a call whose facts do not fit into the batch's transaction is one to be made again",
  async (backend) => {
    const text = "x".repeat(500_000);
    const calls = ["a", "b", "c"].map((name, n) =>
      remember({
        n,
        factMode: "plain",
        facts: Array.from(
          { length: 7 },
          (_, at) => fact(`${name}-${at}`, { fact: `${name} ${at} ${text}` }),
        ),
      })
    );
    const outcomes = await run(backend, calls);
    assertEquals(outcomes.map(({ ok }) => ok), [true, true, false]);
    const { error } = outcomes[2]!;
    assertEquals(Object.keys(error!), ["message"]);
    const { name, args } = calls[2]!;
    await backend.mutation(name, args);
  },
);

backendTest("only listed mutations run in a batch", async (backend) => {
  const names = ["batch:run", "memories:get", "inspect:patch", "nothing:here"];
  const outcomes = await run(
    backend,
    names.map((name) => ({ name, args: { calls: [] } })),
  );
  assertEquals(
    outcomes.map((outcome) => outcome.error!.data),
    names.map((name) => `NOT_BATCHED: "${name}" cannot be called in a batch`),
  );
});

backendTest("a batch of too many is refused", async (backend) => {
  const calls = new Array(1001).fill({ name: "x", args: {} });
  await assertRejects(() => run(backend, calls), Error, "LIMIT_EXCEEDED");
});
