/** What a push says of indexes and components. */
import { assertEquals } from "@std/assert";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import type { LoadedFunctions } from "../../tools/serve/load_functions.ts";
import { componentDiffs, indexDiffs } from "../../tools/serve/push_diff.ts";

const notes = () => defineTable({ text: v.string(), n: v.number() });

function functions(
  table: object | undefined,
  components: string[] = [],
): LoadedFunctions {
  const backend = { modules: {}, schema: undefined };
  return {
    modules: {},
    schema: table && defineSchema({ notes: table as never }),
    authConfig: undefined,
    components: Object.fromEntries(components.map((path) => [path, backend])),
  };
}

Deno.test("a push says which indexes are new, gone, others, staged and enabled", () => {
  const before = notes().index("same", ["n"]).index("other", ["n"])
    .index("enabled", { fields: ["n"], staged: true }).index("staged", ["text"])
    .searchIndex("gone", { searchField: "text", filterFields: ["n"] });
  const after = notes().index("same", ["n"]).index("other", ["n", "text"])
    .index("enabled", ["n"]).index("staged", { fields: ["text"], staged: true })
    .vectorIndex("near", { vectorField: "text", dimensions: 2 } as never);
  const database = (name: string, fields: string[], staged = false) => ({
    ...{ name: `notes.${name}`, type: "database" },
    fields: [...fields, "_creationTime"],
    staged,
  });
  const gone = {
    ...{ name: "notes.gone", type: "search", searchField: "text" },
    ...{ filterFields: ["n"], staged: false },
  };
  const near = {
    ...{ name: "notes.near", type: "vector", vectorField: "text" },
    ...{ dimensions: 2, filterFields: [], staged: false },
  };
  const diff = (from?: object, to?: object) =>
    indexDiffs(functions(from), functions(to))[""];
  assertEquals(diff(before, after), {
    added_indexes: [near, database("other", ["n", "text"])],
    removed_indexes: [gone, database("other", ["n"])],
    enabled_indexes: [database("enabled", ["n"])],
    disabled_indexes: [database("staged", ["text"], true)],
  });
  const none = {
    ...{ added_indexes: [], removed_indexes: [] },
    ...{ enabled_indexes: [], disabled_indexes: [] },
  };
  assertEquals(diff(before, before), none);
  assertEquals(diff(undefined, undefined), none);
});

Deno.test("a push says which components are new, and which are gone", () => {
  const diffs = componentDiffs(
    functions(undefined, ["old", "stays"]),
    functions(undefined, ["stays", "new", "new/own"]),
  ) as { [path: string]: { diffType: { type: string } } };
  assertEquals(
    Object.entries(diffs).map(([path, { diffType }]) => [path, diffType.type]),
    [
      ["", "modify"],
      ["old", "unmount"],
      ["stays", "modify"],
      ["new", "create"],
      ["new/own", "create"],
    ],
  );
});
