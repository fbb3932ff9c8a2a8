/** `facts`: storing, reading, filters, search. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { UniversalFactFilter } from "../../../cortex/types/fact_params.ts";
import type { FactType } from "../../../cortex/types/facts.ts";
import { factOf, ids, storeFact, texts } from "./fact_support.ts";
import { assertCode, cortexCase, type FacadeSubject } from "../subject.ts";
import type { ContractCase } from "../../types.ts";
import { pause } from "../../support/pause.ts";

const TYPES: readonly FactType[] = [
  "preference",
  "identity",
  "knowledge",
  "relationship",
  "event",
  "observation",
  "custom",
];

const rich = {
  participantId: "crawler",
  userId: "ada",
  sourceRef: { conversationId: "c-1", messageIds: ["m-1"], memoryId: "mem-1" },
  metadata: { level: 3, $odd: { größe: 1 } },
  tags: ["work", "acme"],
  category: "job",
  searchAliases: ["employer"],
  semanticContext: "When somebody asks where Ada earns her money",
  entities: [{ name: "Acme", type: "company", fullValue: "Acme Inc." }],
  relations: [{ subject: "ada", predicate: "works at", object: "Acme" }],
  validFrom: 0,
  validUntil: 5000,
};

/** Cases of storing and finding. */
export const factReadContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "facts.store() keeps every field, and get, list and update give it",
    async (cortex) => {
      const before = Date.now();
      const stored = await storeFact(cortex, rich);
      assertMatch(stored.factId, /^fact-\d+-[a-z0-9]{16,}$/);
      const { _id, factId, createdAt, updatedAt, ...rest } = stored;
      assert(_id !== "" && createdAt >= before && createdAt === updatedAt);
      assertEquals(rest, { ...factOf(rich), tags: rich.tags, version: 1 });
      assertEquals(await cortex.facts.get("space", factId), stored);
      assertEquals(
        await cortex.facts.list({ memorySpaceId: "space" }),
        [stored],
      );
      const updated = await cortex.facts.update("space", factId, {
        confidence: 90,
      });
      for (const name of Object.keys(rich) as (keyof typeof rich)[]) {
        assertEquals(updated[name], rich[name], name);
      }
    },
  ),
  cortexCase(
    "facts.store() fills in tags and validFrom, takes every kind, and keeps odd and long texts",
    async (cortex) => {
      const odd = `"<Größe> & 'Naïveté'" 数 🦄 ${"x".repeat(10_000)}`;
      const plain = await storeFact(cortex, { fact: odd });
      assertEquals([plain.fact, plain.tags], [odd, []]);
      assertEquals(plain.validFrom, plain.createdAt);
      assertEquals("validUntil" in plain, false);
      for (const factType of TYPES) {
        const memorySpaceId = factType;
        const { factId } = await storeFact(cortex, { factType, memorySpaceId });
        const filter = { memorySpaceId, factType };
        assertEquals(ids(await cortex.facts.list(filter)), [factId]);
        assertEquals(await cortex.facts.count(filter), 1);
        const found = await cortex.facts.search(memorySpaceId, "Acme", {
          factType,
        });
        assertEquals(ids(found), [factId]);
        const about = { ...filter, subject: "ada" };
        assertEquals(ids(await cortex.facts.queryBySubject(about)), [factId]);
        const exported = await cortex.facts.export({
          ...filter,
          format: "json",
        });
        assertEquals(exported.count, 1);
      }
      assertEquals(await cortex.facts.count({ memorySpaceId: "space" }), 1);
    },
  ),
  cortexCase(
    "facts.get() gives null for an unknown id and in another space",
    async (cortex) => {
      const { factId } = await storeFact(cortex);
      assertEquals(await cortex.facts.get("space", "fact-x"), null);
      assertEquals(await cortex.facts.get("other", factId), null);
    },
  ),
  cortexCase(
    "facts.list(), count(), search() and the queries share every condition",
    async (cortex) => {
      const one = await storeFact(cortex, { ...rich, confidence: 95 });
      await pause(3);
      const two = await storeFact(cortex, {
        fact: "Ada prints at Acme",
        factType: "preference",
        object: "paper",
        confidence: 60,
        sourceType: "tool",
        userId: "bob",
        tags: ["work"],
        metadata: { level: 4 },
      });
      const version = await cortex.facts.update("space", two.factId, {
        tags: ["work", "print"],
      });
      const [a, b] = [one.factId, version.factId];
      const at = (ms: number) => new Date(ms);
      const conditions: [UniversalFactFilter, string[]][] = [
        [{}, [a, b]],
        [{ factType: "preference" }, [b]],
        [{ subject: "ada", predicate: "works at", object: "Acme" }, [a]],
        [{ subject: "ADA" }, []],
        [{ minConfidence: 95 }, [a]],
        [{ confidence: 60 }, [b]],
        [{ confidence: 61 }, []],
        [{ userId: "ada" }, [a]],
        [{ participantId: "crawler" }, [a]],
        [{ tags: ["acme", "print"] }, [a, b]],
        [{ tags: ["work", "print"], tagMatch: "all" }, [b]],
        [{ tags: [] }, [a, b]],
        [{ sourceType: "tool" }, [b]],
        [{ version: 2 }, [b]],
        [{ metadata: { level: 3 } }, [a]],
        [{ metadata: { level: "3" } }, []],
        [{ metadata: {} }, [a, b]],
        [{ createdAfter: at(one.createdAt) }, [a, b]],
        [{ createdAfter: at(one.createdAt + 1) }, [b]],
        [{ createdBefore: at(one.createdAt) }, [a]],
        [{ updatedAfter: at(version.updatedAt) }, [b]],
        [{ updatedBefore: at(one.updatedAt) }, [a]],
        [{ createdAfter: one.createdAt as unknown as Date }, [a, b]],
        [{ factType: "preference", userId: "bob", minConfidence: 60 }, [b]],
        [{ factType: "preference", userId: "ada" }, []],
        [{ includeSuperseded: true, version: 1 }, [a, two.factId]],
      ];
      for (const [filter, expected] of conditions) {
        const where = JSON.stringify(filter);
        const all = { ...filter, memorySpaceId: "space" };
        assertEquals(ids(await cortex.facts.list(all)), expected, where);
        assertEquals(await cortex.facts.count(all), expected.length, where);
        const found = await cortex.facts.search("space", "Acme", filter);
        assertEquals(ids(found).sort(), [...expected].sort(), where);
        if (filter.subject === "ADA") continue;
        const about = { ...all, subject: "ada" };
        const queried = await cortex.facts.queryBySubject(about);
        assertEquals(ids(queried), expected, where);
        if (filter.predicate !== undefined) continue;
        const related = await cortex.facts.queryByRelationship({
          ...about,
          predicate: "works at",
        });
        assertEquals(ids(related), expected, where);
      }
    },
  ),
  cortexCase(
    "facts.list() sorts and pages without overlap; superseded and deleted facts only on request",
    async (cortex) => {
      for (const confidence of [50, 90, 70, 10]) {
        await storeFact(cortex, { fact: `fact ${confidence}`, confidence });
      }
      const list = async (options: object) =>
        (await cortex.facts.list({ memorySpaceId: "space", ...options }))
          .map(({ confidence }) => confidence);
      assertEquals(await list({}), [50, 90, 70, 10]);
      assertEquals(await list({ sortBy: "confidence" }), [90, 70, 50, 10]);
      const up = { sortBy: "confidence", sortOrder: "asc" };
      assertEquals(await list(up), [10, 50, 70, 90]);
      assertEquals(await list({ sortBy: "createdAt" }), [10, 70, 90, 50]);
      assertEquals(await list({ sortOrder: "desc" }), [10, 70, 90, 50]);
      assertEquals(await list({ limit: 0 }), []);
      const pages = [];
      for (let offset = 0; offset < 6; offset += 2) {
        pages.push(await list({ ...up, limit: 2, offset }));
      }
      assertEquals(pages, [[10, 50], [70, 90], []]);
      const [found] = await cortex.facts.search("space", "fact 70", {
        limit: 1,
      });
      assertEquals(found?.confidence, 70);
      const ordered = await cortex.facts.search("space", "fact", {
        sortBy: "confidence",
        offset: 1,
        limit: 2,
      });
      assertEquals(ordered.map(({ confidence }) => confidence), [70, 50]);
      await cortex.facts.delete("space", found!.factId);
      assertEquals(await list({}), [50, 90, 10]);
      assertEquals(await list({ includeSuperseded: true }), [50, 90, 70, 10]);
      const filter = { memorySpaceId: "space", includeSuperseded: true };
      assertEquals(await cortex.facts.count(filter), 4);
      assertEquals(await cortex.facts.count({ memorySpaceId: "space" }), 3);
    },
  ),
  cortexCase(
    "facts.* with validAt: the start is inclusive, the end exclusive; expired facts stay listed",
    async (cortex) => {
      await storeFact(cortex, {
        fact: "Acme: bounded",
        validFrom: 1000,
        validUntil: 2000,
      });
      await storeFact(cortex, { fact: "Acme: open", validFrom: 1500 });
      const times: [number, string[]][] = [
        [999, []],
        [1000, ["Acme: bounded"]],
        [1500, ["Acme: bounded", "Acme: open"]],
        [1999, ["Acme: bounded", "Acme: open"]],
        [2000, ["Acme: open"]],
      ];
      for (const [ms, expected] of times) {
        const filter = { memorySpaceId: "space", validAt: new Date(ms) };
        const about = { ...filter, subject: "ada" };
        assertEquals(texts(await cortex.facts.list(filter)), expected);
        assertEquals(await cortex.facts.count(filter), expected.length);
        assertEquals(
          texts(await cortex.facts.queryBySubject(about)),
          expected,
        );
        const { validAt } = filter;
        assertEquals(
          texts(await cortex.facts.search("space", "Acme", { validAt })).sort(),
          expected,
        );
      }
      assertEquals(
        (await cortex.facts.list({ memorySpaceId: "space" })).length,
        2,
      );
    },
  ),
  cortexCase(
    "facts.search() reads text, aliases and context, the most telling first",
    async (cortex) => {
      await storeFact(cortex, { fact: "Bob cycles", subject: "bob" });
      await storeFact(cortex, rich);
      const find = async (query: string) =>
        texts(await cortex.facts.search("space", query));
      const ada = [factOf().fact];
      assertEquals(await find("Acme"), ada);
      assertEquals(await find("employer"), ada);
      assertEquals(await find("money"), ada);
      assertEquals(await find("cycling"), ["Bob cycles"]);
      assertEquals(await find("cyc"), ["Bob cycles"]);
      assertEquals(await find("zebra"), []);
      assertEquals(await cortex.facts.search("other", "Acme"), []);
    },
  ),
  cortexCase(
    "facts of different participants about one subject stand side by side; concurrent stores all succeed",
    async (cortex) => {
      const stored = await Promise.all(
        Array.from(
          { length: 10 },
          (_, at) =>
            storeFact(cortex, { participantId: `p-${at}`, fact: `f ${at}` }),
        ),
      );
      assertEquals(new Set(ids(stored)).size, 10);
      assertEquals(await cortex.facts.count({ memorySpaceId: "space" }), 10);
      const of3 = await cortex.facts.queryBySubject({
        memorySpaceId: "space",
        subject: "ada",
        participantId: "p-3",
      });
      assertEquals(texts(of3), ["f 3"]);
    },
  ),
  cortexCase(
    "facts.store() is refused in an archived space",
    async (cortex) => {
      await cortex.memorySpaces.register({
        memorySpaceId: "space",
        type: "team",
      });
      await cortex.memorySpaces.archive("space");
      const archived = "MEMORYSPACE_ARCHIVED";
      await assertCode(() => storeFact(cortex), archived);
      await assertCode(
        () => cortex.facts.storeWithDedup(factOf(), { deduplication: "exact" }),
        archived,
      );
      await assertCode(
        () =>
          cortex.facts.revise({
            memorySpaceId: "space",
            fact: { fact: "f", confidence: 1 },
          }),
        archived,
      );
    },
  ),
  cortexCase(
    "facts.list(), count() and export() go on where one call of the backend sees no further",
    async (cortex) => {
      // One call reads at most 8 MiB of rows.
      const metadata = { ballast: "x".repeat(750_000) };
      for (let at = 0; at < 13; at++) {
        await storeFact(cortex, {
          fact: `fact ${at}`,
          confidence: at * 7 % 13,
          metadata,
        });
      }
      const confidences = async (options: object) =>
        (await cortex.facts.list({ memorySpaceId: "space", ...options }))
          .map(({ confidence }) => confidence);
      const most = { sortBy: "confidence", limit: 3 };
      assertEquals(await confidences(most), [12, 11, 10]);
      assertEquals(await confidences({ ...most, offset: 2 }), [10, 9, 8]);
      const least = { ...most, sortOrder: "asc", offset: 11 };
      assertEquals(await confidences(least), [11, 12]);
      const last = { sortBy: "createdAt", limit: 2, offset: 10 };
      assertEquals(await confidences(last), [14 % 13, 7]);
      const filter = { memorySpaceId: "space", minConfidence: 2 };
      assertEquals(await cortex.facts.count(filter), 11);
      const parts: number[] = [];
      const { data, count } = await cortex.facts.export({
        memorySpaceId: "space",
        format: "json",
      }, { onProgress: ({ processed }) => parts.push(processed) });
      assertEquals([count, JSON.parse(data).length, parts.length], [13, 13, 2]);
    },
  ),
];
