import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { assert, assertEquals } from "@std/assert";
import { mutationGeneric, queryGeneric } from "convex/server";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { DocumentCache } from "../../src/engine/rows/document_cache.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { roomFor } from "../support/room_for.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import type { SyncStore } from "../../src/store/types.ts";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

const schema = defineSchema({
  pads: defineTable({ text: v.string(), owner: v.string() })
    .searchIndex("by_text", { searchField: "text", filterFields: ["owner"] }),
});
const pads = {
  write: mutationGeneric({
    handler: async (ctx, fields: { text: string; owner: string }) => {
      const pad = await ctx.db.query("pads").first();
      if (pad) await ctx.db.patch(pad._id, fields);
      else await ctx.db.insert("pads", fields);
    },
  }),
  find: queryGeneric({
    handler: async (ctx, { text }: { text: string }) =>
      (await ctx.db.query("pads").withSearchIndex(
        "by_text",
        (q) => q.search("text", text),
      ).collect()).length,
  }),
};

/** A store that counts how often the former row of a text index is asked for: by an index in memory that follows. */
function countingStore(): SyncStore & { asked: number } {
  const store = openMemoryStore();
  const counting = {
    asked: 0,
    capabilities: store.capabilities,
    get(key: string) {
      if (key[0] === "t") counting.asked++;
      return store.get(key);
    },
    scan: store.scan.bind(store),
    write: store.write.bind(store),
    flush: store.flush.bind(store),
    close: store.close.bind(store),
  };
  return counting;
}

for (
  const [what, ownerOf] of [
    ["words", () => "ada"],
    ["filter values", (at: number) => `owner ${at}`],
  ] as const
) {
  Deno.test(`a text index that nobody searches lets go of what has had other ${what}`, async () => {
    const store = countingStore();
    const engine = openEngine({
      schema: schema as unknown as { export(): string },
      modules: { pads },
      store,
    });
    const write = (at: number) =>
      engine.mutation("pads:write", {
        text: `word${at} text${at}`,
        owner: ownerOf(at),
      });
    await write(0);
    assertEquals(await engine.query("pads:find", { text: "word0 x" }), 1);
    for (let at = 1; at < 1500; at++) await write(at);
    store.asked = 0;
    for (let at = 1500; at < 1600; at++) await write(at);
    assertEquals(store.asked, 0);
    assertEquals(await engine.query("pads:find", { text: "word1599 x" }), 1);
    assertEquals(await engine.query("pads:find", { text: "word1598 x" }), 0);
    await engine.close();
  });
}

Deno.test("documents that change for ever take no more memory", () => {
  const cache = new DocumentCache(roomFor(1 << 20));
  const row = JSON.stringify({ _creationTime: 1, text: "a text" });
  const change = (count: number) => {
    for (let at = 0; at < count; at++) {
      const id = `d${at % 100}`;
      cache.forget(id);
      cache.keepWritten(id, row);
    }
    gc();
    return Deno.memoryUsage().heapUsed;
  };
  change(100_000);
  // Room is made once, as when there was no more.
  cache.keepWritten("long", "x".repeat(1 << 20));
  const before = change(100_000);
  const grown = (change(1_000_000) - before) / 2 ** 20;
  assert(grown < 64, `${grown} MiB`);
});
