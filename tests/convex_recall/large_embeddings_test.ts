/** Searches among more embeddings, of a length without an index, than one query may read. */
import { assert, assertEquals } from "@std/assert";
import {
  addFacts,
  addMemories,
  ask,
  axis,
  backendTest,
  fact,
  memory,
  search,
} from "./backend.ts";

/** The longest embeddings that are accepted: 72 KiB each. */
const DIMENSIONS = 8192;
const FACTS = 120;
const MEMORIES = 240;

backendTest(
  "recall and search find what they can beside more and larger embeddings than a query may read",
  async (engine) => {
    const embedding = axis(DIMENSIONS, 3);
    const upTo = (count: number) =>
      Array.from({ length: count }, (_, at) => at);
    await addFacts(
      engine,
      upTo(FACTS).map((at) => fact(`f${at}`, `Boat ${at}`, { embedding })),
    );
    await addMemories(
      engine,
      upTo(MEMORIES).map((at) => memory(`m${at}`, `Boat ${at}`, { embedding })),
    );
    const { items } = await ask(engine, "boat", { embedding, limit: 50 });
    assertEquals(items.length, 50);
    assert(items.every(({ score }) => score > 0));
    const byMeaning = await ask(engine, "lamp", { embedding, limit: 1000 });
    for (const type of ["fact", "memory"]) {
      const found = byMeaning.items.filter((item) => item.type === type);
      assert(found.length > 30, `${found.length} of type ${type}`);
    }
    for (
      const [more, count] of [
        [{}, MEMORIES],
        [{ hybrid: true, embedding }, MEMORIES],
        [{ embedding }, 100],
      ] as const
    ) {
      const found = await search(engine, "boat", { ...more, limit: 1000 });
      assert(found.length >= count, `${found.length}`);
      const lengths = found.map((one) => one.embedding?.length);
      assertEquals(lengths.slice(0, 20), Array(20).fill(DIMENSIONS));
    }
  },
);
