import { assertEquals } from "@std/assert";
import {
  axis,
  type Backend,
  backendTest,
  fact,
  openBackend,
  SPACE,
} from "./backend.ts";

const LENGTHS = { memoryEmbeddings: 384, memoryEmbeddingsWide: 512 } as const;

async function store(
  backend: Backend,
  memoryId: string,
  embedding: number[],
): Promise<void> {
  await backend.mutation("memories:store", {
    memorySpaceId: SPACE,
    memoryId,
    content: `Text of ${memoryId}`,
    contentType: "raw",
    sourceType: "system",
    importance: 50,
    tags: [],
    embedding,
  });
}

async function change(
  backend: Backend,
  memoryId: string,
  embedding: number[],
): Promise<void> {
  await backend.mutation("memories:update", {
    memorySpaceId: SPACE,
    memoryId,
    embedding,
  });
}

/** Refuses a memory or fact that names another embedding than its own, or none although it has one. */
async function assertLinked(backend: Backend): Promise<void> {
  for (
    const [table, field, embeddings] of [
      ["memories", "memoryDocId", [
        ...await backend.rows("memoryEmbeddings"),
        ...await backend.rows("memoryEmbeddingsWide"),
      ]],
      ["facts", "factDocId", [
        ...await backend.rows("factEmbeddings"),
        ...await backend.rows("factEmbeddingsWide"),
      ]],
    ] as const
  ) {
    const rows = await backend.rows(table);
    assertEquals(
      rows.map((row) => [row._id, row.embeddingDocId]),
      rows.map((row) => [
        row._id,
        embeddings.find((embedding) => embedding[field] === row._id)?._id,
      ]),
    );
  }
}

/** Ids that a vector alone finds, without the memories (`mem-u…`) that the facts came from. */
async function found(backend: Backend, vector: number[]): Promise<string[]> {
  const { items } = await backend.engine.action("memory:recallWithEmbedding", {
    memorySpaceId: SPACE,
    query: "zebra",
    limit: 10,
    sources: { vector: true, facts: true },
    includeConversation: false,
    embedding: vector,
  }) as unknown as { items: { id: string }[] };
  return items.map(({ id }) => id).filter((id) => !id.startsWith("mem-u"));
}

backendTest(
  "a memory names its embedding, also another one and one of another length",
  async (backend) => {
    for (const [at, dims] of Object.values(LENGTHS).entries()) {
      await store(backend, `mem-${at}`, axis(at, dims));
    }
    await store(backend, "mem-none", []);
    await assertLinked(backend);

    await change(backend, "mem-0", axis(5, 384));
    await assertLinked(backend);
    assertEquals(await found(backend, axis(5, 384)), ["mem-0"]);
    assertEquals(await found(backend, axis(0, 384)), []);

    await change(backend, "mem-0", axis(6, 512));
    await change(backend, "mem-1", []);
    await assertLinked(backend);
    assertEquals(await found(backend, axis(6, 512)), ["mem-0"]);
  },
);

backendTest(
  "memories that were stored without the link are found, and with a new embedding have it",
  async (backend) => {
    await store(backend, "mem-1", axis(1));
    await backend.patchAll("memories", { embeddingDocId: undefined });
    assertEquals(await found(backend, axis(1)), ["mem-1"]);
    await change(backend, "mem-1", axis(2));
    await assertLinked(backend);
    assertEquals(await found(backend, axis(2)), ["mem-1"]);
  },
);

backendTest(
  "so does a fact, whatever becomes of it",
  async (backend) => {
    const lives = (city: string, at: number) =>
      fact(`fact-${city}`, {
        fact: `Ann lives in ${city}`,
        subject: "Ann",
        predicate: "lives in",
        object: city,
        embedding: axis(at),
      });
    await backend.remember({ n: 1, facts: [lives("Rome", 1)] });
    await assertLinked(backend);
    assertEquals(await found(backend, axis(1)), ["fact-Rome"]);

    await backend.remember({ n: 2, facts: [lives("Oslo", 2)] });
    await assertLinked(backend);
    assertEquals(await found(backend, axis(1)), []);
    assertEquals(await found(backend, axis(2)), ["fact-Oslo"]);
    assertEquals(
      (await backend.rows("facts")).filter((row) => row.embeddingDocId).length,
      1,
    );

    await backend.patchAll("facts", { embeddingDocId: undefined });
    assertEquals(await found(backend, axis(2)), ["fact-Oslo"]);
  },
);

backendTest(
  "what is imported names the embedding that it has there",
  async (source) => {
    await store(source, "mem-1", axis(1));
    await store(source, "mem-2", axis(2, 512));
    await source.remember({
      facts: [fact("fact-1", { embedding: axis(3) })],
    });
    const { lines } = await source.query<{ lines: string[] }>("transfer:dump");
    assertEquals(lines.filter((line) => line.includes("embeddingDocId")), []);
    const target = openBackend();
    try {
      await target.mutation("transfer:load", { lines });
      await assertLinked(target);
      assertEquals(await found(target, axis(2, 512)), ["mem-2"]);
      assertEquals(await found(target, axis(3)), ["fact-1"]);
      // Whatever a line says, it cannot take the embedding of another memory.
      const [embedding] = await target.rows("memoryEmbeddings");
      const forged = lines.filter((line) => line.includes('"memories"'))
        .map((line) =>
          line.replaceAll("mem-1", "mem-3").replace(
            '"row":{',
            `"row":{"embeddingDocId":${JSON.stringify(embedding!._id)},`,
          )
        );
      await target.mutation("transfer:load", { lines: forged });
      assertEquals(
        (await target.rows("memories"))
          .filter(({ memoryId }) => memoryId === "mem-3")
          .map(({ embeddingDocId }) => embeddingDocId),
        [undefined],
      );
      assertEquals(await found(target, axis(1)), ["mem-1"]);
    } finally {
      await target.engine.close();
    }
  },
);
