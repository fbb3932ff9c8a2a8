import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { fingerprint } from "../../src/cortex/calls/fingerprint.ts";

Deno.test("fingerprint() is the same for equal requests", () => {
  for (
    const [one, other] of [
      [{ a: 1, b: [2, { c: 3, d: 4 }] }, { b: [2, { d: 4, c: 3 }], a: 1 }],
      [{ a: 1, b: undefined, c: () => 1 }, { a: 1 }],
      [new Date(5), new Date(5)],
      [new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2]).buffer],
    ]
  ) assertEquals(fingerprint(one), fingerprint(other));
  assertMatch(fingerprint("x"), /^[0-9a-f]{32}$/);
});

Deno.test("fingerprint() differs for different requests", () => {
  const different = [
    undefined,
    null,
    0,
    "0",
    0n,
    "",
    [],
    {},
    [[]],
    [1, 2],
    [2, 1],
    [12],
    { a: 1 },
    { a: "1" },
    { b: 1 },
    { a: { a: 1 } },
    [["a", 1]],
    new Date(0),
    new Date(1),
    new ArrayBuffer(1),
    "a\u{1F600}",
    "a\u{1F601}",
  ];
  const prints = different.map(fingerprint);
  assertEquals(new Set(prints).size, different.length, prints.join("\n"));
  const many = Array.from({ length: 20_000 }, (_, at) => fingerprint({ at }));
  assertEquals(new Set(many).size, many.length);
  assertNotEquals(many[0]!.slice(0, 8), many[0]!.slice(8, 16));
});
