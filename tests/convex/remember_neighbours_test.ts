import { assert, assertEquals } from "@std/assert";
import { backendTest, exchange, NOW, openBackend } from "./backend.ts";
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

async function searchTexts(
  backend: { rows(table: "memories"): Promise<Record<string, unknown>[]> },
): Promise<Record<string, string>> {
  const rows = await backend.rows("memories");
  return Object.fromEntries(
    rows.map((row) => [String(row.memoryId), String(row.searchText)]).sort(),
  );
}
