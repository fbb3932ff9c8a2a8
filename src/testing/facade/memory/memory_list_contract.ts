/** `memory`: list, count, export and versions; round trips; and the isolation of tenants. */
import { assert, assertEquals } from "@std/assert";
import type { RememberParams } from "../../../cortex/types/memory.ts";
import {
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
  tenantsCase,
} from "../subject.ts";
import type { ContractCase } from "../../types.ts";

/** Cases of the methods that read memories. */
export const memoryListContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "a fact drawn from several messages belongs to the memory of each",
    async ({ memory, facts }) => {
      const of = async (conversationId: string) => {
        const ref = { conversationId, messageIds: ["m-2"] };
        const stored = await memory.store(
          "space",
          note({ conversationRef: ref }),
        );
        return stored.memory.memoryId;
      };
      const memoryId = await of("talk");
      const elsewhere = await of("another talk");
      const draw = async (messageIds: string[], more: object = {}) => {
        const sourceRef = { conversationId: "talk", messageIds, ...more };
        const { factId } = await facts.store({
          ...spaceFilter,
          ...keyFact,
          sourceType: "manual",
          sourceRef,
        });
        return factId;
      };
      const first = await draw(["m-1", "m-2", "m-3"]);
      await draw(["m-1", "m-3", "m-4"]);
      const named = await draw(["m-1", "m-2", "m-3"], { memoryId: "mem-9" });
      const { factId } = await facts.update("space", first, { confidence: 90 });
      const factsOf = async (id: string) => {
        const found = await memory.get("space", id, {
          includeConversation: true,
        });
        return found?.facts?.map(({ factId }) => factId);
      };
      assertEquals(await factsOf(memoryId), [named, factId]);
      assertEquals(await factsOf(elsewhere), undefined);
      const archived = await memory.archive("space", memoryId);
      assertEquals(archived.factIds, [factId]);
      await memory.restoreFromArchive("space", memoryId);
      const gone = await memory.forget("space", memoryId);
      assertEquals(gone.factIds, [factId]);
      assertEquals(await facts.count(spaceFilter), 2);
    },
  ),
  cortexCase(
    "memory.restoreFromArchive() shows the facts of a memory that vector has restored alone",
    async (cortex) => {
      const { memoryId } = await storeWithFact(cortex);
      await cortex.memory.archive("space", memoryId);
      await cortex.vector.restoreFromArchive("space", memoryId);
      assertEquals(await recalled(cortex), 0);
      const restore = () => cortex.memory.restoreFromArchive("space", memoryId);
      const { restored, memory } = await restore();
      assertEquals([restored, memory.tags], [true, ["home"]]);
      assertEquals(await recalled(cortex), 1);
      await assertCode(restore, "MEMORY_NOT_ARCHIVED");
    },
  ),
  cortexCase(
    "memory.list() and count() follow vector, and add facts when asked",
    async (cortex) => {
      const { memoryId, fact } = await storeWithFact(cortex, { userId: "ada" });
      await cortex.memory.store("space", note({ source: { type: "tool" } }));
      const enriched = await cortex.memory.list({
        ...spaceFilter,
        enrichFacts: true,
      });
      assertEquals(
        enriched.map(({ memory, facts }) => [
          memory.sourceType,
          facts?.map(({ factId }) => factId),
        ]),
        [["tool", undefined], ["system", [fact.factId]]],
      );
      const plain = await cortex.memory.list({ ...spaceFilter, limit: 1 });
      assertEquals(plain.map(({ sourceType }) => sourceType), ["tool"]);
      const ada = await cortex.memory.list({ ...spaceFilter, userId: "ada" });
      assertEquals(ada.map((entry) => entry.memoryId), [memoryId]);
      for (
        const [filter, expected] of [
          [{}, 2],
          [{ userId: "ada" }, 1],
          [{ sourceType: "tool" }, 1],
          [{ userId: "ada", sourceType: "tool" }, 0],
          [{ memorySpaceId: "other" }, 0],
        ] as const
      ) {
        assertEquals(
          await cortex.memory.count({ ...spaceFilter, ...filter }),
          expected,
        );
      }
    },
  ),
  cortexCase(
    "memory.list() of 120 memories with facts is complete",
    async (cortex) => {
      await Promise.all(
        Array.from({ length: 120 }, () => storeWithFact(cortex)),
      );
      const all = await cortex.memory.list({
        ...spaceFilter,
        limit: 500,
        enrichFacts: true,
      });
      assertEquals(
        [all.length, all.every(({ facts }) => facts?.length === 1)],
        [120, true],
      );
    },
  ),
  cortexCase(
    "memory.export() adds the facts in both formats",
    async (cortex) => {
      assertEquals(
        (await cortex.memory.export({ ...spaceFilter, format: "json" })).data,
        "[]",
      );
      const { memoryId, fact } = await storeWithFact(cortex, {
        embedding: [1, 0],
      });
      const facts = [{
        factId: fact.factId,
        fact: keyFact.fact,
        factType: "knowledge",
        confidence: 80,
        tags: ["key"],
      }];
      const read = async (options: object) =>
        JSON.parse(
          (await cortex.memory.export({
            ...spaceFilter,
            format: "json",
            ...options,
          })).data,
        )[0];
      assertEquals((await read({})).facts, undefined);
      assertEquals((await read({ includeFacts: true })).facts, facts);
      assertEquals((await read({ includeEmbeddings: true })).embedding, [1, 0]);
      const csv = await cortex.memory.export({
        ...spaceFilter,
        format: "csv",
        includeFacts: true,
      });
      const [header, line] = csv.data.split("\n");
      assertEquals(
        header,
        "memoryId,content,sourceType,importance,tags,createdAt,facts",
      );
      assert(line!.startsWith(`${memoryId},`));
      assert(
        line!.endsWith(`,"${JSON.stringify(facts).replaceAll('"', '""')}"`),
      );
    },
  ),
  cortexCase(
    "memory.getVersion(), getHistory() and getAtTimestamp() follow vector",
    async (cortex) => {
      const { memory, memoryId } = await storeWithFact(cortex);
      await cortex.memory.update("space", memoryId, { content: "two" });
      const history = await cortex.memory.getHistory("space", memoryId);
      assertEquals(
        history.map(({ version, content }) => [version, content]),
        [[1, memory.content], [2, "two"]],
      );
      const { memory: api } = cortex;
      assertEquals(await api.getVersion("space", memoryId, 1), history[0]!);
      assertEquals(await api.getVersion("space", memoryId, 3), null);
      assertEquals(
        await api.getAtTimestamp("space", memoryId, new Date()),
        history[1]!,
      );
      for (const far of [Number.MAX_SAFE_INTEGER, Infinity]) {
        const then = await api.getAtTimestamp("space", memoryId, far);
        assertEquals(then?.version, 2);
      }
      assertEquals(await api.getAtTimestamp("space", memoryId, 0), null);
    },
  ),
  cortexCase("memory's methods make one request each", async (cortex) => {
    const { memoryId } = await storeWithFact(cortex);
    const { memory } = cortex;
    const calls: [string, () => Promise<unknown>][] = [
      ["update", () => memory.update("space", memoryId, { importance: 1 })],
      ["list", () => memory.list({ ...spaceFilter, enrichFacts: true })],
      ["count", () => memory.count(spaceFilter)],
      ["export", () => memory.export({ ...spaceFilter, format: "json" })],
      ["getHistory", () => memory.getHistory("space", memoryId)],
      ["updateMany", () => memory.updateMany(spaceFilter, { tags: [] })],
      ["archive", () => memory.archive("space", memoryId)],
      ["restore", () => memory.restoreFromArchive("space", memoryId)],
      ["delete", () => memory.delete("space", memoryId)],
      [
        "deleteMany",
        () => memory.deleteMany({ ...spaceFilter, userId: "u" }),
      ],
    ];
    for (const [name, call] of calls) {
      const before = cortex.stats().calls;
      await call();
      assertEquals(cortex.stats().calls - before, 1, name);
    }
  }),
  tenantsCase(
    "memory sees and touches memories of its own tenant only",
    async (one, two) => {
      const params: Partial<RememberParams> = {
        extractFacts: () => Promise.resolve([keyFact]),
      };
      const { memories } = await one.memory.remember(exchange(params));
      const { memoryId } = memories[0]!;
      const { memory } = two;
      const ada = { ...spaceFilter, userId: "ada" };
      assertEquals(await memory.list(spaceFilter), []);
      assertEquals(
        await memory.count({ ...spaceFilter, tenantId: "a" }),
        0,
      );
      assertEquals(await memory.getVersion("space", memoryId, 1), null);
      assertEquals(await memory.getHistory("space", memoryId), []);
      assertEquals(
        await memory.getAtTimestamp("space", memoryId, Date.now()),
        null,
      );
      assertEquals(
        (await memory.export({ ...spaceFilter, format: "json" })).count,
        0,
      );
      assertEquals((await memory.deleteMany(ada)).deleted, 0);
      assertEquals((await memory.updateMany(ada, { tags: [] })).updated, 0);
      for (
        const call of [
          () => memory.update("space", memoryId, { content: "x" }),
          () => memory.delete("space", memoryId),
          () => memory.archive("space", memoryId),
          () => memory.restoreFromArchive("space", memoryId),
        ]
      ) await assertCode(call, "MEMORY_NOT_FOUND");
      assertEquals(await one.memory.count(spaceFilter), 2);
      assertEquals(
        (await one.memory.list({ ...ada, enrichFacts: true })).map((
          { memory, facts },
        ) => [memory.version, facts?.length ?? 0]),
        [[1, 1], [1, 1]],
      );
    },
  ),
];
