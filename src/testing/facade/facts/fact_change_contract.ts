/** `facts`: versions, deletion, merging, export, and history. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import { actionsOf, ids, storeFact } from "./fact_support.ts";
import { assertCode, cortexCase, type FacadeSubject } from "../subject.ts";
import type { ContractCase } from "../../types.ts";
import { pause } from "../../support/pause.ts";

const space = { memorySpaceId: "space" };
const count = (cortex: Cortex, more: object = {}) =>
  cortex.facts.count({ ...space, ...more });

/** Cases of changes to facts. */
export const factChangeContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "facts.update() stores the next version under a new id; the old one ends now",
    async (cortex) => {
      const old = await storeFact(cortex, {
        validFrom: 1000,
        validUntil: 9e12,
        metadata: { a: 1 },
        tags: ["x"],
      });
      const fact = await cortex.facts.update("space", old.factId, {
        fact: "Ada works at Acme in Bath",
        confidence: 0,
        tags: [],
        metadata: {},
        category: "job",
        entities: [],
      });
      assertEquals(
        { ...fact, _id: "", factId: "", updatedAt: 0 },
        {
          ...old,
          _id: "",
          factId: "",
          updatedAt: 0,
          fact: "Ada works at Acme in Bath",
          confidence: 0,
          tags: [],
          metadata: {},
          category: "job",
          entities: [],
          version: 2,
          supersedes: old.factId,
        },
      );
      assert(fact.factId.startsWith("fact-") && fact.factId !== old.factId);
      const before = (await cortex.facts.get("space", old.factId))!;
      assertEquals(before.supersededBy, fact.factId);
      assert(before.validUntil! <= Date.now());
      assertEquals(await cortex.facts.list(space), [fact]);
      const withOld = { ...space, includeSuperseded: true };
      assertEquals((await cortex.facts.list(withOld)).length, 2);
      const [event] = await cortex.facts.history(fact.factId);
      assertEquals(
        [event?.action, event?.oldValue, event?.newValue],
        ["UPDATE", old.fact, fact.fact],
      );
    },
  ),
  cortexCase(
    "facts.getSupersessionChain() tells the versions of a fact in the order of their times",
    async (cortex) => {
      const first = await storeFact(cortex);
      const versions = [first];
      for (const fact of ["Ada works at Acme", "Ada works at Zenith"]) {
        await pause(3);
        versions.push(
          await cortex.facts.update("space", first.factId, { fact }),
        );
      }
      const [, second, last] = versions;
      const chain = await cortex.facts.getSupersessionChain(first.factId);
      assertEquals(
        chain.map(({ factId, timestamp }) => [factId, timestamp]),
        [
          [first.factId, second!.updatedAt],
          [second!.factId, last!.updatedAt],
          [last!.factId, last!.updatedAt],
        ],
      );
    },
  ),
  cortexCase(
    "facts.update() of an old version updates the one that stands; getHistory() gives all from any of them",
    async (cortex) => {
      const first = await storeFact(cortex);
      let last = first;
      for (let version = 2; version <= 12; version++) {
        last = await cortex.facts.update("space", first.factId, {
          confidence: version,
        });
        assertEquals(last.version, version);
      }
      assertEquals(last.createdAt, first.createdAt);
      const history = await cortex.facts.getHistory("space", first.factId);
      assertEquals(history.length, 12);
      assertEquals(history[0]!.supersedes, undefined);
      assertEquals(history[11], last);
      for (const { factId } of [history[5]!, last]) {
        assertEquals(await cortex.facts.getHistory("space", factId), history);
      }
      assertEquals(await cortex.facts.getHistory("other", last.factId), []);
      assertEquals(await cortex.facts.getHistory("space", "fact-x"), []);
      assertEquals(await count(cortex), 1);
    },
  ),
  cortexCase(
    "facts.update() of a fact whose successor is gone for good stands",
    async (cortex) => {
      const old = await storeFact(cortex);
      const successor = await storeFact(cortex, { factType: "event" });
      await cortex.facts.supersede({
        ...space,
        oldFactId: old.factId,
        newFactId: successor.factId,
      });
      await cortex.facts.deleteMany({ ...space, factType: "event" });
      assertEquals(await count(cortex), 0);
      const fact = await cortex.facts.update("space", old.factId, {
        confidence: 90,
      });
      assertEquals(fact.version, 2);
      assertEquals(await cortex.facts.list(space), [fact]);
      assertEquals(fact.validUntil ?? fact.supersededBy, undefined);
    },
  ),
  cortexCase(
    "facts.update() and delete() tell unknown facts from those of another space",
    async (cortex) => {
      const { factId } = await storeFact(cortex);
      const { update } = {
        update: (space: string, id: string) =>
          cortex.facts.update(space, id, { confidence: 1 }),
      };
      await assertCode(() => update("space", "fact-x"), "FACT_NOT_FOUND");
      await assertCode(() => update("other", factId), "PERMISSION_DENIED");
      await assertCode(
        () => cortex.facts.delete("space", "fact-x"),
        "FACT_NOT_FOUND",
      );
      await assertCode(
        () => cortex.facts.delete("other", factId),
        "PERMISSION_DENIED",
      );
      assertEquals(await count(cortex), 1);
    },
  ),
  cortexCase(
    "facts.delete() is soft and may be repeated: get still gives the fact, nothing else does",
    async (cortex) => {
      const { factId } = await storeFact(cortex);
      const result = { deleted: true, factId };
      assertEquals(await cortex.facts.delete("space", factId), result);
      assertEquals(await cortex.facts.delete("space", factId), result);
      const gone = await cortex.facts.get("space", factId);
      assert(gone!.validUntil! <= Date.now());
      assertEquals(await cortex.facts.list(space), []);
      assertEquals(await cortex.facts.search("space", "Acme"), []);
      assertEquals(await count(cortex), 0);
      assertEquals(await actionsOf(cortex, factId), ["DELETE", "CREATE"]);
      const exported = await cortex.facts.export({ ...space, format: "json" });
      assertEquals(exported.count, 0);
    },
  ),
  cortexCase(
    "facts.deleteMany() removes every version and event, of a space, a user or a kind",
    async (cortex) => {
      const store = (userId: string, factType: "event" | "identity") =>
        storeFact(cortex, { userId, factType });
      const first = await store("ada", "event");
      await cortex.facts.update("space", first.factId, { confidence: 1 });
      await store("ada", "identity");
      await store("bob", "event");
      await storeFact(cortex, { memorySpaceId: "other" });
      const { deleteMany } = {
        deleteMany: (more: object) =>
          cortex.facts.deleteMany({ ...space, ...more }),
      };
      const result = (deleted: number) => ({ deleted, ...space });
      assertEquals(await deleteMany({ userId: "eve" }), result(0));
      assertEquals(
        await deleteMany({ userId: "ada", factType: "event" }),
        result(2),
      );
      assertEquals(await cortex.facts.get("space", first.factId), null);
      assertEquals(await cortex.facts.history(first.factId), []);
      assertEquals(await deleteMany({ factType: "event" }), result(1));
      assertEquals(await deleteMany({}), result(1));
      assertEquals(await count(cortex, { includeSuperseded: true }), 0);
      assertEquals(await cortex.facts.count({ memorySpaceId: "other" }), 1);
      const progress: number[] = [];
      await storeFact(cortex);
      await cortex.facts.deleteMany(space, {
        onProgress: ({ processed }) => progress.push(processed),
      });
      assertEquals(progress, [1]);
    },
  ),
  cortexCase(
    "facts.export() writes JSON, JSON-LD and CSV of the current facts",
    async (cortex) => {
      const fact = await storeFact(cortex, {
        fact: 'She said "=1+1", twice',
        tags: ["a", "b"],
        validFrom: 0,
        validUntil: 86_400_000,
        metadata: { $odd: "é" },
      });
      const old = await storeFact(cortex, {
        factType: "event",
        fact: "=evil()",
      });
      await cortex.facts.update("space", old.factId, { confidence: 1 });
      const { export: write } = {
        export: (format: "json" | "jsonld" | "csv", more: object = {}) =>
          cortex.facts.export({ ...space, format, ...more }),
      };
      const json = await write("json", { factType: "relationship" });
      assertEquals([json.format, json.count], ["json", 1]);
      assert(json.exportedAt > 0);
      assertEquals(JSON.parse(json.data), [fact]);
      assertStringIncludes(json.data, "\n  ");
      const linked = await write("jsonld");
      assertEquals(linked.count, 2);
      const { "@context": context, "@graph": graph } = JSON.parse(linked.data);
      assertEquals(context, "https://schema.org/");
      assertEquals(graph[0], {
        "@type": "Fact",
        "@id": fact.factId,
        subject: "ada",
        predicate: "works at",
        object: "Acme",
        factStatement: fact.fact,
        confidence: 80,
        factType: "relationship",
        dateCreated: new Date(fact.createdAt).toISOString(),
        validFrom: "1970-01-01T00:00:00.000Z",
        validThrough: "1970-01-02T00:00:00.000Z",
      });
      const csv = (await write("csv")).data.split("\n");
      assertEquals(
        csv[0],
        "factId,fact,factType,subject,predicate,object,confidence,sourceType,tags,createdAt",
      );
      assertEquals(csv.length, 3);
      assertStringIncludes(csv[1]!, ',"She said ""=1+1"", twice",');
      assertStringIncludes(csv[1]!, ",manual,a;b,");
      assertStringIncludes(csv[2]!, ",'=evil(),event,");
    },
  ),
  cortexCase(
    "facts.consolidate() keeps one of several, with the mean confidence and the tags of all",
    async (cortex) => {
      const facts = [
        await storeFact(cortex, { confidence: 70, tags: ["a"] }),
        await storeFact(cortex, { confidence: 80, tags: ["b"] }),
        await storeFact(cortex, { confidence: 91, tags: ["a", "c"] }),
      ];
      const foreign = await storeFact(cortex, {
        memorySpaceId: "other",
        confidence: 1,
      });
      const [first, kept] = facts as [typeof facts[0], typeof facts[0]];
      const result = await cortex.facts.consolidate({
        ...space,
        factIds: [...ids(facts), foreign.factId, "fact-x"],
        keepFactId: kept.factId,
      });
      assertEquals(result, {
        consolidated: true,
        keptFactId: kept.factId,
        mergedCount: 4,
      });
      const [left, ...others] = await cortex.facts.list(space);
      assertEquals(others, []);
      assertEquals(
        [left?.factId, left?.fact, left?.confidence, left?.tags.sort()],
        [kept.factId, kept.fact, 80, ["a", "b", "c"]],
      );
      const merged = (await cortex.facts.get("space", first.factId))!;
      assertEquals(merged.supersededBy, kept.factId);
      assert(merged.validUntil! <= Date.now());
      const untouched = await cortex.facts.get("other", foreign.factId);
      assertEquals(untouched, foreign);
      assertEquals((await actionsOf(cortex, first.factId))[0], "SUPERSEDE");
      const nobody = await cortex.facts.consolidate({
        ...space,
        factIds: ["fact-y", "fact-z"],
        keepFactId: "fact-z",
      });
      assertEquals(nobody.mergedCount, 1);
    },
  ),
  cortexCase("facts.consolidate() of ten leaves one", async (cortex) => {
    const facts = [];
    for (let at = 0; at < 10; at++) facts.push(await storeFact(cortex));
    const keepFactId = facts[9]!.factId;
    const factIds = ids(facts);
    await cortex.facts.consolidate({ ...space, factIds, keepFactId });
    assertEquals(ids(await cortex.facts.list(space)), [keepFactId]);
  }),
];
