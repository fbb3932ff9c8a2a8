import { assertEquals, assertRejects } from "@std/assert";
import {
  axis,
  type Backend,
  backendTest,
  exchange,
  NOW,
  SPACE,
} from "./backend.ts";
import type { MemoryEntry } from "./backend.ts";

function store(
  backend: Backend,
  changes: Record<string, unknown> = {},
): Promise<MemoryEntry> {
  return backend.mutation<MemoryEntry>("memories:store", {
    memorySpaceId: SPACE,
    memoryId: "mem-1",
    content: "Noor paints boats",
    contentType: "raw",
    sourceType: "system",
    importance: 50,
    tags: [],
    ...changes,
  });
}

backendTest(
  "store keeps every field and get returns the same",
  async (backend) => {
    const given = {
      participantId: "p",
      content: "Noor paints boats",
      contentType: "summarized",
      sourceType: "tool",
      sourceUserId: "ann",
      sourceUserName: "Ann",
      sourceTimestamp: 5,
      userId: "ann",
      agentId: "helper",
      messageRole: "user",
      enrichedContent: "painting, ships",
      factCategory: "hobby",
      conversationRef: { conversationId: "c", messageIds: [] },
      immutableRef: { type: "t", id: "i", version: 2 },
      mutableRef: {
        namespace: "n",
        key: "k",
        snapshotValue: { a: [1] },
        snapshotAt: 3,
      },
      factsRef: { factId: "f", version: 1 },
      importance: 0,
      tags: ["a", "b"],
      metadata: { mood: "good" },
      embedding: axis(7, 1536),
    };
    const stored = await store(backend, given);
    const { _id, ...rest } = stored;
    assertEquals(rest as unknown, {
      memorySpaceId: SPACE,
      memoryId: "mem-1",
      ...given,
      version: 1,
      previousVersions: [],
      createdAt: NOW,
      updatedAt: NOW,
      accessCount: 0,
    });
    const found = await backend.query<MemoryEntry>("memories:get", {
      memorySpaceId: SPACE,
      memoryId: "mem-1",
    });
    assertEquals(found, stored);
  },
);

backendTest("a memory of little has little", async (backend) => {
  const stored = await store(backend, { embedding: [] });
  assertEquals(Object.keys(stored).sort(), [
    "_id",
    "accessCount",
    "content",
    "contentType",
    "createdAt",
    "importance",
    "memoryId",
    "memorySpaceId",
    "previousVersions",
    "sourceTimestamp",
    "sourceType",
    "tags",
    "updatedAt",
    "version",
  ]);
  assertEquals(stored.sourceTimestamp, NOW);
  assertEquals(await backend.rows("memorySpaces"), []);
});

backendTest(
  "store is safe to repeat within space and tenant",
  async (backend) => {
    const first = await store(backend);
    assertEquals(await store(backend, { content: "Other" }), first);
    await store(backend, { memorySpaceId: "space-2" });
    await store(backend, { tenantId: "t1" });
    assertEquals((await backend.rows("memories")).length, 3);
    const elsewhere = { memorySpaceId: "space-3", memoryId: "mem-1" };
    assertEquals(await backend.query("memories:get", elsewhere), null);
  },
);

backendTest("store refuses what cannot be stored", async (backend) => {
  for (
    const [changes, code] of [
      [{ importance: 101 }, "INVALID_IMPORTANCE"],
      [{ importance: -1 }, "INVALID_IMPORTANCE"],
      [{ importance: NaN }, "INVALID_IMPORTANCE"],
      [{ sourceTimestamp: -1 }, "INVALID_TIMESTAMP"],
      [{ embedding: [1, Infinity] }, "INVALID_EMBEDDING"],
      [{ memoryId: "" }, "INVALID_ID"],
      [{ memorySpaceId: " " }, "INVALID_ID"],
      [{ content: "x".repeat(1_000_001) }, "CONTENT_TOO_LARGE"],
      [{ now: -5 }, "INVALID_TIMESTAMP"],
    ] as [Record<string, unknown>, string][]
  ) {
    await assertRejects(() => store(backend, changes), Error, code);
  }
  assertEquals(await backend.rows("memories"), []);
  assertEquals(await backend.rows("memoryEmbeddings"), []);
});

backendTest(
  "50,000 characters and any length of embedding are kept",
  async (backend) => {
    const content = "Noor paints boats. ".repeat(2632);
    const stored = await store(backend, { content, embedding: [0.5, -0.5, 1] });
    assertEquals(stored.content, content);
    assertEquals(stored.embedding, [0.5, -0.5, 1]);
    const [row] = await backend.rows("memoryEmbeddings");
    assertEquals(row!.dims, 3);
  },
);

backendTest(
  "a summary of 220 messages is shown with all that are left of them, whose conversation shows them, too",
  async (backend) => {
    const calls = Array.from({ length: 110 }, (_, n) => ({
      name: "memory:remember",
      args: { now: NOW, ...exchange({ n }) },
    }));
    for (let at = 0; at < calls.length; at += 50) {
      await backend.mutation("batch:run", { calls: calls.slice(at, at + 50) });
    }
    const messageIds = calls.flatMap((_, n) => [`u${n}`, `a${n}`]);
    const named = { memorySpaceId: SPACE, memoryId: "mem-summary" };
    await store(backend, {
      ...named,
      conversationRef: {
        conversationId: "conv-1",
        messageIds: ["gone", ...messageIds],
      },
    });
    type Shown = { sourceMessages?: { id: string }[] };
    const enriched = await backend.query<Shown>("memory:getEnriched", named);
    const { items: [item] } = await backend.query<{ items: Shown[] }>(
      "memory:recall",
      {
        memorySpaceId: SPACE,
        query: "boats",
        limit: 1,
        sources: { vector: true, facts: false },
        includeConversation: true,
      },
    );
    for (const shown of [enriched, item]) {
      assertEquals(shown?.sourceMessages?.map(({ id }) => id), messageIds);
    }
  },
);
