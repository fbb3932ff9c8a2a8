import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  addMemories,
  axis,
  backendTest,
  memory,
  NOW,
  search,
} from "./backend.ts";

const HOW = ["query", "action"] as const;

const found = (rows: readonly { memoryId: string }[]) =>
  rows.map((row) => row.memoryId);

backendTest(
  "memories:search by words orders by relevance, without scores",
  async (engine) => {
    await addMemories(engine, [
      memory("one", "A boat among many other things of a long summer day"),
      memory("two", "Boats on the lake"),
      memory("no", "Bread"),
    ]);
    for (const how of HOW) {
      const rows = await search(engine, "lake boat", { minScore: 1 }, how);
      assertEquals(found(rows), ["two", "one"]);
      assert(rows.every((row) => !("_score" in row)));
    }
  },
);

backendTest(
  "memories:search finds by own words, not by the neighbours'",
  async (engine) => {
    const conversationRef = (id: string) => ({
      conversationRef: { conversationId: "c", messageIds: [id] },
    });
    await addMemories(engine, [
      memory("before", "Nice weather", conversationRef("1")),
      memory("own", "Boats", conversationRef("2")),
      memory("after", "Indeed", conversationRef("3")),
    ]);
    assertEquals(found(await search(engine, "boats")), ["own"]);
  },
);

backendTest("memories:search finds by enriched content", async (engine) => {
  await addMemories(engine, [
    memory("m", "Call me Alex", { enrichedContent: "user identity name" }),
  ]);
  assertEquals(found(await search(engine, "What is the identity?")), ["m"]);
});

backendTest(
  "memories:search by embedding weighs similarity and caps it at 1",
  async (engine) => {
    const embedding = axis(384, 0, 1);
    const add = (id: string, content: string, more = {}) =>
      addMemories(engine, [memory(id, content, { embedding, ...more })]);
    await add("plain", "x");
    await add("user", "x", { messageRole: "user" });
    await add("agent", "Understood, the harbour", { messageRole: "agent" });
    await add("long", `Understood, ${"the harbour ".repeat(6)}`, {
      messageRole: "agent",
    });
    await add("category", "x", { factCategory: "boats" });
    await add("rich", "x", { enrichedContent: "y" });
    await addMemories(engine, [
      memory("same", "x", { messageRole: "user", embedding: axis(384, 0) }),
      memory("opposite", "x", { embedding: axis(384, 0).map((x) => -x) }),
      memory("zero", "x", { embedding: new Array<number>(384).fill(0) }),
      memory("wordsOnly", "x"),
    ]);
    const cosine = Math.SQRT1_2;
    const expected: Record<string, number> = {
      same: 1,
      category: cosine * 1.3,
      user: cosine * 1.25,
      rich: cosine * 1.1,
      plain: cosine,
      long: cosine,
      agent: cosine * 0.5,
      zero: 0,
    };
    for (const how of HOW) {
      const rows = await search(engine, "", {
        embedding: axis(384, 0),
        queryCategory: "boats",
      }, how);
      assertEquals(
        found(rows).toSorted(),
        Object.keys(expected).toSorted(),
        how,
      );
      assertEquals(found(rows).slice(0, 4), Object.keys(expected).slice(0, 4));
      for (const row of rows) {
        assertAlmostEquals(row._score!, expected[row.memoryId]!, 1e-6);
      }
      assertEquals(rows[0]!.embedding, axis(384, 0));
    }
  },
);

backendTest(
  "memories:search by embedding applies minScore after weighting",
  async (engine) => {
    const embedding = axis(384, 0, 1);
    await addMemories(engine, [
      memory("plain", "x", { embedding }),
      memory("user", "x", { embedding, messageRole: "user" }),
    ]);
    for (const how of HOW) {
      const rows = await search(engine, "", {
        embedding: axis(384, 0),
        minScore: 0.8,
      }, how);
      assertEquals(found(rows), ["user"]);
    }
  },
);

backendTest(
  "memories:search filters before it cuts to the limit",
  async (engine) => {
    const embedding = axis(384, 0);
    const rows = Array.from(
      { length: 30 },
      (_, at) =>
        memory(`m${at}`, "boats", { embedding, userId: "u1", importance: 10 }),
    );
    rows.push(
      memory("wanted", "a boat and more", {
        embedding: axis(384, 0, 3),
        sourceUserId: "u2",
        sourceType: "tool",
        importance: 80,
        tags: ["t"],
      }),
    );
    await addMemories(engine, rows);
    const filters = [
      { userId: "u2" },
      { sourceType: "tool" },
      { minImportance: 80 },
      { tags: ["t", "u"] },
    ];
    for (const filter of filters) {
      const words = await search(engine, "boats", { ...filter, limit: 1 });
      assertEquals(found(words), ["wanted"], JSON.stringify(filter));
      for (const how of HOW) {
        const near = await search(engine, "", {
          ...filter,
          embedding,
          limit: 1,
        }, how);
        assertEquals(
          found(near),
          ["wanted"],
          `${how} ${JSON.stringify(filter)}`,
        );
      }
    }
  },
);

backendTest(
  "memories:search scans embeddings of lengths without an index",
  async (engine) => {
    await addMemories(engine, [
      memory("three", "x", { embedding: [1, 0.5, 0] }),
      memory("four", "x", { embedding: [1, 0.5, 0, 0] }),
    ]);
    for (const how of HOW) {
      assertEquals(
        found(await search(engine, "", { embedding: [1, 0, 0] }, how)),
        [
          "three",
        ],
      );
    }
  },
);

backendTest(
  "memories:search leaves out archived rows, other tenants and other spaces",
  async (engine) => {
    const embedding = axis(384, 0);
    await addMemories(engine, [
      memory("mine", "boats", { embedding }),
      memory("archived", "boats", { embedding }),
      memory("space", "boats", { embedding, memorySpaceId: "space-2" }),
    ]);
    await addMemories(engine, [memory("tenant", "boats", { embedding })], {
      tenantId: "a",
    });
    await engine.mutation("fixture:patchMemory", {
      memoryId: "archived",
      changes: { isActive: false, archivedAt: NOW },
    });
    for (const how of HOW) {
      assertEquals(found(await search(engine, "boats", {}, how)), ["mine"]);
      assertEquals(found(await search(engine, "", { embedding }, how)), [
        "mine",
      ]);
      assertEquals(
        found(await search(engine, "", { embedding, tenantId: "a" }, how)),
        ["tenant"],
      );
    }
  },
);

backendTest(
  "memories:search returns 20 rows by default",
  async (engine) => {
    await addMemories(
      engine,
      Array.from({ length: 25 }, (_, at) => memory(`m${at}`, `boat ${at}`)),
    );
    assertEquals((await search(engine, "boat")).length, 20);
    assertEquals((await search(engine, "boat", { limit: 25 })).length, 25);
  },
);
