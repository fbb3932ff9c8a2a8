import { assertEquals } from "@std/assert";
import {
  dependentsOf,
  spaceFields,
  untraced,
  userFields,
} from "../../src/convex/lib/traces.ts";

Deno.test("every field of the schema that names a user is one by which erasure finds its rows", () => {
  assertEquals(untraced(userFields()), []);
});

Deno.test("every table of a memory space is one whose rows go with the space", () => {
  assertEquals(untraced(spaceFields()), []);
});

Deno.test("tables that hold users' rows are known", () => {
  const tables = new Set<string>(userFields().map(({ table }) => table));
  for (
    const table of [
      "conversations",
      "factHistory",
      "facts",
      "immutable",
      "memories",
      "messages",
      "mutable",
    ]
  ) assertEquals([table, tables.has(table)], [table, true]);
});

Deno.test("rows that belong to another row are found by it", () => {
  const dependents = dependentsOf("memories");
  assertEquals(untraced(dependents), []);
  assertEquals(
    dependents.map(({ table }) => table as string).sort().slice(0, 2),
    ["memoryEmbeddings", "memoryEmbeddingsWide"],
  );
  assertEquals(
    dependentsOf("conversations").map(({ table }) => table as string),
    ["messages"],
  );
});
