/** A table of many documents gets the indexes that its schema gains, also after it had lost them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  defineSchema,
  defineTable,
  mutationGeneric as mutation,
  queryGeneric as query,
} from "convex/server";
import { v } from "convex/values";
import { openEngine } from "../../src/embedded/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import type { SyncStore } from "../../src/store/types.ts";

/** Enough that documents are read in many pages, and index rows written in several lots. */
const DOCUMENTS = 5000;
const PER_CALL = 1000;

const fields = {
  number: v.number(),
  text: v.string(),
  vector: v.array(v.number()),
};
const plain = defineSchema({ notes: defineTable(fields) });
const indexed = defineSchema({
  notes: defineTable(fields)
    .index("by_number", ["number"])
    .searchIndex("by_text", { searchField: "text", filterFields: ["number"] })
    .vectorIndex("by_vector", { vectorField: "vector", dimensions: 2 }),
});

const modules = {
  "notes.ts": {
    add: mutation({
      args: { from: v.number() },
      handler: async (ctx, { from }) => {
        for (let at = from; at < from + PER_CALL; at++) {
          // 7919 is a prime: each number once, in another order than the documents.
          const number = at * 7919 % DOCUMENTS;
          const vector = [Math.cos(at), Math.sin(at)];
          await ctx.db.insert("notes", { number, text: `word${at}`, vector });
        }
      },
    }),
    addOne: mutation({
      args: fields,
      handler: (ctx, note) => ctx.db.insert("notes", note),
    }),
    numbers: query({
      handler: async (ctx) => {
        const notes = await ctx.db.query("notes").withIndex("by_number")
          .collect();
        return notes.map(({ number }) => number);
      },
    }),
    find: query({
      args: { word: v.string(), number: v.number() },
      handler: async (ctx, { word, number }) => {
        const notes = await ctx.db.query("notes")
          .withSearchIndex(
            "by_text",
            (q) => q.search("text", word).eq("number", number),
          )
          .take(2);
        return notes.map(({ text }) => text);
      },
    }),
  },
};

Deno.test("indexes that a schema gains have a row for each of thousands of documents", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const store of [`${folder}/notes.db`, openMemoryStore()]) {
      const limits = { documentsRead: Infinity };
      {
        const engine = openEngine({ schema: plain, modules, store, limits });
        for (let from = 0; from < DOCUMENTS; from += PER_CALL) {
          await engine.mutation("notes:add", { from });
        }
        if (typeof store === "string") await engine.close();
      }
      for (const schema of [indexed, plain, indexed]) {
        const engine = openEngine({ schema, modules, store, limits });
        if (schema === indexed) {
          const numbers = await engine.query("notes:numbers", {});
          assertEquals(
            numbers,
            Array.from({ length: DOCUMENTS }, (_, at) => at),
          );
          for (const at of [0, 255, 256, 4095, 4096, DOCUMENTS - 1]) {
            const number = at * 7919 % DOCUMENTS;
            const args = { word: `word${at}`, number };
            assertEquals(await engine.query("notes:find", args), [`word${at}`]);
          }
        }
        if (typeof store === "string") await engine.close();
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an index of long texts is filled in small lots", async () => {
  const memory = openMemoryStore();
  const counts = { read: 0, written: 0 };
  const most = { read: 0, written: 0 };
  const add = (name: "read" | "written", characters: number) => {
    counts[name] += characters;
    most[name] = Math.max(most[name], counts[name]);
  };
  const store: SyncStore = {
    capabilities: memory.capabilities,
    get: (key) => memory.get(key),
    *scan(range) {
      counts.read = 0;
      for (const entry of memory.scan(range)) {
        add("read", entry.value.length);
        yield entry;
      }
    },
    write(ops) {
      counts.written = 0;
      for (const { value } of ops) add("written", value?.length ?? 0);
      memory.write(ops);
    },
    flush: () => {},
    close: () => {},
  };
  const before = openEngine({ schema: plain, modules, store });
  const words = Array.from({ length: 10_000 }, (_, at) => at.toString(36));
  for (let number = 0; number < 32; number++) {
    const note = { number, text: words.join(" "), vector: [1, 0] };
    await before.mutation("notes:addOne", note);
  }
  await before.close();
  Object.assign(most, counts, { read: 0, written: 0 });
  const engine = openEngine({ schema: indexed, modules, store });
  // A row more than a mebi.
  assert(most.read < 1.2 * 2 ** 20, `${most.read} read`);
  assert(most.written < 1.2 * 2 ** 20, `${most.written} written`);
  const args = { word: words.at(-1), number: 31 };
  assertEquals((await engine.query("notes:find", args) as string[]).length, 1);
  await engine.close();
});

Deno.test("rows of indexes that could not be filled or dropped are gone after the next open, whatever its schema", async () => {
  const memory = openMemoryStore();
  const before = openEngine({ schema: plain, modules, store: memory });
  for (let number = 0; number < 300; number++) {
    const note = { number, text: "word".repeat(2000), vector: [1, 0] };
    await before.mutation("notes:addOne", note);
  }
  const rows = () =>
    [..."itv"].map((kind) =>
      [...memory.scan({ start: kind, end: kind + "\xff" })].length
    );
  const fail = (schema: typeof plain, after: number) => {
    let writes = 0;
    // The later ones do not fit, as on a full disk, and what was written before stays.
    const full: SyncStore = {
      capabilities: memory.capabilities,
      get: (key) => memory.get(key),
      scan: (range) => memory.scan(range),
      write(ops) {
        if (++writes > after) throw new Error("full");
        memory.write(ops);
      },
      flush: () => {},
      close: () => {},
    };
    const open = () => openEngine({ schema, modules, store: full });
    assertThrows(open, Error, "full");
    assert(rows().some((count) => count > 0));
  };
  for (
    const [failing, after, next, left] of [
      [indexed, 2, plain, 0],
      [indexed, 2, indexed, 300],
      [plain, 2, plain, 0],
    ] as const
  ) {
    fail(failing, after);
    openEngine({ schema: next, modules, store: memory });
    assertEquals(rows(), [left, left, left]);
  }
});
