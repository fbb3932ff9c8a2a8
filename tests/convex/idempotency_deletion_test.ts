import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  backendTest,
  everything,
  NOW,
  openBackend,
  SPACE,
  TABLES,
} from "./backend.ts";
import { erase } from "./erase_support.ts";
import { realTimers } from "../support/real_timers.ts";

const DAY_MS = 24 * 60 * 60_000;
const SECRET = "Ann's cat is called Biscuit";
const conversation = {
  conversationId: "c-9",
  memorySpaceId: SPACE,
  type: "user-agent",
  participants: { userId: "ann", agentId: "helper" },
};
const memory = {
  memorySpaceId: SPACE,
  memoryId: "mem-9",
  content: SECRET,
  contentType: "raw",
  sourceType: "system",
  importance: 50,
  tags: [],
};
const value = { namespace: "n", key: "k" };
const record = { type: "note", id: "1" };
const longRecord = { type: "note", id: "1".repeat(600) };

/** Of each kind of row a keyed write, and what deletes the row again. */
const deletions: [write: string, args: object, remove: string, of: object][] = [
  [
    "memories:store",
    memory,
    "memories:deleteMemory",
    { memorySpaceId: SPACE, memoryId: "mem-9" },
  ],
  [
    "memories:store",
    memory,
    "memories:deleteMany",
    { memorySpaceId: SPACE },
  ],
  [
    "conversations:create",
    { ...conversation, metadata: { SECRET } },
    "conversations:deleteConversation",
    { conversationId: "c-9" },
  ],
  [
    "facts:store",
    {
      memorySpaceId: SPACE,
      fact: SECRET,
      factType: "knowledge",
      confidence: 80,
      sourceType: "manual",
      tags: [],
    },
    "facts:deleteMany",
    { memorySpaceId: SPACE },
  ],
  [
    "immutable:store",
    { ...record, data: { SECRET } },
    "immutable:purge",
    record,
  ],
  [
    "immutable:store",
    { ...longRecord, data: { SECRET } },
    "immutable:purge",
    longRecord,
  ],
  ["mutable:set", { ...value, value: SECRET }, "mutable:deleteKey", value],
  [
    "mutable:transaction",
    { operations: [{ op: "set", ...value, value: SECRET }] },
    "mutable:purgeNamespace",
    { namespace: "n" },
  ],
  [
    "users:update",
    { userId: "ann", data: { SECRET } },
    "users:deleteUserProfile",
    { userId: "ann" },
  ],
  [
    "agents:register",
    { agentId: "helper", name: SECRET },
    "agents:unregister",
    { agentId: "helper" },
  ],
];

for (const [write, args, remove, of] of deletions) {
  backendTest(
    `what ${remove} deletes is not kept in the answer to a keyed ${write}, which is not done again`,
    async (backend) => {
      const call = { ...args, idempotencyKey: "k-1" };
      await backend.mutation(write, call);
      const removal = { ...of, idempotencyKey: "k-2" };
      const removed = await backend.mutation(remove, removal);
      assertEquals(await backend.mutation(remove, removal), removed);
      await assertRejects(
        () => backend.mutation(write, call),
        Error,
        'IDEMPOTENCY_CONFLICT: what was written with the key "k-1" has been deleted since',
      );
      for (const table of TABLES) {
        const rows = JSON.stringify(await backend.rows(table));
        assert(!rows.includes("Biscuit"), `${table} still has it`);
      }
    },
  );
}

backendTest(
  "a keyed exchange is not answered from what is kept once its conversation is deleted, a note of it is",
  async (backend) => {
    const exchange = { idempotencyKey: "k-1" };
    const conversationRef = { conversationId: "conv-1", messageIds: ["u1"] };
    const note = { ...memory, conversationRef, idempotencyKey: "k-2" };
    const first = await backend.remember(exchange);
    const noted = await backend.mutation("memories:store", note);
    await backend.remember({ n: 2 });
    await backend.forget({ memoryId: "mem-u2", deleteConversation: true });
    assertEquals(await backend.remember(exchange), first);
    const named = { conversationId: "conv-1", idempotencyKey: "k-3" };
    const remove = () =>
      backend.mutation("conversations:deleteConversation", named);
    const removed = await remove();
    assertEquals(await remove(), removed);
    await assertRejects(
      () => backend.remember(exchange),
      Error,
      "IDEMPOTENCY_CONFLICT",
    );
    assertEquals(await backend.mutation("memories:store", note), noted);
  },
);

backendTest(
  "an erasure also takes the keys whose answers were emptied before",
  async (backend) => {
    await backend.remember({ idempotencyKey: "k-1" });
    const { memoryId } = (await backend.rows("memories"))[0]!;
    const named = { memorySpaceId: SPACE, memoryId };
    await backend.mutation("memories:deleteMemory", named);
    assertEquals((await backend.rows("idempotencyKeys"))[0]!.result, "");
    await backend.mutation("users:eraseUser", { userId: "ann" });
    assertEquals(await backend.rows("idempotencyKeys"), []);
    assertEquals(await backend.rows("idempotencyTraces"), []);
  },
);

backendTest(
  "a keyed write deletes two keys that are over",
  async (backend, clock) => {
    const set = (idempotencyKey: string, now: number) => {
      clock.ms = now;
      return backend.mutation("mutable:update", {
        ...value,
        operation: "increment",
        idempotencyKey,
      });
    };
    await backend.mutation("mutable:set", { ...value, value: 0 });
    for (const key of ["a", "b", "c"]) await set(key, NOW);
    await set("d", NOW + DAY_MS);
    const kept = await backend.rows("idempotencyKeys");
    assertEquals(kept.map(({ key }) => key).sort(), ["c", "d"]);
  },
);

backendTest(
  "what one keyed call writes and deletes is in no kept answer",
  async (backend) => {
    const call = () =>
      backend.mutation<{ results: unknown[] }>("mutable:transaction", {
        operations: [
          { op: "set", ...value, value: SECRET },
          { op: "delete", ...value },
          { op: "set", ...value, value: "public" },
        ],
        idempotencyKey: "key-1",
      });
    assertEquals((await call()).results.length, 3);
    const kept = await backend.rows("idempotencyKeys");
    assertEquals(kept.length, 1);
    assert(!JSON.stringify(kept).includes(SECRET));
    await assertRejects(call, Error, "IDEMPOTENCY_CONFLICT");
  },
);

const erasures: [name: string, whose: Record<string, unknown>][] = [
  ["users:eraseUser", { userId: "bob" }],
  ["agents:eraseAgent", { agentId: "helper" }],
  [
    "memorySpaces:deleteSpace",
    { memorySpaceId: SPACE, cascade: true, reason: "test" },
  ],
];

for (const [name, whose] of erasures) {
  backendTest(
    `why a fact took another's place goes with either by ${name}`,
    async (backend) => {
      await backend.mutation("memorySpaces:register", {
        memorySpaceId: SPACE,
        type: "team",
        participants: [],
      });
      const factIds: string[] = [];
      for (const userId of ["ann", "bob"]) {
        const { factId } = await backend.mutation("facts:store", {
          memorySpaceId: SPACE,
          userId,
          ...userId === "bob" && { participantId: "helper" },
          fact: `${userId} has a cat`,
          factType: "knowledge",
          confidence: 80,
          sourceType: "manual",
          tags: [],
        });
        factIds.push(factId as string);
      }
      const [oldFactId, newFactId] = factIds;
      await backend.mutation("facts:supersede", {
        memorySpaceId: SPACE,
        oldFactId,
        newFactId,
        reason: SECRET,
        idempotencyKey: "key-1",
      });
      assertEquals((await backend.rows("idempotencyKeys")).length, 1);
      await backend.mutation(name, whose);
      assertEquals(await backend.rows("idempotencyKeys"), []);
    },
  );
}

for (const subject of ["user", "agent"]) {
  backendTest(
    `a kept answer that shows a space goes with the ${subject} who takes part in it, as whatever`,
    async (backend) => {
      await backend.mutation("memorySpaces:register", {
        memorySpaceId: "team",
        type: "team",
        participants: [{ id: "zoe", type: "member" }],
        idempotencyKey: "key-1",
      });
      await backend.mutation(
        subject === "user" ? "users:eraseUser" : "agents:eraseAgent",
        { [`${subject}Id`]: "zoe" },
      );
      assertEquals(await backend.rows("idempotencyKeys"), []);
    },
  );
}

/** Of which 24 are more than one transaction reads. */
const LARGE = "x".repeat(700_000);
const NUMBERS = Array.from({ length: 24 }, (_, at) => at);

backendTest(
  "keys whose answers are large are swept in steps",
  async (backend) => {
    for (const at of NUMBERS) {
      await backend.mutation("mutable:set", {
        ...value,
        value: LARGE,
        idempotencyKey: `k-${at}`,
      });
    }
    const sweep = () =>
      backend.internal<{ deleted: number; done: boolean }>(
        "idempotency:sweep",
        {
          now: Date.now() + 2 * DAY_MS,
        },
      );
    let deleted = 0;
    for (let isDone = false; !isDone;) {
      const step = await sweep();
      deleted += step.deleted;
      isDone = step.done;
    }
    assertEquals(deleted, NUMBERS.length);
    for (
      const table of [
        "idempotencyKeys",
        "idempotencyParts",
        "idempotencyTraces",
      ] as const
    ) {
      assertEquals(await backend.rows(table), []);
    }
  },
);

Deno.test("a row that many large answers show is deleted, and they are emptied after it", async () => {
  const backend = openBackend({
    crons: false,
    timers: realTimers,
  });
  try {
    const set = (at: number) =>
      backend.mutation("mutable:set", {
        ...value,
        // In one row, and in parts.
        value: at % 2 === 0 ? LARGE.slice(0, 250_000) : LARGE,
        idempotencyKey: `k-${at}`,
      });
    for (const at of NUMBERS) await set(at);
    for (const at of NUMBERS) await set(at + NUMBERS.length);
    await backend.mutation("mutable:deleteKey", value);
    const answers = async () =>
      [
        ...(await backend.rows("idempotencyKeys"))
          .filter(({ result }) => result !== ""),
        ...await backend.rows("idempotencyParts"),
      ].length;
    for (let turn = 0; turn < 400 && await answers() > 0; turn++) {
      await new Promise((wait) => setTimeout(wait, 5));
    }
    assertEquals(await answers(), 0);
    for (const at of [0, 1]) {
      await assertRejects(() => set(at), Error, "IDEMPOTENCY_CONFLICT");
    }
  } finally {
    await backend.engine.close();
  }
});

backendTest(
  "an answer that an erasure has not reached the end of is found by that of another whom it shows",
  async (backend) => {
    const names = Array.from({ length: 150 }, (_, at) => `user-${at}-`);
    await backend.mutation("memorySpaces:register", {
      memorySpaceId: SPACE,
      type: "team",
      participants: names.map((id) => ({ id, type: "user" })),
      idempotencyKey: "k",
    });
    const [first, second] = names as [string, string];
    await backend.mutation("users:eraseUser", { userId: first });
    for (const userId of [second, first]) {
      await erase(backend, "users:eraseUser", { userId });
      const rows = await everything(backend);
      assertEquals(rows.includes(userId), false, userId);
    }
  },
);
