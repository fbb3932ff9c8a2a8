import { assertEquals, assertRejects } from "@std/assert";
import { axis, type Backend, backendTest, NOW, SPACE } from "./backend.ts";

type Entry = {
  memoryId: string;
  content: string;
  version: number;
  tags: string[];
  importance: number;
  embedding?: number[];
  previousVersions: { version: number; embedding?: number[] }[];
};

async function store(
  backend: Backend,
  memoryId: string,
  changes: Record<string, unknown> = {},
): Promise<Entry> {
  return await backend.mutation<Entry>("memories:store", {
    memorySpaceId: SPACE,
    memoryId,
    content: `text of ${memoryId}`,
    contentType: "raw",
    sourceType: "system",
    importance: 80,
    tags: ["a"],
    ...changes,
  });
}

const update = (backend: Backend, changes: Record<string, unknown>) =>
  backend.mutation<Entry>("memories:update", {
    memorySpaceId: SPACE,
    memoryId: "m1",
    ...changes,
  });

const found = async (backend: Backend, query: string) =>
  (await backend.query<Entry[]>("memories:search", {
    memorySpaceId: SPACE,
    query,
  })).map(({ memoryId }) => memoryId);

/** What the counters of the space say, by key. */
async function counters(backend: Backend): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const { key, value } of await backend.rows("counters")) {
    values[key as string] = (values[key as string] ?? 0) + (value as number);
  }
  return values;
}

backendTest(
  "an update keeps the old version, its embedding, and is found by its new words",
  async (backend) => {
    await store(backend, "m1", { embedding: axis(0) });
    const second = await update(backend, {
      content: "zebras graze",
      embedding: axis(1),
      now: NOW + 10,
    });
    assertEquals(
      [second.version, second.embedding, second.tags, second.importance],
      [2, axis(1), ["a"], 80],
    );
    assertEquals(second.previousVersions, [
      { version: 1, content: "text of m1", embedding: axis(0), timestamp: NOW },
    ] as never);
    assertEquals(await found(backend, "zebra"), ["m1"]);
    assertEquals(await found(backend, "text"), []);
    const third = await update(backend, { embedding: [], now: NOW + 20 });
    assertEquals([third.embedding, third.content], [undefined, "zebras graze"]);
    assertEquals(await backend.rows("memoryEmbeddings"), []);
    const at = (timestamp: number) =>
      backend.query<{ version: number } | null>("memories:getAtTimestamp", {
        memorySpaceId: SPACE,
        memoryId: "m1",
        timestamp,
      });
    assertEquals(
      await Promise.all(
        [NOW - 1, NOW, NOW + 9, NOW + 10, NOW + 19, NOW + 20, NOW + 99]
          .map(async (time) => (await at(time))?.version),
      ),
      [undefined, 1, 1, 2, 2, 3, 3],
    );
  },
);

backendTest(
  "an update changes the words that a neighbour is found by",
  async (backend) => {
    await backend.remember({ say: "Where do penguins live", answer: "South" });
    const searchTexts = async () =>
      (await backend.rows("memories")).map(({ searchText }) =>
        String(searchText).includes("penguin")
      );
    assertEquals(await searchTexts(), [true, true]);
    await backend.mutation("memories:update", {
      memorySpaceId: SPACE,
      memoryId: "mem-u1",
      content: "Where do camels live",
    });
    assertEquals(await searchTexts(), [false, false]);
  },
);

backendTest(
  "of 60 versions an entry shows 50, lists none of their embeddings, and all can be read",
  async (backend) => {
    await store(backend, "m1", { embedding: axis(0) });
    for (let n = 0; n < 60; n++) {
      await update(backend, { content: `version ${n}`, now: NOW + n + 1 });
    }
    const entry = await backend.query<Entry>("memories:get", {
      memorySpaceId: SPACE,
      memoryId: "m1",
    });
    assertEquals(
      entry.previousVersions.map(({ version }) => version),
      Array.from({ length: 50 }, (_, at) => at + 11),
    );
    assertEquals(entry.previousVersions[0]?.embedding, axis(0));
    const [listed] = await backend.query<Entry[]>("memories:list", {
      memorySpaceId: SPACE,
    });
    assertEquals(listed?.previousVersions.length, 50);
    assertEquals(listed?.previousVersions[0]?.embedding, undefined);
    const history = await backend.query<{ version: number }[]>(
      "memories:getHistory",
      { memorySpaceId: SPACE, memoryId: "m1" },
    );
    assertEquals(history.length, 61);
  },
);

backendTest(
  "deleting a memory with 250 versions takes two calls and leaves nothing",
  async (backend) => {
    await store(backend, "m1", { embedding: axis(0) });
    for (let n = 0; n < 250; n++) await update(backend, { importance: n % 99 });
    const step = () =>
      backend.mutation("memories:deleteMemory", {
        memorySpaceId: SPACE,
        memoryId: "m1",
      });
    assertEquals((await step()).done, false);
    assertEquals(await step(), { deleted: true, memoryId: "m1", done: true });
    for (
      const table of [
        "memories",
        "memoryVersions",
        "memoryEmbeddings",
        "counters",
      ] as const
    ) assertEquals(await backend.rows(table), [], table);
  },
);

backendTest(
  "counters follow importance, tags, archive and bytes",
  async (backend) => {
    await store(backend, "m1", { userId: "ann", tags: ["a", "b"] });
    await store(backend, "m2");
    const before = await counters(backend);
    assertEquals(
      [
        before.memories,
        before['memories?[["userId","ann"]]'],
        before["importance:high"],
        before["tag:a"],
        before["tag:b"],
      ],
      [2, 1, 2, 2, 1],
    );
    const named = { memorySpaceId: SPACE, memoryId: "m1" };
    await backend.mutation("memories:archive", named);
    const archived = await counters(backend);
    assertEquals(
      [
        archived.memories,
        archived["importance:low"],
        archived["importance:high"],
        archived["tag:archived"],
      ],
      [2, 1, 1, 1],
    );
    await backend.mutation("memories:restoreFromArchive", named);
    const { memoryBytes: _, ...restored } = await counters(backend);
    const { memoryBytes: __, ...stored } = before;
    assertEquals(restored, stored);
    await backend.mutation("memories:updateMany", {
      memorySpaceId: SPACE,
      tags: [],
      importance: 95,
    });
    const relabelled = await counters(backend);
    assertEquals(
      [relabelled["importance:critical"], relabelled["tag:a"]],
      [2, undefined],
    );
    await backend.mutation("memories:purgeAll");
    assertEquals(await counters(backend), {});
  },
);

backendTest(
  "a partial memory is shown by nothing but get until it is finished",
  async (backend) => {
    const { memoryId } = await backend.mutation<{ memoryId: string }>(
      "memories:storePartialMemory",
      {
        memorySpaceId: SPACE,
        conversationId: "conv-1",
        userId: "ann",
        content: "Zebras …",
        isPartial: true,
        metadataJson: '{"chunk":1,"$odd":true}',
        importance: 50,
        tags: ["streaming", "partial", "own"],
      },
    );
    assertEquals(memoryId.startsWith("mem-partial-"), true);
    const shown = async () => [
      await backend.query("memories:count", { memorySpaceId: SPACE }),
      (await backend.query<Entry[]>("memories:list", { memorySpaceId: SPACE }))
        .length,
      (await found(backend, "zebra")).length,
      (await backend.query<{ count: number }>("memories:exportMemories", {
        memorySpaceId: SPACE,
        format: "json",
      })).count,
    ];
    assertEquals(await shown(), [0, 0, 0, 0] as never[]);
    const change = (name: string, more: Record<string, unknown>) =>
      backend.mutation(`memories:${name}PartialMemory`, {
        memoryId,
        metadata: { chunk: 2 },
        ...more,
      });
    assertEquals(await change("update", { content: "Zebras gr" }), {
      success: true,
    });
    assertEquals(
      await change("finalize", {
        content: "Zebras graze.",
        embedding: axis(0),
      }),
      { success: true },
    );
    assertEquals(await shown(), [1, 1, 1, 1] as never[]);
    const entry = await backend.query<Entry>("memories:get", {
      memorySpaceId: SPACE,
      memoryId,
    });
    assertEquals(
      [entry.content, entry.tags, entry.embedding, entry.version],
      ["Zebras graze.", ["own"], axis(0), 1],
    );
    await assertRejects(
      () => change("update", { content: "late" }),
      Error,
      "MEMORY_NOT_FOUND",
    );
    await backend.mutation("memories:purgeAll");
    assertEquals(await counters(backend), {});
  },
);

backendTest(
  "a list goes on by its cursor to its limit, newest first",
  async (backend) => {
    const content = "x".repeat(700_000);
    for (let n = 0; n < 10; n++) {
      await store(backend, `m${n}`, { content, now: NOW + n });
    }
    type Page = {
      entries: { memory: Entry }[];
      done: boolean;
      cursor?: string;
    };
    const ids: string[] = [];
    let pages = 0;
    let cursor: string | undefined;
    do {
      const page: Page = await backend.query("memories:listPage", {
        memorySpaceId: SPACE,
        limit: 8,
        ...(cursor !== undefined && { cursor }),
      });
      ids.push(...page.entries.map(({ memory }) => memory.memoryId));
      cursor = page.cursor;
      pages++;
    } while (cursor !== undefined);
    assertEquals(ids, ["m9", "m8", "m7", "m6", "m5", "m4", "m3", "m2"]);
    assertEquals(pages, 2);
  },
);

backendTest(
  "forgetting a memory with 250 versions and its conversation takes two calls",
  async (backend) => {
    await backend.remember();
    for (let n = 0; n < 250; n++) {
      await update(backend, { memoryId: "mem-u1", importance: n % 99 });
    }
    const forget = () =>
      backend.forget({
        memoryId: "mem-u1",
        deleteConversation: true,
        deleteEntireConversation: true,
      });
    const steps = [await forget(), await forget()];
    assertEquals(
      steps.map((step) => [
        step.done,
        step.memoryDeleted,
        step.conversationDeleted,
        step.messagesDeleted,
      ]),
      [[false, false, true, 2], [true, true, false, 0]],
    );
    assertEquals(await backend.rows("memoryVersions"), []);
  },
);
