/** How long the names of a document's fields may be. */
import { assertEquals } from "@std/assert";
import { mutationGeneric } from "convex/server";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";

Deno.test("a document's own fields have names of 64 characters at most, those within it longer ones", async () => {
  const put = mutationGeneric({
    handler: async (ctx, { name, within = false, changes = false }) => {
      const fields = { [String(name)]: 1 };
      const document = within ? { fields } : fields;
      if (!changes) return await ctx.db.insert("things", document);
      const id = await ctx.db.insert("things", {});
      await ctx.db.patch(id, document);
      return id;
    },
  });
  const engine = openEngine({
    modules: { "things.ts": { put } },
    store: openMemoryStore(),
  });
  const outcome = async (length: number, more = {}) => {
    const name = "a".repeat(length);
    try {
      await engine.mutation("things:put", { name, ...more });
      return "stored";
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  };
  assertEquals(await outcome(64), "stored");
  assertEquals(await outcome(65), "LIMIT_EXCEEDED");
  assertEquals(await outcome(64, { changes: true }), "stored");
  assertEquals(await outcome(65, { changes: true }), "LIMIT_EXCEEDED");
  assertEquals(await outcome(1024, { within: true }), "stored");
  await engine.close();
});
