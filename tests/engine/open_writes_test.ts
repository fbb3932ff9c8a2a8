/** What opening an engine writes. */
import { assertEquals } from "@std/assert";
import { defineSchema, defineTable, mutationGeneric } from "convex/server";
import { v } from "convex/values";
import { openEngine } from "../../src/embedded/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import type { SyncStore } from "../../src/store/types.ts";

const schema = defineSchema({
  notes: defineTable({ text: v.string() }).index("by_text", ["text"]),
});
const modules = {
  "notes.ts": {
    add: mutationGeneric((ctx) => ctx.db.insert("notes", { text: "a" })),
  },
};

/** Opens an app with components, and returns how often it wrote. */
async function writesOfOpening(inner: SyncStore): Promise<number> {
  let writes = 0;
  const store: SyncStore = {
    capabilities: inner.capabilities,
    get: (key) => inner.get(key),
    scan: (range) => inner.scan(range),
    write(ops) {
      writes++;
      inner.write(ops);
    },
    flush: () => inner.flush(),
    close() {},
  };
  const component = { schema, modules };
  const engine = await openEngine({
    store,
    schema,
    modules,
    components: { a: component, "a/b": component, c: component },
  });
  const opening = writes;
  await engine.mutation("notes:add", {});
  await engine.close();
  return opening;
}

Deno.test("opening stores the tables of all components in one write, and unchanged ones in none", async () => {
  const store = openMemoryStore();
  assertEquals(await writesOfOpening(store), 1);
  assertEquals(await writesOfOpening(store), 0);
});
