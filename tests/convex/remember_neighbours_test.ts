import { assert, assertEquals } from "@std/assert";
import { backendTest, exchange, NOW, openBackend, SPACE } from "./backend.ts";
import type { MemoryEntry } from "./backend.ts";

backendTest("a memory's search text holds its neighbours", async (backend) => {
  await backend.remember({ n: 1, say: "zebra", answer: "giraffe" });
  await backend.remember({ n: 2, say: "lion", answer: "tiger" });
  const texts = await searchTexts(backend);
  assert(texts["mem-u1"]!.includes("giraff"), "next in the exchange");
  assert(texts["mem-a1"]!.includes("lion"), "next exchange");
  assert(texts["mem-u2"]!.includes("giraff"), "previous");
  assert(texts["mem-u2"]!.includes("zebra"), "the one before");
  assert(!texts["mem-a2"]!.includes("zebra"), "no further");
});

backendTest(
  "an exchange imported late takes its place between its neighbours",
  async (backend) => {
    const words = ["alpha", "bravo", "delta"];
    const imported = (n: number) => ({
      n,
      base: NOW - 86_400_000,
      say: `${words[n]}user`,
      answer: words[n],
    });
    for (const n of [0, 2, 1]) await backend.remember(imported(n));
    const late = await searchTexts(backend);
    const other = openBackend();
    for (const n of [0, 1, 2]) await other.remember(imported(n));
    assertEquals(late, await searchTexts(other));
    await other.engine.close();
  },
);

backendTest(
  "an answer that comes after other exchanges leaves none of its words when it is deleted",
  async (backend) => {
    await backend.remember({ n: 0 });
    await backend.addMessage({
      conversationId: "conv-1",
      message: { id: "u1", role: "user", content: "question 1" },
    });
    await backend.remember({ n: 2 });
    await backend.remember({ n: 1, answer: "Nairobi" });
    await backend.forget({ memoryId: "mem-a1" });
    const left = Object.values(await searchTexts(backend));
    assertEquals(left.filter((text) => text.includes("nairobi")), []);
  },
);

backendTest("another session's memories are no neighbours", async (backend) => {
  await backend.remember({ n: 1, say: "zebra", answer: "giraffe" });
  const later = exchange({ n: 2, say: "lion", answer: "tiger" });
  for (const memory of later.memories as MemoryEntry[]) {
    memory.sourceTimestamp += 7 * 3_600_000;
  }
  await backend.remember(later);
  const texts = await searchTexts(backend);
  assert(!texts["mem-u2"]!.includes("giraff"));
  assert(!texts["mem-a1"]!.includes("lion"));
});

backendTest(
  "a user's bundle has no words of other users, and brings back none that were erased",
  async (backend) => {
    const words = ["lions", "zebras", "tigers", "pumas"];
    for (const [at, word] of words.entries()) {
      await backend.mutation("memories:store", {
        memorySpaceId: SPACE,
        memoryId: `mem-${at}`,
        userId: word === "zebras" ? "ann" : "bob",
        content: `I adore ${word}`,
        contentType: "raw",
        sourceType: "conversation",
        sourceTimestamp: NOW + at,
        importance: 50,
        tags: [],
        conversationRef: { conversationId: "of-carol", messageIds: [] },
      });
    }
    const before = await searchTexts(backend);
    assert(before["mem-2"]!.includes("zebra"));
    const [bobs, anns] = await Promise.all(
      ["bob", "ann"].map((userId) =>
        backend.query<{ lines: string[] }>("transfer:dump", { userId })
      ),
    );
    assert(!JSON.stringify(bobs).includes("zebra"));
    for (const userId of ["ann", "bob"]) {
      await backend.mutation("users:eraseUser", { userId });
    }
    await backend.mutation("transfer:load", { lines: bobs!.lines });
    const after = await searchTexts(backend);
    assert(!JSON.stringify(after).includes("zebra"));
    assert(after["mem-3"]!.includes("lion"), "the second before it by now");
    await backend.mutation("transfer:load", { lines: anns!.lines });
    assertEquals(await searchTexts(backend), before);
  },
);

backendTest(
  "memories that were stored out of order keep their neighbours' words in a copy of everything",
  async (backend) => {
    for (const [word, hours] of [["lions", 0], ["pumas", 14], ["zebras", 1]]) {
      await backend.mutation("memories:store", {
        memorySpaceId: SPACE,
        memoryId: word,
        content: `I adore ${word}`,
        contentType: "raw",
        sourceType: "conversation",
        sourceTimestamp: NOW + Number(hours) * 3_600_000,
        importance: 50,
        tags: [],
        conversationRef: { conversationId: "of-carol", messageIds: [] },
      });
    }
    const { lines } = await backend.query<{ lines: string[] }>("transfer:dump");
    const other = openBackend();
    await other.mutation("transfer:load", { lines });
    const copied = await searchTexts(other);
    await other.engine.close();
    assertEquals(copied, await searchTexts(backend));
    assert(copied.lions!.includes("zebra"));
  },
);

backendTest(
  "memories of no conversation are nobody's neighbours, also when they are changed",
  async (backend) => {
    for (const word of ["lions", "zebras"]) {
      await backend.mutation("memories:store", {
        memorySpaceId: SPACE,
        memoryId: word,
        content: `I adore ${word}`,
        contentType: "raw",
        sourceType: "system",
        sourceTimestamp: NOW,
        importance: 50,
        tags: [],
      });
    }
    await backend.mutation("memories:update", {
      memorySpaceId: SPACE,
      memoryId: "zebras",
      content: "I adore llamas",
    });
    const texts = await searchTexts(backend);
    assert(!texts.lions!.includes("llama") && !texts.zebras!.includes("lion"));
  },
);

backendTest(
  "the two memories of an exchange of no conversation are no neighbours",
  async (backend) => {
    const skipLayers = ["conversations"];
    const saying = (n: number, say: string, answer: string) =>
      backend.remember({ n, say, answer, skipLayers });
    await saying(1, "zebra", "giraffe");
    await saying(2, "lion", "tiger");
    await backend.mutation("memories:update", {
      memorySpaceId: SPACE,
      memoryId: "mem-a1",
      content: "panther",
    });
    const words = ["zebra", "giraff", "lion", "tiger", "panther"];
    const held = Object.values(await searchTexts(backend)).map((text) =>
      words.filter((word) => text.includes(word))
    );
    assertEquals(held, [["panther"], ["tiger"], ["zebra"], ["lion"]]);
  },
);

async function searchTexts(
  backend: { rows(table: "memories"): Promise<Record<string, unknown>[]> },
): Promise<Record<string, string>> {
  const rows = await backend.rows("memories");
  return Object.fromEntries(
    rows.map((row) => [String(row.memoryId), String(row.searchText)]).sort(),
  );
}
