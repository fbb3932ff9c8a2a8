/** `memory`: update, delete, archive and bulk operations, with the facts around them. */
import { assert, assertEquals } from "@std/assert";
import {
  factOf,
  keyFact,
  recalled,
  spaceFilter,
  storeWithFact,
} from "./memory_support.ts";
import {
  assertCode,
  cortexCase,
  exchange,
  type FacadeSubject,
  note,
  silent,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** Cases of the methods that change memories. */
export const memoryChangeContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "memory.update() makes a version and keeps what is not given",
    async (cortex) => {
      const { memory, memoryId, fact } = await storeWithFact(cortex);
      const result = await cortex.memory.update("space", memoryId, {
        content: "It is in the shed.",
      });
      assertEquals(Object.keys(result), ["memory"]);
      assertEquals(
        [
          result.memory.version,
          result.memory.content,
          result.memory.tags,
          result.memory.importance,
          result.memory.previousVersions.length,
        ],
        [2, "It is in the shed.", memory.tags, memory.importance, 1],
      );
      for (let version = 3; version <= 6; version++) {
        const { memory } = await cortex.memory.update("space", memoryId, {
          importance: version,
        });
        assertEquals([memory.version, memory.tags], [version, ["home"]]);
      }
      assertEquals((await factOf(cortex, fact.factId))?.validUntil, undefined);
      const update = (space: string, id: string) =>
        cortex.memory.update(space, id, { content: "x" });
      await assertCode(() => update("space", "mem-x"), "MEMORY_NOT_FOUND");
      await assertCode(() => update("other", memoryId), "PERMISSION_DENIED");
    },
  ),
  cortexCase(
    "memory.update() replaces the facts of the old content when asked",
    async (cortex) => {
      const { memoryId, fact } = await storeWithFact(cortex, {
        userId: "ada",
        participantId: "tool-1",
        source: { type: "tool" },
        conversationRef: { conversationId: "c", messageIds: ["m"] },
        metadata: { importance: 50, tags: ["home"] },
      });
      const shed = { ...keyFact, fact: "The spare key is in the shed" };
      const texts: string[] = [];
      const { memory, factsReextracted, refusedFacts } = await cortex.memory
        .update("space", memoryId, { content: "It is in the shed." }, {
          reextractFacts: true,
          extractFacts: (content) => {
            texts.push(content);
            return Promise.resolve([
              shed,
              { ...shed, fact: "It is dark there", tags: [] },
              { ...shed, confidence: -5 },
            ]);
          },
        });
      assertEquals([memory.version, texts], [2, ["It is in the shed."]]);
      assertEquals(refusedFacts?.map(({ code }) => code), [
        "INVALID_CONFIDENCE",
      ]);
      assertEquals(
        factsReextracted?.map((found) => [
          found.fact,
          found.userId,
          found.subject,
          found.participantId,
          found.sourceType,
          found.sourceRef,
          found.tags,
        ]),
        [
          { fact: shed.fact, tags: ["key"] },
          { fact: "It is dark there", tags: ["home"] },
        ].map(({ fact, tags }) => [
          fact,
          "ada",
          "ada",
          "tool-1",
          "tool",
          { conversationId: "c", messageIds: ["m"], memoryId },
          tags,
        ]),
      );
      assert((await factOf(cortex, fact.factId))?.validUntil !== undefined);
      assertEquals(
        (await factOf(cortex, factsReextracted![0]!.factId))?.validUntil,
        undefined,
      );
      const failed = await cortex.memory.update(
        "space",
        memoryId,
        { content: "It is lost." },
        {
          reextractFacts: true,
          extractFacts: () => Promise.reject(new Error("no model")),
        },
      );
      assertEquals(failed.factsReextracted, undefined);
      assertEquals(await recalled(cortex), 1);
      const plain = await cortex.memory.update("space", memoryId, {
        importance: 1,
      }, {
        reextractFacts: true,
        extractFacts: () => Promise.resolve([shed]),
      });
      assertEquals(plain.factsReextracted, undefined);
      const none = await cortex.memory.update(
        "space",
        memoryId,
        { content: "Nothing." },
        { reextractFacts: true, extractFacts: () => Promise.resolve(null) },
      );
      assertEquals(none.factsReextracted, []);
      assertEquals(await recalled(cortex), 0);
    },
    { logger: silent },
  ),
  cortexCase(
    "memory.delete() deletes memory and facts, and keeps the conversation",
    async (cortex) => {
      const remembered = await cortex.memory.remember(
        exchange({ extractFacts: () => Promise.resolve([keyFact]) }),
      );
      const [user, agent] = remembered.memories;
      const factId = remembered.facts[0]!.factId;
      const first = await cortex.memory.delete("space", agent!.memoryId);
      assertEquals(first, {
        deleted: true,
        memoryId: agent!.memoryId,
        factsDeleted: 0,
        factIds: [],
      });
      const second = await cortex.memory.delete("space", user!.memoryId);
      assertEquals([second.factsDeleted, second.factIds], [1, [factId]]);
      assert((await factOf(cortex, factId))?.validUntil !== undefined);
      assertEquals(await cortex.memory.get("space", user!.memoryId), null);
      assertEquals((await cortex.conversations.get("conv-1"))?.messageCount, 2);
      const kept = await storeWithFact(cortex);
      const third = await cortex.memory.delete("space", kept.memoryId, {
        cascadeDeleteFacts: false,
      });
      assertEquals([third.factsDeleted, third.factIds], [0, []]);
      assertEquals(await recalled(cortex), 1);
    },
  ),
  cortexCase(
    "memory.store() stores the facts of a memory anew after its deletion, and of one with a long id",
    async ({ facts, memory }) => {
      for (const memoryId of ["mem-1", "l".repeat(500)]) {
        const store = (fact: string) =>
          memory.store(
            "space",
            note({
              memoryId,
              extractFacts: () => Promise.resolve([{ ...keyFact, fact }]),
            }),
          );
        const first = await store("The key is in the shed");
        await memory.delete("space", memoryId);
        // Into another millisecond.
        await new Promise((resolve) => setTimeout(resolve, 2));
        await store("The key is under the mat");
        await store("The key is under the mat");
        const [{ fact } = first.facts[0]!, ...more] = await facts.list({
          ...spaceFilter,
        });
        assertEquals([fact, more], ["The key is under the mat", []]);
        await facts.deleteMany(spaceFilter);
      }
    },
  ),
  cortexCase(
    "memory.delete() and archive() do not tell another space from none",
    async (cortex) => {
      const { memoryId } = await storeWithFact(cortex);
      const { memory } = cortex;
      for (
        const call of [
          () => memory.delete("space", "mem-unknown"),
          () => memory.delete("other", memoryId),
          () => memory.archive("space", "mem-unknown"),
          () => memory.archive("other", memoryId),
          () => memory.restoreFromArchive("space", "mem-unknown"),
        ]
      ) await assertCode(call, "MEMORY_NOT_FOUND");
      await assertCode(
        () => memory.restoreFromArchive("other", memoryId),
        "PERMISSION_DENIED",
      );
      assertEquals(await memory.getVersion("other", memoryId, 1), null);
      assertEquals(await memory.getHistory("other", memoryId), []);
      assertEquals(
        await memory.getAtTimestamp("other", memoryId, Date.now()),
        null,
      );
    },
  ),
  cortexCase(
    "memory.updateMany() sets and counts the facts concerned",
    async (cortex) => {
      const { memoryId } = await storeWithFact(cortex, { userId: "ada" });
      await cortex.memory.store("space", note());
      const result = await cortex.memory.updateMany(
        { ...spaceFilter, userId: "ada" },
        { importance: 7, tags: ["new"] },
      );
      assertEquals(result, {
        updated: 1,
        memoryIds: [memoryId],
        factsAffected: 1,
      });
      const entry = await cortex.vector.get("space", memoryId);
      assertEquals([entry?.importance, entry?.tags, entry?.version], [
        7,
        ["new"],
        1,
      ]);
      const all = await cortex.memory.updateMany(spaceFilter, { tags: [] });
      assertEquals([all.updated, all.factsAffected], [2, 1]);
    },
  ),
  cortexCase(
    "memory.deleteMany() of 120 memories deletes all their facts",
    async (cortex) => {
      const stored = await Promise.all(
        Array.from(
          { length: 120 },
          () => storeWithFact(cortex, { userId: "ada" }),
        ),
      );
      await cortex.memory.store("space", note({ source: { type: "tool" } }));
      const result = await cortex.memory.deleteMany({
        ...spaceFilter,
        userId: "ada",
      });
      assertEquals(
        [
          result.deleted,
          result.factsDeleted,
          new Set(result.memoryIds).size,
          new Set(result.factIds).size,
        ],
        [120, 120, 120, 120],
      );
      assertEquals(await cortex.memory.count(spaceFilter), 1);
      assertEquals(await recalled(cortex), 0);
      const fact = await factOf(cortex, stored[0]!.fact.factId);
      assert(fact?.validUntil !== undefined);
    },
  ),
  cortexCase(
    "memory.archive() hides memory and facts, restoreFromArchive() shows them",
    async (cortex) => {
      const { memoryId, fact } = await storeWithFact(cortex, {
        metadata: { importance: 50, tags: ["home", "home"] },
      });
      const archived = await cortex.memory.archive("space", memoryId);
      assertEquals(archived, {
        archived: true,
        memoryId,
        restorable: true,
        factsArchived: 1,
        factIds: [fact.factId],
      });
      const hidden = await factOf(cortex, fact.factId);
      assertEquals([hidden?.tags, hidden?.version], [["key", "archived"], 1]);
      assertEquals(await recalled(cortex), 0);
      assertEquals(await cortex.memory.search("space", "spare key"), []);
      const entry = await cortex.vector.get("space", memoryId);
      assertEquals([entry?.tags, entry?.importance], [
        ["home", "home", "archived"],
        10,
      ]);
      const restored = await cortex.memory.restoreFromArchive(
        "space",
        memoryId,
      );
      assertEquals([restored.restored, restored.memoryId], [true, memoryId]);
      assertEquals(
        [restored.memory.tags, restored.memory.importance],
        [["home", "home"], 50],
      );
      assertEquals((await factOf(cortex, fact.factId))?.tags, ["key"]);
      assertEquals(await recalled(cortex), 1);
      assertEquals(
        (await cortex.memory.search("space", "spare key")).length,
        1,
      );
      await assertCode(
        () => cortex.memory.restoreFromArchive("space", memoryId),
        "MEMORY_NOT_ARCHIVED",
      );
    },
  ),
  cortexCase(
    "memory.archive() takes hold again, and what is set meanwhile outlasts it",
    async (cortex) => {
      const { memoryId, fact } = await storeWithFact(cortex);
      await cortex.memory.archive("space", memoryId);
      const tagged = await cortex.memory.update("space", memoryId, {
        importance: 85,
        tags: ["home"],
      });
      assertEquals(tagged.memory.tags, ["home", "archived"]);
      const next = await cortex.facts.update("space", fact.factId, {
        tags: ["lock"],
      });
      assertEquals(next.tags, ["lock", "archived"]);
      assertEquals(await recalled(cortex), 0);
      await cortex.memory.archive("space", memoryId);
      const archived = await cortex.vector.get("space", memoryId);
      assertEquals([archived?.importance, archived?.tags], [
        10,
        ["home", "archived"],
      ]);
      const { memory } = await cortex.memory.restoreFromArchive(
        "space",
        memoryId,
      );
      assertEquals([memory.importance, memory.tags], [85, ["home"]]);
      assertEquals((await factOf(cortex, next.factId))?.tags, ["lock"]);
    },
  ),
  cortexCase(
    "memory.update() of an archived memory replaces its facts in the archive",
    async (cortex) => {
      const { memoryId, fact } = await storeWithFact(cortex);
      await cortex.memory.archive("space", memoryId);
      const shed = { ...keyFact, fact: "The spare key is in the shed" };
      const { factsReextracted } = await cortex.memory.update(
        "space",
        memoryId,
        { content: "It is in the shed." },
        { reextractFacts: true, extractFacts: () => Promise.resolve([shed]) },
      );
      assertEquals(factsReextracted?.[0]?.tags, ["key", "archived"]);
      assertEquals(await recalled(cortex), 0);
      const ofSpace = { memorySpaceId: "space" };
      assertEquals(await cortex.facts.count(ofSpace), 0);
      await cortex.memory.restoreFromArchive("space", memoryId);
      const facts = await cortex.facts.list(ofSpace);
      assertEquals(facts.map((one) => [one.fact, one.tags]), [[
        shed.fact,
        ["key"],
      ]]);
      assert((await factOf(cortex, fact.factId))?.validUntil !== undefined);
    },
  ),
  cortexCase(
    "facts.consolidate() passes over what is archived or deleted, also as the one to keep",
    async (cortex) => {
      const { memoryId, fact } = await storeWithFact(cortex);
      await cortex.memory.archive("space", memoryId);
      const deleted = await storeWithFact(cortex);
      await cortex.facts.delete("space", deleted.fact.factId);
      const { fact: live } = await storeWithFact(cortex);
      const factIds = [fact, deleted.fact, live].map(({ factId }) => factId);
      for (const keepFactId of factIds) {
        const memorySpaceId = "space";
        await cortex.facts.consolidate({ memorySpaceId, factIds, keepFactId });
        const facts = await cortex.facts.list({ memorySpaceId });
        const [left] = facts;
        assertEquals(
          [facts.length, left?.factId, left?.tags, left?.confidence],
          [1, live.factId, live.tags, live.confidence],
        );
      }
    },
  ),
  cortexCase(
    "memory.delete() of an archived memory deletes its facts, too",
    async (cortex) => {
      const { memoryId, fact } = await storeWithFact(cortex);
      await cortex.memory.archive("space", memoryId);
      const { factIds } = await cortex.memory.delete("space", memoryId);
      assertEquals(factIds, [fact.factId]);
      assert((await factOf(cortex, fact.factId))?.validUntil !== undefined);
    },
  ),
];
