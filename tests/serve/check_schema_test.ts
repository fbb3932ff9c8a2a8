/** Schemas that Convex does not take when they are pushed. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import cortexSchema from "../../src/convex/schema.ts";
import { checkSchema } from "../../tools/serve/check_schema.ts";
import { loadFunctions } from "../../tools/serve/load_functions.ts";
import { PushReceiver } from "../../tools/serve/push_receiver.ts";

// deno-lint-ignore no-explicit-any -- names that the types do not allow
type Any = any;

Deno.test("schemas are taken whose indexes are of what documents may have, each once", () => {
  const fields = {
    a: v.optional(v.object({ b: v.union(v.null(), v.array(v.float64())) })),
    any: v.any(),
    record: v.record(v.string(), v.object({ x: v.number() })),
    text: v.string(),
  };
  const schema = defineSchema({
    one: defineTable(fields)
      .index("a", ["a.b"])
      .index("b", ["any.x.y" as Any, "text"])
      .index("c", ["record.k.x" as Any])
      .searchIndex("d", { searchField: "text", filterFields: ["a.b"] })
      .vectorIndex("e", { vectorField: "a.b", dimensions: 2 })
      .vectorIndex("f", { vectorField: "a.b", dimensions: 3 }),
    two: defineTable(
      v.union(v.object({ x: v.int64() }), v.object({ y: v.any() })),
    )
      .index("x", ["x"])
      .index("y", ["y" as Any]),
    three: defineTable(v.any()).index("x", ["x"]),
  });
  assertEquals(checkSchema(schema), undefined);
  assertEquals(checkSchema(cortexSchema), undefined);
  assertEquals(checkSchema(undefined), undefined);
  const loose = { one: defineTable(fields).index("z", ["z" as Any]) };
  checkSchema(defineSchema(loose, { schemaValidation: false }));
});

const table = () =>
  defineTable({ a: v.string(), b: v.object({ c: v.array(v.string()) }) });

for (
  const [tables, text] of [
    [
      { t: table().index("x", ["a"]).index("y", ["a"]) },
      'In table "t" index "y" and index "x" have the same fields. Indexes must be unique within a table.',
    ],
    [
      {
        t: table().searchIndex("x", { searchField: "a" })
          .searchIndex("y", { searchField: "a", filterFields: ["a"] }),
      },
      'In table "t" search index "y" and search index "x" have the same `searchField`.',
    ],
    [
      { t: table().index("x", ["a", "b.d" as Any]) },
      'In table "t" the index "x" is invalid because it references the field "b.d" that does not exist.',
    ],
    [
      {
        t: table().searchIndex("x", {
          searchField: "a",
          filterFields: ["z" as Any],
        }),
      },
      'In table "t" the index "x" is invalid because it references the field "z" that does not exist.',
    ],
    [
      { t: table().vectorIndex("x", { vectorField: "b.c", dimensions: 2 }) },
      'In table "t" the vector index "x" is invalid because it references the field "b.c" that is neither an array of float64',
    ],
    [
      { t: defineTable(v.union(v.object({}), v.string()) as Any) },
      "must be an object, a union of objects, or `v.any()`. Found v.union(v.object({}), v.string()).",
    ],
  ] as [Any, string][]
) {
  Deno.test(`a schema is refused: ${text}`, () => {
    assertThrows(() => checkSchema(defineSchema(tables)), Error, text);
  });
}

Deno.test("a push and a folder are refused with such a schema", async () => {
  const twins = `({ tables: [{ tableName: "t", documentType: { type: "any" },
    indexes: ["x", "y"].map((indexDescriptor) => ({ indexDescriptor, fields: ["a"] })),
    searchIndexes: [] }], schemaValidation: true })`;
  const source = `export default { export: () => JSON.stringify(${twins}) };`;
  const environment = "isolate" as const;
  const site = { cloud: "http://127.0.0.1:1", site: "http://127.0.0.1:1" };
  const receiver = new PushReceiver("", site, () => Promise.resolve());
  const part = {
    definition: null,
    dependencies: [],
    schema: { path: "schema.js", source, environment },
    changedModules: [
      { path: "a.js", source: "export const a = 1;", environment },
    ],
  };
  const body = JSON.stringify({
    dryRun: false,
    appDefinition: part,
    componentDefinitions: [],
    nodeDependencies: [],
  });
  const text = "have the same fields";
  await assertRejects(
    () =>
      receiver.take(
        "deploy2/start_push",
        new Request(site.cloud, { method: "POST", body }),
      ),
    Error,
    text,
  );
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/schema.js`, source);
  await Deno.writeTextFile(`${folder}/a.js`, "export const a = 1;");
  await assertRejects(() => loadFunctions(folder, site), Error, text);
  await Deno.remove(folder, { recursive: true });
});
