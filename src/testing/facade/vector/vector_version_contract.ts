/** `vector`: update, versions, archive. */
import { assert, assertEquals } from "@std/assert";
import {
  assertCode,
  cortexCase,
  type FacadeSubject,
  note,
} from "../subject.ts";
import { assertNamed, nextMoment, store } from "./vector_support.ts";
import type { ContractCase } from "../../types.ts";

/** Cases of the methods that change one memory, and of its versions. */
export const vectorVersionContract: ContractCase<FacadeSubject>[] = [
  cortexCase(
    "vector.update() makes a version and keeps what is not given",
    async (cortex) => {
      const refs = {
        embedding: [1, 0],
        userId: "ada",
        participantId: "tool-1",
        conversationRef: { conversationId: "c", messageIds: ["m"] },
        immutableRef: { type: "t", id: "i", version: 2 },
        mutableRef: {
          namespace: "n",
          key: "k",
          snapshotValue: { a: [1] },
          snapshotAt: 5,
        },
        factsRef: { factId: "fact-1" },
      };
      const before = await cortex.vector.store("space", note(refs));
      await nextMoment();
      const after = await cortex.vector.update("space", before.memoryId, {
        content: "It is in the shed.",
      });
      const { previousVersions, updatedAt, ...rest } = after;
      assert(updatedAt > before.updatedAt);
      assertEquals(previousVersions, [{
        version: 1,
        content: before.content,
        embedding: [1, 0],
        timestamp: before.createdAt,
      }]);
      const { previousVersions: _, updatedAt: __, ...old } = before;
      assertEquals(rest, { ...old, content: after.content, version: 2 });
      assertEquals(await cortex.vector.get("space", before.memoryId), after);
      const third = await cortex.vector.update("space", before.memoryId, {});
      assertEquals([third.version, third.content], [3, after.content]);
      const fourth = await cortex.vector.update("space", before.memoryId, {
        embedding: [0, 1, 0],
        importance: 0,
        tags: [],
      });
      assertEquals(
        [fourth.embedding, fourth.importance, fourth.tags],
        [[0, 1, 0], 0, []],
      );
      await assertNamed(
        cortex,
        (s, id) => cortex.vector.update(s, id, { content: "x" }),
      );
    },
  ),
  cortexCase(
    "vector.update() is found by its new words and vector, not the old",
    async (cortex) => {
      const memoryId = await store(cortex, { embedding: [1, 0] });
      await cortex.vector.update("space", memoryId, {
        content: "Zebras graze.",
        embedding: [0, 1],
      });
      const found = async (query: string, embedding?: number[]) =>
        (await cortex.vector.search("space", query, { embedding }))
          .map(({ _score }) => _score);
      assertEquals(await found("zebra"), [undefined]);
      assertEquals(await found("flower pot"), []);
      assertEquals(await found("", [0, 1]), [1]);
      // A zero vector scores 0; dissimilar ones are left out.
      assertEquals(await found("", [1, 0]), [0]);
      assertEquals(await found("", [0, -1]), []);
    },
  ),
  cortexCase(
    "vector.getVersion() and getHistory() read every version",
    async (cortex) => {
      const memoryId = await store(cortex, { content: "one" });
      const history = () => cortex.vector.getHistory("space", memoryId);
      assertEquals((await history()).map(({ version }) => version), [1]);
      await cortex.vector.update("space", memoryId, { content: "two" });
      await cortex.vector.update("space", memoryId, { content: "three" });
      for (const [at, content] of ["one", "two", "three"].entries()) {
        const record = await cortex.vector.getVersion(
          "space",
          memoryId,
          at + 1,
        );
        assertEquals(record, (await history())[at]!);
        assertEquals(
          [record?.memoryId, record?.version, record?.content],
          [memoryId, at + 1, content],
        );
      }
      const { vector } = cortex;
      assertEquals(await vector.getVersion("space", memoryId, 4), null);
      assertEquals(await vector.getVersion("space", "mem-unknown", 1), null);
      assertEquals(await vector.getVersion("other", memoryId, 1), null);
      assertEquals(await vector.getHistory("space", "mem-unknown"), []);
      assertEquals(await vector.getHistory("other", memoryId), []);
    },
  ),
  cortexCase(
    "vector.getAtTimestamp() finds the version that was current then",
    async (cortex) => {
      const { memoryId, createdAt } = await cortex.vector.store(
        "space",
        note(),
      );
      await nextMoment();
      const second = await cortex.vector.update("space", memoryId, {
        content: "two",
      });
      await nextMoment();
      const third = await cortex.vector.update("space", memoryId, {
        content: "three",
      });
      const at = async (time: number | Date) =>
        (await cortex.vector.getAtTimestamp("space", memoryId, time))?.version;
      assertEquals(await at(createdAt - 1), undefined);
      assertEquals(await at(createdAt), 1);
      assertEquals(await at(new Date(second.updatedAt - 1)), 1);
      assertEquals(await at(second.updatedAt), 2);
      assertEquals(await at(third.updatedAt - 1), 2);
      assertEquals(await at(new Date(third.updatedAt)), 3);
      assertEquals(await at(Date.now() + 1e9), 3);
      await nextMoment();
      await cortex.vector.archive("space", memoryId);
      await cortex.vector.updateMany({ memorySpaceId: "space" }, { tags: [] });
      assertEquals(await at(third.updatedAt), 3);
      assertEquals(
        await cortex.vector.getAtTimestamp("space", "mem-unknown", 5),
        null,
      );
    },
  ),
  cortexCase(
    "vector.archive() hides a memory from search, once",
    async (cortex) => {
      const memoryId = await store(cortex, {
        content: "Zebras graze.",
        embedding: [1, 0],
        metadata: { importance: 80, tags: ["own"] },
      });
      const archive = () => cortex.vector.archive("space", memoryId);
      const result = { archived: true, memoryId, restorable: true };
      assertEquals([await archive(), await archive()], [result, result]);
      const archived = await cortex.vector.get("space", memoryId);
      assertEquals(
        [archived?.tags, archived?.importance, archived?.version],
        [["own", "archived"], 10, 1],
      );
      assertEquals(await cortex.vector.search("space", "zebra"), []);
      assertEquals(
        await cortex.vector.search("space", "", { embedding: [1, 0] }),
        [],
      );
      const { items } = await cortex.memory.recall({
        memorySpaceId: "space",
        query: "zebra",
      });
      assertEquals(items, []);
      assertEquals(
        (await cortex.vector.list({ memorySpaceId: "space" })).length,
        1,
      );
      await assertNamed(cortex, (s, id) => cortex.vector.archive(s, id));
    },
  ),
  cortexCase(
    "vector.restoreFromArchive() brings back importance and search",
    async (cortex) => {
      const memoryId = await store(cortex, {
        content: "Zebras graze.",
        metadata: { importance: 80, tags: ["own"] },
      });
      await cortex.vector.archive("space", memoryId);
      const { memory, ...result } = await cortex.vector.restoreFromArchive(
        "space",
        memoryId,
      );
      assertEquals(result, { restored: true, memoryId });
      assertEquals(
        [memory.tags, memory.importance, memory.version],
        [["own"], 80, 1],
      );
      assertEquals((await cortex.vector.search("space", "zebra")).length, 1);
      const restore = (s: string, id: string) =>
        cortex.vector.restoreFromArchive(s, id);
      await assertCode(() => restore("space", memoryId), "MEMORY_NOT_ARCHIVED");
      await assertNamed(cortex, restore);
      const tagged = await store(cortex, {
        content: "Camels carry.",
        metadata: { importance: 20, tags: ["archived"] },
      });
      assertEquals((await cortex.vector.search("space", "camel")).length, 1);
      const own = await restore("space", tagged);
      assertEquals([own.memory.importance, own.memory.tags], [50, []]);
    },
  ),
];
