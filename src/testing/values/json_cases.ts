import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ValueError } from "../../errors.ts";
import {
  jsonToValue,
  ownJsonToValue,
  parseValue,
  stringifyValue,
  valueToJson,
} from "../../values/json.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import { randomValue, withSeed } from "../support/random.ts";
import type { ContractCase } from "../types.ts";
import { assertSameValue, bytesOf } from "./support.ts";

/** Values and the JSON that Convex's own clients write for them. */
const WIRE_FORMS: [Value, JsonValue][] = [
  [0n, { $integer: "AAAAAAAAAAA=" }],
  [-1n, { $integer: "//////////8=" }],
  [2n ** 63n - 1n, { $integer: "/////////38=" }],
  [-(2n ** 63n), { $integer: "AAAAAAAAAIA=" }],
  [-0, { $float: "AAAAAAAAAIA=" }],
  [NaN, { $float: "AAAAAAAA+H8=" }],
  [Infinity, { $float: "AAAAAAAA8H8=" }],
  [-Infinity, { $float: "AAAAAAAA8P8=" }],
  [bytesOf(), { $bytes: "" }],
  [bytesOf(0, 255, 1), { $bytes: "AP8B" }],
  [{ b: [1n], a: null }, { a: null, b: [{ $integer: "AQAAAAAAAAA=" }] }],
];

/** Invalid Convex JSON. */
const MALFORMED: { [why: string]: JsonValue } = {
  "an integer of 4 bytes": { $integer: "AAAAAA==" },
  "an integer that is no base64": { $integer: "AAAAAAAAAA!=" },
  "an integer that is a number": { $integer: 7 },
  "a float that JSON can hold": { $float: "AAAAAAAA8D8=" },
  "a float of 2 bytes": { $float: "AAA=" },
  "bytes without padding": { $bytes: "AP8" },
  "bytes that are null": { $bytes: null },
  "an unknown special": { $date: "2020" },
  "a set": { $set: [] },
  "a reserved name among others": { $a: 1, b: 2 },
  "a name that is not ASCII": { é: 1 },
  "a name with a control character": { "a\n": 1 },
  "a name of 1025 characters": { ["n".repeat(1025)]: 1 },
};

/** Both ways to convert JSON; the second converts in place. */
const READERS = [
  jsonToValue,
  (json: JsonValue) => ownJsonToValue(structuredClone(json)),
];

/** Cases of the JSON form. */
export const jsonCases: ContractCase<void>[] = [
  {
    name: "JSON of bigint, bytes and special numbers is what Convex writes",
    run() {
      for (const [value, json] of WIRE_FORMS) {
        assertEquals(valueToJson(value), json);
        for (const read of READERS) assertSameValue(read(json), value);
      }
    },
  },
  {
    name: "JSON keeps plain values as they are",
    run() {
      for (const value of [null, true, false, "", "$a", "a\0", 1.5, 0, -7]) {
        assertStrictEquals(valueToJson(value), value);
        for (const read of READERS) assertStrictEquals(read(value), value);
      }
    },
  },
  {
    name: "JSON drops undefined members and sorts fields",
    run() {
      assertStrictEquals(
        JSON.stringify(valueToJson({ c: 1, a: undefined, b: { z: 1, y: 2 } })),
        '{"b":{"y":2,"z":1},"c":1}',
      );
    },
  },
  {
    name: "malformed JSON of values is refused with INVALID_VALUE",
    run() {
      for (const [why, json] of Object.entries(MALFORMED)) {
        for (const read of READERS) {
          const error = assertThrows(
            () => read(json),
            ValueError,
            undefined,
            why,
          );
          assertStrictEquals((error as ValueError).code, "INVALID_VALUE", why);
        }
      }
    },
  },
  {
    name: "__proto__ in JSON is refused and changes no prototype",
    run() {
      for (const read of [jsonToValue, ownJsonToValue]) {
        assertThrows(
          () => read(JSON.parse('{"__proto__":{"admin":true}}')),
          ValueError,
          "__proto__",
        );
      }
    },
  },
  {
    name: "JSON that no other code holds becomes the value itself",
    run() {
      const json: JsonValue = JSON.parse('{"a":[1,{"b":{"$integer":""}}]}');
      const inner = (json as { a: JsonValue[] }).a;
      (inner[1] as { b: JsonValue }).b = { $integer: "AQAAAAAAAAA=" };
      assertStrictEquals(ownJsonToValue(json), json as Value);
      assertEquals(inner as Value[], [1, { b: 1n }]);
    },
  },
  {
    name: "members that a program gave all objects are no fields",
    run() {
      const prototype = Object.prototype as { polluted?: unknown };
      const member = { $integer: "AQAAAAAAAAA=" };
      prototype.polluted = member;
      try {
        for (const read of READERS) {
          const value = read(JSON.parse('{"a":{"b":1}}')) as { a: Value };
          assertStrictEquals(JSON.stringify(value), '{"a":{"b":1}}');
        }
        assertStrictEquals(prototype.polluted, member);
      } finally {
        delete prototype.polluted;
      }
    },
  },
  {
    name: "what is no Convex value is refused by valueToJson",
    run() {
      const wrong = [
        undefined,
        new Date(0),
        new Map(),
        () => 1,
        2n ** 63n,
        {
          $a: 1,
        },
        [undefined],
      ];
      for (const value of wrong as unknown as Value[]) {
        assertThrows(() => valueToJson(value), ValueError);
        assertThrows(() => stringifyValue(value), ValueError);
      }
    },
  },
  {
    name:
      "places of an array that were never set are null in JSON, as on Convex",
    run() {
      const list: number[] = [];
      list[2] = 1;
      assertStrictEquals(stringifyValue({ list }), '{"list":[null,null,1]}');
      assertStrictEquals(stringifyValue(Array(1)), "[null]");
    },
  },
  {
    name: "text of a value is the same whatever the order of its fields",
    run() {
      const text = '{"a":1,"b":{"c":"x","d":{"$float":"AAAAAAAAAIA="}}}';
      assertStrictEquals(
        stringifyValue({ b: { d: -0, c: "x" }, a: 1, z: undefined }),
        text,
      );
      assertStrictEquals(
        stringifyValue({ a: 1, b: { c: "x", d: -0 } }),
        text,
      );
    },
  },
  {
    name: "text that is not JSON is refused with its beginning",
    run() {
      assertThrows(() => parseValue("{oops"), ValueError, "{oops");
    },
  },
  {
    name: "random values survive text and JSON, and their text has no NUL",
    run() {
      withSeed(0x5eed01, (random) => {
        for (let i = 0; i < 500; i++) {
          const value = randomValue(random);
          const text = stringifyValue(value);
          assertSameValue(parseValue(text), value);
          assertSameValue(
            jsonToValue(JSON.parse(JSON.stringify(valueToJson(value)))),
            value,
          );
          assertStrictEquals(text.includes("\0"), false);
          assertStrictEquals(stringifyValue(parseValue(text)), text);
        }
      });
    },
  },
  {
    name: "bytes of 100 000 survive the JSON form",
    run() {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * 7);
      const copy = jsonToValue(valueToJson(bytes.buffer)) as ArrayBuffer;
      assertEquals(new Uint8Array(copy), bytes);
    },
  },
];
