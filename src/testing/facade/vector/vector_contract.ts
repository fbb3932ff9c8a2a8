/** `vector`: list, count, delete, bulk operations, export, and the isolation of tenants. */
import { assertEquals, assertMatch } from "@std/assert";
import type { Cortex } from "../../../cortex/cortex.ts";
import {
  assertCode,
  cortexCase,
  type FacadeSubject,
  note,
  tenantsCase,
} from "../subject.ts";
import { assertNamed, store } from "./vector_support.ts";
import type { ContractCase } from "../../types.ts";

/** Stores notes: every third by a tool, the last one of Ada, by a participant. */
async function fill(cortex: Cortex, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      store(cortex, {
        content: `note ${i}`,
        source: { type: i % 3 === 0 ? "tool" : "system" },
      })),
  );
  await store(cortex, { userId: "ada", participantId: "tool-1" });
}

/** Cases of the methods that take several memories, and of `delete`. */
export const vectorContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "embeddings may be typed arrays, as local models make them",
    async (cortex) => {
      const { vector, memory } = cortex;
      // A view of shared memory, if the host has it.
      const { SharedArrayBuffer: Shared = ArrayBuffer } = globalThis;
      const shared = new Shared(64);
      const given = new Float32Array(shared, 16, 2);
      given.set([0.5, 0.25]);
      const first = memory.store("space", note({ embedding: given }));
      // The vector was copied, so later changes have no effect.
      given.fill(0);
      const { memory: { memoryId } } = await first;
      const found = async () =>
        (await vector.get("space", memoryId))?.embedding;
      assertEquals(await found(), [0.5, 0.25]);
      await vector.update("space", memoryId, {
        embedding: new Float64Array([0.1, 0.9]),
      });
      assertEquals(await found(), [0.1, 0.9]);
      await memory.update("space", memoryId, {
        embedding: new Float32Array([1, 0]),
      });
      assertEquals(await found(), [1, 0]);
      const stored = await vector.store(
        "space",
        note({ embedding: new Float32Array([0, 1]) }),
      );
      assertEquals(stored.embedding, [0, 1]);
      const question = new Float32Array([1, 0]);
      const options = { embedding: question, limit: 1 };
      const [near] = await vector.search("space", "", options);
      assertEquals(near?.memoryId, memoryId);
      const [same] = await memory.search("space", "zzz", options);
      assertEquals(same && "memoryId" in same && same.memoryId, memoryId);
      const { items } = await memory.recall({
        memorySpaceId: "space",
        query: "zzz",
        embedding: question,
      });
      assertEquals(items[0]?.id, memoryId);
      for (
        const wrong of [
          new BigInt64Array(2),
          new Float32Array([NaN]),
          // More than a vector index holds.
          new Float64Array([1, -1e39]),
          new DataView(new ArrayBuffer(8)),
        ]
      ) {
        await assertCode(
          () => memory.store("space", note({ embedding: wrong as never })),
          "INVALID_EMBEDDING",
        );
      }
    },
  ),
  cortexCase(
    "vector.list() and count() go by space, source, user and participant",
    async (cortex) => {
      assertEquals(await cortex.vector.list({ memorySpaceId: "space" }), []);
      assertEquals(await cortex.vector.count({ memorySpaceId: "space" }), 0);
      await fill(cortex, 9);
      await store(cortex, {}, "other");
      for (
        const [filter, expected] of [
          [{}, 10],
          [{ sourceType: "tool" }, 3],
          [{ sourceType: "a2a" }, 0],
          [{ userId: "ada" }, 1],
          [{ userId: "nobody" }, 0],
          [{ participantId: "tool-1" }, 1],
          [{ participantId: "tool-1", sourceType: "tool" }, 0],
          [{ userId: "ada", participantId: "tool-1", sourceType: "system" }, 1],
          [{ tenantId: "elsewhere" }, 0],
        ] as const
      ) {
        const conditions = { memorySpaceId: "space", ...filter };
        const listed = await cortex.vector.list(conditions);
        assertEquals(listed.length, expected);
        assertEquals(await cortex.vector.count(conditions), expected);
      }
      const newest = await cortex.vector.list({
        memorySpaceId: "space",
        limit: 2,
      });
      assertEquals([newest.length, newest[0]?.userId], [2, "ada"]);
    },
  ),
  cortexCase(
    "vector.list() of more than a request holds is complete",
    async (cortex) => {
      await fill(cortex, 520);
      const limit = 10_000;
      const all = await cortex.vector.list({ memorySpaceId: "space", limit });
      assertEquals(new Set(all.map(({ memoryId }) => memoryId)).size, 521);
      const some = await cortex.vector.list({
        memorySpaceId: "space",
        limit: 510,
      });
      assertEquals(some.length, 510);
      assertEquals(
        (await cortex.vector.list({ memorySpaceId: "space" })).length,
        100,
      );
      assertEquals(await cortex.vector.count({ memorySpaceId: "space" }), 521);
    },
  ),
  cortexCase(
    "vector.delete() deletes one memory, and names what is wrong",
    async (cortex) => {
      const memoryId = await store(cortex);
      assertEquals(await cortex.vector.delete("space", memoryId), {
        deleted: true,
        memoryId,
      });
      assertEquals(await cortex.vector.get("space", memoryId), null);
      assertEquals(await cortex.vector.count({ memorySpaceId: "space" }), 0);
      await assertNamed(cortex, (s, id) => cortex.vector.delete(s, id));
    },
  ),
  cortexCase(
    "vector.deleteMany() goes by source and by user, and takes them all",
    async (cortex) => {
      await fill(cortex, 9);
      await store(cortex, { source: { type: "system", userId: "ada" } });
      await store(cortex, {}, "other");
      const tools = await cortex.vector.deleteMany({
        memorySpaceId: "space",
        sourceType: "tool",
      });
      assertEquals([tools.deleted, new Set(tools.memoryIds).size], [3, 3]);
      const ada = await cortex.vector.deleteMany({
        memorySpaceId: "space",
        userId: "ada",
      });
      assertEquals(ada.deleted, 2);
      const rest = await cortex.vector.deleteMany({ memorySpaceId: "space" });
      assertEquals(rest.deleted, 6);
      assertEquals(await cortex.vector.count({ memorySpaceId: "space" }), 0);
      assertEquals(await cortex.vector.count({ memorySpaceId: "other" }), 1);
    },
  ),
  cortexCase(
    "vector.deleteMany() and updateMany() of 250 go in steps",
    async (cortex) => {
      await fill(cortex, 249);
      const processed: number[] = [];
      const onProgress = (progress: { processed: number }) =>
        processed.push(progress.processed);
      const updated = await cortex.vector.updateMany(
        { memorySpaceId: "space" },
        { importance: 5, tags: ["all"] },
        { onProgress },
      );
      assertEquals([updated.updated, updated.memoryIds.length], [250, 250]);
      const [first] = await cortex.vector.list({ memorySpaceId: "space" });
      assertEquals([first?.importance, first?.tags, first?.version], [
        5,
        ["all"],
        1,
      ]);
      const deleted = await cortex.vector.deleteMany(
        { memorySpaceId: "space" },
        { onProgress },
      );
      assertEquals([deleted.deleted, deleted.memoryIds.length], [250, 250]);
      assertEquals(processed, [200, 250, 100, 200, 250]);
    },
  ),
  cortexCase(
    "vector.updateMany() goes by user and by source",
    async (cortex) => {
      await fill(cortex, 3);
      const count = async (filter: object) =>
        (await cortex.vector.updateMany(
          { memorySpaceId: "space", ...filter },
          { importance: 1 },
        )).updated;
      assertEquals(await count({ userId: "ada" }), 1);
      assertEquals(await count({ sourceType: "tool" }), 1);
      assertEquals(await count({ sourceType: "a2a" }), 0);
      assertEquals(
        (await cortex.vector.updateMany({ memorySpaceId: "space" }, {}))
          .updated,
        4,
      );
    },
  ),
  cortexCase(
    "vector.export() writes JSON and CSV, with vectors when asked",
    async (cortex) => {
      const options = { memorySpaceId: "space", format: "json" } as const;
      const empty = await cortex.vector.export(options);
      assertEquals([empty.data, empty.count], ["[]", 0]);
      const csv = { ...options, format: "csv" } as const;
      const header = "memoryId,content,sourceType,importance,tags,createdAt";
      assertEquals((await cortex.vector.export(csv)).data, header);
      const stored = await cortex.vector.store(
        "space",
        note({
          content: '=SUM(1), "quoted"',
          embedding: [1, 0],
          userId: "ada",
          metadata: { importance: 80, tags: ["a", "b"] },
        }),
      );
      await store(cortex, { source: { type: "tool", userId: "ada" } });
      await store(cortex);
      const { memoryId, content, sourceType, importance, tags, createdAt } =
        stored;
      const record = {
        memoryId,
        content,
        sourceType,
        importance,
        tags,
        createdAt,
      };
      const plain = await cortex.vector.export(options);
      assertEquals([plain.count, plain.format], [3, "json"]);
      assertEquals(JSON.parse(plain.data)[0], record);
      assertEquals(plain.data, JSON.stringify(JSON.parse(plain.data), null, 2));
      const vectors = await cortex.vector.export({
        ...options,
        includeEmbeddings: true,
      });
      assertEquals(JSON.parse(vectors.data)[0], {
        ...record,
        embedding: [1, 0],
      });
      const ada = await cortex.vector.export({ ...csv, userId: "ada" });
      assertEquals(ada.count, 2);
      assertEquals(ada.data.split("\n").slice(0, 2), [
        header,
        `${memoryId},"'=SUM(1), ""quoted""",system,80,a;b,${
          new Date(createdAt).toISOString()
        }`,
      ]);
    },
  ),
  cortexCase(
    "vector.export() of 510 memories is complete in both formats",
    async (cortex) => {
      await fill(cortex, 509);
      for (const format of ["json", "csv"] as const) {
        const { data, count } = await cortex.vector.export({
          memorySpaceId: "space",
          format,
        });
        assertEquals(count, 510);
        assertEquals(
          format === "json"
            ? JSON.parse(data).length
            : data.split("\n").length - 1,
          510,
        );
      }
    },
  ),
  tenantsCase(
    "vector sees and touches memories of its own tenant only",
    async (one, two) => {
      const memoryId = await store(one, { embedding: [1, 0] });
      const { vector } = two;
      const space = { memorySpaceId: "space" };
      assertEquals(await vector.get("space", memoryId), null);
      assertEquals(await vector.list(space), []);
      assertEquals(await vector.list({ ...space, tenantId: "a" }), []);
      assertEquals(await vector.count({ ...space, tenantId: "a" }), 0);
      assertEquals(await vector.search("space", "spare key"), []);
      assertEquals(
        await vector.search("space", "", { embedding: [1, 0] }),
        [],
      );
      assertEquals(await vector.getVersion("space", memoryId, 1), null);
      assertEquals(await vector.getHistory("space", memoryId), []);
      assertEquals(
        await vector.getAtTimestamp("space", memoryId, Date.now()),
        null,
      );
      assertEquals(
        (await vector.export({ ...space, format: "json" })).data,
        "[]",
      );
      assertEquals((await vector.deleteMany(space)).deleted, 0);
      assertEquals(
        (await vector.updateMany(space, { importance: 1 })).updated,
        0,
      );
      for (
        const call of [
          () => vector.update("space", memoryId, { content: "x" }),
          () => vector.delete("space", memoryId),
          () => vector.delete("other", memoryId),
          () => vector.archive("space", memoryId),
          () => vector.restoreFromArchive("space", memoryId),
        ]
      ) await assertCode(call, "MEMORY_NOT_FOUND");
      const kept = await one.vector.get("space", memoryId);
      assertEquals([kept?.tenantId, kept?.version, kept?.importance], [
        "a",
        1,
        80,
      ]);
      assertEquals(await one.vector.count(space), 1);
    },
  ),
  cortexCase(
    "memories:store makes an id for direct callers who give none",
    async (cortex) => {
      const { memoryId, sourceTimestamp } = await cortex.getClient().mutation(
        "memories:store",
        {
          memorySpaceId: "space",
          content: "The spare key is under the third flower pot.",
          contentType: "raw",
          sourceType: "system",
          importance: 80,
          tags: ["home"],
        },
      ) as { memoryId: string; sourceTimestamp: number };
      assertMatch(memoryId, /^mem-\d+-[a-z0-9]{16}$/);
      const stored = await cortex.vector.get("space", memoryId);
      assertEquals(stored?.sourceTimestamp, sourceTimestamp);
    },
  ),
];
