/** What recall may not return. */
import { assertEquals } from "@std/assert";
import {
  addFacts,
  addMemories,
  ask,
  axis,
  backendTest,
  fact,
  ids,
  memory,
  NOW,
} from "./backend.ts";

backendTest("recall never crosses tenants or spaces", async (engine) => {
  const content = "The code word is marzipan";
  await addMemories(engine, [memory("global", content)]);
  await addMemories(engine, [memory("a", content)], { tenantId: "a" });
  await addMemories(engine, [memory("b", content)], { tenantId: "b" });
  await addMemories(engine, [
    memory("other", content, { memorySpaceId: "space-2" }),
  ]);
  await addFacts(engine, [fact("fa", content)], { tenantId: "a" });
  await addFacts(engine, [fact("fo", content, { memorySpaceId: "space-2" })]);
  assertEquals(ids(await ask(engine, "marzipan")), ["global"]);
  assertEquals(
    ids(await ask(engine, "marzipan", { tenantId: "a" })).toSorted(),
    ["a", "fa"],
  );
  assertEquals(ids(await ask(engine, "marzipan", { tenantId: "b" })), ["b"]);
  assertEquals(ids(await ask(engine, "marzipan", { tenantId: "c" })), []);
});

backendTest(
  "recall by embedding never crosses tenants or spaces",
  async (engine) => {
    const embedding = axis(384, 3);
    const add = (id: string, more: object, tenantId?: string) =>
      addMemories(
        engine,
        [memory(id, id, { embedding, ...more })],
        tenantId === undefined ? {} : { tenantId },
      );
    await add("global", {});
    await add("tenant", {}, "a");
    await add("space", { memorySpaceId: "space-2" });
    assertEquals(ids(await ask(engine, "", { embedding })), ["global"]);
    assertEquals(ids(await ask(engine, "", { embedding, tenantId: "a" })), [
      "tenant",
    ]);
  },
);

backendTest(
  "recall leaves out archived and partial memories",
  async (engine) => {
    const embedding = axis(384, 1);
    await addMemories(engine, [
      memory("m1", "boats", { embedding }),
      memory("m2", "boats", { embedding }),
    ]);
    await engine.mutation("fixture:patchMemory", {
      memoryId: "m1",
      changes: { isActive: false, archivedAt: NOW },
    });
    assertEquals(ids(await ask(engine, "boats")), ["m2"]);
    assertEquals(ids(await ask(engine, "boats", { embedding })), ["m2"]);
  },
);

backendTest(
  "recall leaves out facts that are deleted, superseded or not valid now",
  async (engine) => {
    const texts = [
      "deleted",
      "superseded",
      "expired",
      "ended",
      "early",
      "valid",
    ];
    await addFacts(
      engine,
      texts.map((id) =>
        fact(id, `Harbour tour is ${id}`, {
          ...(id === "expired" && { validFrom: 1, validUntil: NOW - 1 }),
          ...(id === "ended" && { validFrom: 1, validUntil: NOW }),
          ...(id === "early" && { validFrom: NOW + 1 }),
          ...(id === "valid" && { validFrom: NOW, validUntil: NOW + 1 }),
        })
      ),
    );
    await engine.mutation("fixture:retireFact", { factId: "deleted" });
    await engine.mutation("fixture:retireFact", {
      factId: "superseded",
      by: fact("newer", "Harbour tour is off"),
    });
    // Stored by a machine whose clock is ahead.
    const ahead = { now: NOW + 1000 };
    await addFacts(engine, [fact("ahead", "Harbour tour is on")], ahead);
    assertEquals(ids(await ask(engine, "harbour tour")).toSorted(), [
      "ahead",
      "newer",
      "valid",
    ]);
  },
);

backendTest(
  "recall finds a fact that is valid behind any number that are not",
  async (engine) => {
    const ended = Array.from(
      { length: 260 },
      (_, at) =>
        fact(`ended-${at}`, "Cold weather", { validFrom: 1, validUntil: NOW }),
    );
    const text = "The weather is mild today, with a little rain and wind";
    await addFacts(engine, [fact("valid", text), ...ended]);
    // Stored by a machine whose clock is ahead.
    await addFacts(engine, [fact("ahead", text)], { now: NOW + 1000 });
    assertEquals(ids(await ask(engine, "weather")).toSorted(), [
      "ahead",
      "valid",
    ]);
  },
);

backendTest("recall filters before it cuts to the limit", async (engine) => {
  const rows = Array.from(
    { length: 40 },
    (_, at) =>
      memory(`m${at}`, "boats boats boats", {
        userId: "u1",
        importance: 20,
        tags: ["sea"],
      }),
  );
  rows.push(
    memory("wanted", "a boat among many other things of the day", {
      sourceUserId: "u2",
      importance: 90,
      tags: ["lake", "x"],
    }),
  );
  await addMemories(engine, rows);
  const filters = [{ userId: "u2" }, { tags: ["lake"] }, { minImportance: 90 }];
  for (const filter of filters) {
    const result = await ask(engine, "boats", { limit: 1, ...filter });
    assertEquals(ids(result), ["wanted"], JSON.stringify(filter));
    assertEquals(result.totalResults, 1);
  }
  assertEquals(
    ids(await ask(engine, "boats", { tags: [], limit: 50 })).length,
    41,
  );
});

backendTest(
  "recall filters by creation date, bounds included",
  async (engine) => {
    for (const now of [100, 200, 300]) {
      await addMemories(engine, [memory(`m${now}`, "boats")], { now });
      await addFacts(engine, [fact(`f${now}`, "boats")], { now });
    }
    const result = await ask(engine, "boats", {
      createdAfter: 200,
      createdBefore: 299,
    });
    assertEquals(ids(result).toSorted(), ["f200", "m200"]);
  },
);

backendTest(
  "recall filters facts by confidence, user and tags",
  async (engine) => {
    await addFacts(engine, [
      fact("low", "boats", { confidence: 40, userId: "u1", tags: ["a"] }),
      fact("high", "boats", { confidence: 90, userId: "u2", tags: ["b"] }),
    ]);
    assertEquals(ids(await ask(engine, "boats", { minConfidence: 41 })), [
      "high",
    ]);
    assertEquals(
      ids(await ask(engine, "boats", { minConfidence: 40 })).length,
      2,
    );
    assertEquals(ids(await ask(engine, "boats", { userId: "u1" })), ["low"]);
    assertEquals(ids(await ask(engine, "boats", { tags: ["b", "c"] })), [
      "high",
    ]);
  },
);

backendTest("recall switches each source off", async (engine) => {
  await addMemories(engine, [memory("m", "boats")]);
  await addFacts(engine, [fact("f", "boats")]);
  const only = async (vector: boolean, facts: boolean) => {
    const result = await ask(engine, "boats", { sources: { vector, facts } });
    return [ids(result), result.vector.length, result.facts.length];
  };
  assertEquals(await only(true, false), [["m"], 1, 0]);
  assertEquals(await only(false, true), [["f"], 0, 1]);
  assertEquals(await only(false, false), [[], 0, 0]);
});
