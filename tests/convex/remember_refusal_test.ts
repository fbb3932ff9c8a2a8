import { assertEquals, assertRejects } from "@std/assert";
import { backendTest, exchange, fact, NOW, SPACE } from "./backend.ts";

backendTest(
  "a message id used for another text is refused",
  async (backend) => {
    await backend.remember();
    await assertRejects(
      () => backend.remember({ say: "something else" }),
      Error,
      "MESSAGE_ALREADY_EXISTS",
    );
    assertEquals((await backend.rows("messages")).length, 2);
  },
);

backendTest(
  "a conversation of another space is refused and nothing is written",
  async (backend) => {
    await backend.remember();
    await assertRejects(
      () => backend.remember({ n: 2, memorySpaceId: "space-2" }),
      Error,
      "PERMISSION_DENIED",
    );
    assertEquals((await backend.rows("messages")).length, 2);
    assertEquals((await backend.rows("memorySpaces")).length, 1);
  },
);

backendTest("a refused embedding leaves nothing behind", async (backend) => {
  const args = exchange();
  const [, agent] = args.memories as { embedding?: number[] }[];
  agent!.embedding = [1, Number.NaN];
  await assertRejects(
    () => backend.remember(args),
    Error,
    "INVALID_EMBEDDING: embedding[1]",
  );
  agent!.embedding = new Array(8193).fill(0.5);
  await assertRejects(() => backend.remember(args), Error);
  for (
    const table of [
      "memorySpaces",
      "conversations",
      "messages",
      "memories",
    ] as const
  ) assertEquals((await backend.rows(table)).length, 0, table);
});

backendTest(
  "a text too large for a row is refused by name",
  async (backend) => {
    await assertRejects(
      () => backend.remember({ say: "x".repeat(1_000_001) }),
      Error,
      "CONTENT_TOO_LARGE: user message",
    );
    assertEquals((await backend.rows("conversations")).length, 0);
  },
);

backendTest(
  "a refused fact is reported and the rest is kept",
  async (backend) => {
    const result = await backend.remember({
      facts: [
        fact("fact-1", { confidence: 150 }),
        fact("fact-2", { factType: "rumour" }),
        fact("fact-3", { fact: "  " }),
        fact("fact-4", { embedding: [Infinity] }),
        fact("fact-5"),
      ],
    });
    assertEquals(result.facts.map((row) => row.factId), ["fact-5"]);
    assertEquals(result.refusedFacts!.map((refusal) => refusal.code), [
      "INVALID_CONFIDENCE",
      "INVALID_FACT_TYPE",
      "INVALID_FACT",
      "INVALID_EMBEDDING",
    ]);
    assertEquals(
      result.refusedFacts![0]!.message,
      "INVALID_CONFIDENCE: confidence must be between 0 and 100, got 150",
    );
    assertEquals(result.memories.length, 2);
    assertEquals((await backend.rows("facts")).length, 1);
  },
);

backendTest("an archived or dying space takes nothing new", async (backend) => {
  await backend.remember();
  await backend.patchAll("memorySpaces", { status: "archived" });
  await assertRejects(
    () => backend.remember({ n: 2 }),
    Error,
    "MEMORYSPACE_ARCHIVED",
  );
  assertEquals((await backend.remember()).repeated, true);
  await backend.patchAll("memorySpaces", { deletingSince: NOW });
  await assertRejects(
    () => backend.remember({ n: 2 }),
    Error,
    "MEMORYSPACE_DELETING",
  );
  await assertRejects(
    () =>
      backend.addMessage({
        conversationId: "conv-1",
        message: { id: "x", role: "user", content: "more" },
      }),
    Error,
    "MEMORYSPACE_DELETING",
  );
  const member = { id: "bob", type: "user", joinedAt: NOW };
  for (
    const [name, args] of [
      ["update", { name: "Old" }],
      ["addParticipant", { participant: member }],
      ["removeParticipant", { participantId: "bob" }],
      ["updateParticipants", { add: [member] }],
      ["archive", {}],
      ["reactivate", {}],
    ] as const
  ) {
    await assertRejects(
      () =>
        backend.mutation(`memorySpaces:${name}`, {
          memorySpaceId: SPACE,
          ...args,
        }),
      Error,
      "MEMORYSPACE_DELETING",
    );
  }
});
