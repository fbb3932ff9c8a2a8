/** Which names a document's fields may have. */
import { assertEquals } from "@std/assert";
import { defineSchema, defineTable, mutationGeneric } from "convex/server";
import { v } from "convex/values";
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

Deno.test("a schema does not allow names that a document's own fields may not have", async () => {
  const names = ["", "_own", "a".repeat(65), "b-1"];
  const field = v.optional(v.number());
  const schema = defineSchema({
    typed: defineTable(
      Object.fromEntries(names.map((name) => [name, field])),
    ),
    any: defineTable(v.any()),
  });
  const put = mutationGeneric({
    args: { table: v.string(), name: v.string() },
    handler: (ctx, { table, name }) => ctx.db.insert(table, { [name]: 1 }),
  });
  const engine = openEngine({
    schema,
    modules: { "things.ts": { put } },
    store: openMemoryStore(),
  });
  for (const table of ["typed", "any"]) {
    const codes = names.map(async (name) => {
      try {
        await engine.mutation("things:put", { table, name });
        return "stored";
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
    });
    assertEquals(await Promise.all(codes), [
      "DOCUMENT_VALIDATION",
      "DOCUMENT_VALIDATION",
      "LIMIT_EXCEEDED",
      "stored",
    ]);
  }
  await engine.close();
});
