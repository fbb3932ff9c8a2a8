import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ValueError } from "../../src/errors.ts";
import {
  decodeMetadata,
  freeFormArgs,
} from "../../src/cortex/rules/free_form.ts";

Deno.test("freeFormArgs() sends natively what Convex carries, with ISO dates and without undefined", () => {
  assertEquals(freeFormArgs("metadata", undefined), {});
  assertEquals(
    freeFormArgs("metadata", {
      at: new Date(0),
      none: undefined,
      list: [{ a: 1n }],
    }),
    { metadata: { at: "1970-01-01T00:00:00.000Z", list: [{ a: 1n }] } },
  );
});

for (const name of ["$set", "_id", "größe", ""]) {
  Deno.test(`freeFormArgs() sends a field named ${JSON.stringify(name)} as text, and decodeMetadata() brings it back`, () => {
    const metadata = { deep: [{ [name]: 1 }] };
    const args = freeFormArgs("metadata", metadata);
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

Deno.test("freeFormArgs() sends as text what is too long, too wide, too deep or half a character", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100; level++) deep = { deep };
  for (
    const metadata of [
      { list: new Array(8193).fill(0) },
      Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [`k${i}`, i])),
      deep,
      { half: "\ud800" },
      JSON.parse('{"__proto__":{"polluted":true},"constructor":{"a":1}}'),
    ]
  ) {
    const args = freeFormArgs("metadata", metadata);
    assertEquals(args, { metadataJson: JSON.stringify(metadata) });
    assertEquals(decodeMetadata({ ...args }) as unknown, { metadata });
  }
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
});

Deno.test("freeFormArgs() refuses what neither Convex nor JSON holds, naming where it is", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = [cycle];
  let shared: unknown = "x";
  for (let level = 0; level < 40; level++) shared = [shared, shared];
  for (
    const [metadata, where, why] of [
      [cycle, "metadata.self.0.self", "holds itself"],
      [shared, "metadata", "values in all"],
      [{ when: new Date(NaN) }, "metadata.when", "Date"],
      [{ größe: 1, a: [5n] }, "metadata.a.0", "5"],
      [{ größe: 1, a: NaN }, "metadata.a", "NaN"],
      [{ größe: 1, a: new ArrayBuffer(2) }, "metadata.a", "JSON"],
      [{ größe: 1, a: new Map() }, "metadata.a", "class Map"],
      [{ größe: 1, a: 1n << 63n }, "metadata.a", "64 bits"],
      [{ größe: 1, a: () => 1 }, "metadata.a", "function"],
      [{ größe: 1, a: new Array(1) }, "metadata.a.0", "undefined"],
    ] as const
  ) {
    const error = assertThrows(
      () => freeFormArgs("metadata", metadata),
      ValueError,
    ) as ValueError;
    assertEquals(error.code, "INVALID_VALUE");
    assertStringIncludes(error.message, where);
    assertStringIncludes(error.message, why);
  }
});
