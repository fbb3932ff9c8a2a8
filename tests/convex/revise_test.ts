import { assert, assertEquals } from "@std/assert";
import {
  axis,
  type Backend,
  backendTest,
  fact,
  NOW,
  SPACE,
} from "./backend.ts";
import type { FactRecord, RememberResult } from "./backend.ts";

/** Remembers one fact after another, each in an exchange of its own, and gives the last result. */
async function learn(
  backend: Backend,
  facts: Record<string, unknown>[],
  factMode = "revise",
): Promise<RememberResult> {
  let result: RememberResult | undefined;
  for (const [at, given] of facts.entries()) {
    result = await backend.remember({
      n: at + 1,
      facts: [fact(`fact-${at + 1}`, given)],
      factMode,
    });
  }
  assert(result !== undefined);
  return result;
}

async function current(backend: Backend): Promise<string[]> {
  const rows = await backend.query<FactRecord[]>("facts:list", {
    memorySpaceId: SPACE,
  });
  return rows.map((row) => row.factId);
}

const livesIn = (object: string, changes = {}) => ({
  fact: `Ann lives in ${object}`,
  subject: "Ann",
  predicate: "lives in",
  object,
  ...changes,
});

backendTest(
  "a fact of something new is added with its history",
  async (backend) => {
    const result = await learn(backend, [livesIn("Rome")]);
    const [revision] = result.factRevisions!;
    assertEquals([revision!.action, revision!.reason], [
      "ADD",
      "No conflicts found",
    ]);
    assertEquals(revision!.superseded, undefined);
    assertEquals(result.facts[0]!.sourceRef, {
      conversationId: "conv-1",
      messageIds: ["u1", "a1"],
      memoryId: "mem-u1",
    });
    const [event] = await backend.rows("factHistory");
    assertEquals(
      [event!.action, event!.factId, event!.newValue, event!.conversationId],
      ["CREATE", "fact-1", "Ann lives in Rome", "conv-1"],
    );
    assert(/^fh-\d+-[a-z0-9]{16}$/.test(String(event!.eventId)));
  },
);

backendTest("a fact without a subject is about the user", async (backend) => {
  const result = await learn(backend, [{ fact: "Likes tea" }]);
  assertEquals(result.facts[0]!.subject, "ann");
  assertEquals(result.facts[0]!.userId, "ann");
});

backendTest(
  "a newer value of a slot replaces every older one",
  async (backend) => {
    const result = await learn(backend, [
      livesIn("Rome"),
      { ...livesIn("Oslo"), subject: " ANN ", predicate: "moved to" },
    ]);
    const [revision] = result.factRevisions!;
    assertEquals(revision!.action, "SUPERSEDE");
    assertEquals(revision!.superseded!.map((row) => row.factId), ["fact-1"]);
    assertEquals(revision!.superseded![0]!.supersededBy, "fact-2");
    assertEquals(revision!.superseded![0]!.validUntil, NOW);
    assertEquals(revision!.fact.supersedes, "fact-1");
    assertEquals(await current(backend), ["fact-2"]);
    const old = await backend.query<FactRecord>("facts:get", {
      memorySpaceId: SPACE,
      factId: "fact-1",
    });
    assertEquals(old.supersededBy, "fact-2");
    const events = (await backend.rows("factHistory")).map((row) => row.action);
    assertEquals(events, ["CREATE", "SUPERSEDE"]);
  },
);

backendTest("the same value of a slot is not stored twice", async (backend) => {
  const result = await learn(backend, [
    livesIn("Rome", { confidence: 80 }),
    { ...livesIn("rome", { confidence: 70 }), fact: "Ann resides in Rome now" },
  ]);
  assertEquals(result.factRevisions![0]!.action, "NONE");
  assertEquals(result.factRevisions![0]!.fact.factId, "fact-1");
  assertEquals(result.facts, []);
  assertEquals((await backend.rows("facts")).length, 1);
});

backendTest(
  "the same value told with more confidence updates in place",
  async (backend) => {
    const result = await learn(backend, [
      livesIn("Rome", { confidence: 60, tags: ["a"] }),
      livesIn("Rome", {
        confidence: 90,
        tags: ["b"],
        fact: "Ann lives in Rome!",
      }),
    ]);
    const [changed] = result.facts;
    assertEquals(result.factRevisions![0]!.action, "UPDATE");
    assertEquals(
      [changed!.factId, changed!.confidence, changed!.version, changed!.fact],
      ["fact-1", 90, 1, "Ann lives in Rome!"],
    );
    assertEquals(changed!.tags, ["a", "b"]);
  },
);

backendTest(
  "a slot of many values keeps them side by side",
  async (backend) => {
    const allergic = (object: string) => ({
      fact:
        `Ann is allergic to ${object} and avoids it at all times of the day`,
      subject: "Ann",
      predicate: "allergic to",
      object,
    });
    const result = await learn(backend, [
      allergic("peanuts"),
      allergic("shellfish"),
    ]);
    assertEquals(result.factRevisions![0]!.action, "ADD");
    assertEquals(await current(backend), ["fact-1", "fact-2"]);
  },
);

backendTest(
  "the same text is found whatever its punctuation",
  async (backend) => {
    const result = await learn(backend, [
      { fact: "Bo is a doctor.", subject: "Bo" },
      { fact: "bo, the doctor", subject: "somebody" },
    ]);
    assertEquals(result.factRevisions![0]!.action, "NONE");
  },
);

backendTest(
  "facts that share most words of one subject replace each other",
  async (backend) => {
    const result = await learn(backend, [
      { fact: "Bo wants to visit the museum in Rome", subject: "Bo" },
      { fact: "Bo wants to visit the museum in Oslo", subject: "Bo" },
    ]);
    assertEquals(result.factRevisions![0]!.action, "SUPERSEDE");
  },
);

backendTest("facts of different words stay", async (backend) => {
  const result = await learn(backend, [
    { fact: "Bo plays the cello", subject: "Bo" },
    { fact: "Bo runs every morning", subject: "Bo" },
  ]);
  assertEquals(result.factRevisions![0]!.action, "ADD");
  assertEquals((await current(backend)).length, 2);
});

backendTest("another user's fact is no candidate", async (backend) => {
  await backend.remember({ n: 1, facts: [fact("fact-1", livesIn("Rome"))] });
  const result = await backend.remember({
    n: 2,
    userId: "bob",
    facts: [fact("fact-2", livesIn("Oslo"))],
  });
  assertEquals(result.factRevisions![0]!.action, "ADD");
});

backendTest(
  "another tenant's or space's fact is no candidate",
  async (backend) => {
    await backend.remember({ facts: [fact("fact-1", livesIn("Rome"))] });
    for (
      const elsewhere of [
        { tenantId: "t1" },
        { memorySpaceId: "space-2", conversationId: "conv-2" },
      ]
    ) {
      const result = await backend.remember({
        ...elsewhere,
        facts: [fact("fact-1", livesIn("Oslo"))],
      });
      assertEquals(result.factRevisions![0]!.action, "ADD");
    }
  },
);

backendTest("plain mode stores every fact", async (backend) => {
  const result = await learn(
    backend,
    [livesIn("Rome"), livesIn("Rome")],
    "plain",
  );
  assertEquals(result.factRevisions, undefined);
  assertEquals(await current(backend), ["fact-1", "fact-2"]);
});

backendTest("exact mode compares texts within a type", async (backend) => {
  const result = await learn(backend, [
    { fact: "Ann is a pilot" },
    { fact: "ann - a pilot", factType: "identity" },
    { fact: "Ann is the pilot." },
  ], "exact");
  assertEquals(result.facts.map((row) => row.factId), ["fact-1"]);
  assertEquals(await current(backend), ["fact-1", "fact-2"]);
});

backendTest("structural mode compares the parts", async (backend) => {
  const result = await learn(backend, [
    livesIn("Rome"),
    { ...livesIn("ROME"), fact: "Her home is there" },
  ], "structural");
  assertEquals(result.facts.map((row) => row.factId), ["fact-1"]);
});

backendTest("semantic mode compares embeddings", async (backend) => {
  const near = axis(0);
  near[1] = 0.2;
  const result = await learn(backend, [
    { fact: "Cats are her favourite", embedding: axis(0) },
    { fact: "Dogs are his favourite", embedding: axis(5) },
    { fact: "She adores felines", embedding: near },
  ], "semantic");
  assertEquals(result.facts.map((row) => row.factId), ["fact-1"]);
  assertEquals(await current(backend), ["fact-1", "fact-2"]);
});

backendTest(
  "a duplicate of higher confidence makes a new version",
  async (backend) => {
    const result = await learn(backend, [
      {
        fact: "Ann is a pilot",
        confidence: 60,
        tags: ["a"],
        embedding: axis(3),
      },
      { fact: "Ann is a pilot", confidence: 90, tags: ["b"] },
    ], "exact");
    const [version] = result.facts;
    assertEquals(
      [version!.factId, version!.version, version!.supersedes],
      ["fact-2", 2, "fact-1"],
    );
    assertEquals([version!.confidence, version!.tags], [90, ["a", "b"]]);
    assertEquals(await current(backend), ["fact-2"]);
    const embeddings = await backend.rows("factEmbeddings");
    assertEquals(embeddings.map((row) => row.factId), ["fact-2"]);
  },
);

backendTest("a fact's embedding goes with the fact", async (backend) => {
  await learn(backend, [
    livesIn("Rome", { embedding: axis(0) }),
    livesIn("Oslo", { embedding: axis(1) }),
  ]);
  const embeddings = await backend.rows("factEmbeddings");
  assertEquals(embeddings.map((row) => row.factId), ["fact-2"]);
});

backendTest(
  "facts:store keeps every field and is safe to repeat",
  async (backend) => {
    const given = {
      memorySpaceId: SPACE,
      factId: "fact-1",
      fact: "Ann lives in Rome",
      factType: "identity",
      confidence: 0,
      sourceType: "manual",
      tags: ["x"],
      subject: "Ann",
      metadata: { deep: [1, { a: null }] },
      searchAliases: ["home"],
      entities: [{ name: "Rome", type: "city" }],
      validFrom: 0,
    };
    const stored = await backend.mutation<FactRecord>("facts:store", given);
    const again = await backend.mutation<FactRecord>("facts:store", {
      ...given,
      fact: "Another",
    });
    assertEquals(again, stored);
    const { _id, ...rest } = stored;
    assertEquals(rest as unknown, {
      ...given,
      version: 1,
      createdAt: NOW,
      updatedAt: NOW,
    });
    const elsewhere = { memorySpaceId: "space-2", factId: "fact-1" };
    assertEquals(await backend.query("facts:get", elsewhere), null);
    assertEquals(
      await backend.query("facts:list", { memorySpaceId: SPACE, limit: 0 }),
      [] as never,
    );
  },
);

backendTest(
  "facts of one type are compared however many of another are given an embedding late",
  async (backend) => {
    const facts = [fact("fact-likes", {
      fact: "Ann likes figs",
      factType: "preference",
    })];
    for (let at = 0; at < 60; at++) {
      facts.push(fact(`fact-${at}`, { fact: `Ann knows word ${at}` }));
    }
    await backend.remember({ n: 1, facts });
    const [likes, ...others] = facts;
    const embeddings = [...others, likes!].map((
      { factId, fact, factType },
    ) => ({
      factId,
      fact,
      embedding: axis(factType === "preference" ? 1 : 0),
    }));
    const found = await backend.query<{ fact: FactRecord } | null>(
      "facts:findDuplicate",
      {
        memorySpaceId: SPACE,
        fact: {
          fact: "Ann is fond of figs",
          factType: "preference",
          confidence: 80,
          embedding: axis(1),
        },
        strategy: "semantic",
        embeddings,
      },
    );
    assertEquals(found?.fact.factId, "fact-likes");
  },
);
