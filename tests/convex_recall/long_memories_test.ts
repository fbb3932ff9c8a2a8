/** Searches among more long memories than one query may read. */
import { assert } from "@std/assert";
import { ask, backendTest, memory, search } from "./backend.ts";

const MEMORIES = 160;
const BATCH = 20;
/** As many words, and as long ones, as a search text keeps, so that it takes as much again. */
const TEXT = `boat ${`${"x".repeat(31)} `.repeat(2040)}`;

backendTest(
  "recall and search find what they can among more long memories than a query may read",
  async (engine) => {
    for (let at = 0; at < MEMORIES; at += BATCH) {
      const memories = Array.from(
        { length: BATCH },
        (_, add) => memory(`m${at + add}`, TEXT, { tags: ["sea"] }),
      );
      await engine.mutation("fixture:addMemories", { memories });
    }
    for (const more of [{ tags: ["sea"] }, { limit: 200 }]) {
      const { items } = await ask(engine, "boat", more);
      assert(items.length >= 20, `${items.length}`);
      const found = await search(engine, "boat", more);
      assert(found.length >= 20, `${found.length}`);
    }
  },
);
