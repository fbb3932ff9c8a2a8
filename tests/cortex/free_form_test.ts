import { assertEquals } from "@std/assert";
import { decodeMetadata, metadataArgs } from "../../src/cortex/free_form.ts";

Deno.test("metadataArgs() sends natively what Convex carries, with ISO dates and without undefined", () => {
  assertEquals(metadataArgs(undefined), {});
  assertEquals(
    metadataArgs({ at: new Date(0), none: undefined, list: [{ a: 1n }] }),
    { metadata: { at: "1970-01-01T00:00:00.000Z", list: [{ a: 1n }] } },
  );
});

for (const name of ["$set", "_id", "größe", ""]) {
  Deno.test(`metadataArgs() sends a field named ${JSON.stringify(name)} as text, and decodeMetadata() brings it back`, () => {
    const metadata = { deep: [{ [name]: 1 }] };
    const args = metadataArgs(metadata);
    assertEquals(args, { metadataJson: JSON.stringify(metadata) });
    assertEquals(
      decodeMetadata([{ messages: [{ id: "m", ...args }] }]) as unknown,
      [{ messages: [{ id: "m", metadata }] }],
    );
  });
}

Deno.test("decodeMetadata() leaves the caller's own data alone", () => {
  const row = { metadata: { metadataJson: "{not ours" }, embedding: [1, 2] };
  assertEquals(decodeMetadata(structuredClone(row)), row);
});
