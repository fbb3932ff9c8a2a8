import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { compareValues } from "../../values/compare.ts";
import { decodeId, encodeId } from "../../values/id.ts";
import { encodeKey, prefixEnd } from "../../values/key.ts";
import { valueSize } from "../../values/size.ts";
import type { Value } from "../../values/types.ts";
import { randomValue, seededRandom, withSeed } from "../support/random.ts";
import type { ContractCase } from "../types.ts";
import { bytesOf, show } from "./support.ts";

/** Distinct values in Convex's order, smallest first. */
const ASCENDING: (Value | undefined)[] = [
  undefined,
  null,
  -(2n ** 63n),
  -257n,
  -1n,
  0n,
  1n,
  256n,
  2n ** 63n - 1n,
  -Infinity,
  -1e300,
  -1,
  -5e-324,
  -0,
  0,
  5e-324,
  0.5,
  1,
  2 ** 53,
  Infinity,
  NaN,
  false,
  true,
  "",
  "\0",
  "\0a",
  "\x01",
  "B",
  "a",
  "a\0",
  "a\0b",
  "a\x01",
  "aa",
  "b",
  "\x7f",
  "\x80",
  "é",
  "\u07ff",
  "\u0800",
  "\ud7ff",
  "\ud83d",
  "\ufffd",
  "\uffff",
  "\u{10000}",
  "\u{1f600}",
  "\u{1f600}x",
  "\u{1f601}",
  bytesOf(),
  bytesOf(0),
  bytesOf(0, 0),
  bytesOf(0, 255),
  bytesOf(1),
  bytesOf(255),
  [],
  [null],
  [null, null],
  [0n],
  ["a"],
  ["a", ""],
  ["b"],
  [[]],
  {},
  { "": 1 },
  { a: 1 },
  { a: 1, b: 1 },
  { a: 1, c: 0 },
  { a: 2 },
  { b: 0 },
];

const order = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;

/** Public ids of a real deployment, with the numbers of their tables. */
const REAL_IDS: [string, number][] = [
  ["jh7ancgt4t606q85y1a5nkm5e57j6gwm", 10004],
  ["ns7zzaq02jyhcdfwwgjazq6bjh8cb99g", 10158],
];

/** Cases of the order, the keys, the ids and the sizes. */
export const orderCases: ContractCase<void>[] = [
  {
    name: "values order as Convex orders them, across and inside of types",
    run() {
      ASCENDING.forEach((a, i) =>
        ASCENDING.forEach((b, j) =>
          assertStrictEquals(
            compareValues(a, b),
            Math.sign(i - j),
            `${show(a)} and ${show(b)}`,
          )
        )
      );
    },
  },
  {
    name: "keys order as the values they stand for",
    run() {
      ASCENDING.forEach((a, i) =>
        ASCENDING.forEach((b, j) =>
          assertStrictEquals(
            order(encodeKey([a]), encodeKey([b])),
            Math.sign(i - j),
            `${show(a)} and ${show(b)}`,
          )
        )
      );
    },
  },
  {
    name: "no part of a key is a prefix of another one",
    run() {
      for (const a of ASCENDING) {
        for (const b of ASCENDING) {
          if (Object.is(a, b)) continue;
          assert(
            !encodeKey([a]).startsWith(encodeKey([b])),
            `${show(b)} begins ${show(a)}`,
          );
        }
      }
    },
  },
  {
    name: "every character of a key is below U+0100",
    run() {
      for (const character of encodeKey(ASCENDING)) {
        assert(character < "\u0100", character);
      }
    },
  },
  {
    name: "the key of the first parts begins the key of all parts",
    run() {
      withSeed(0x5eed02, (random) => {
        for (let i = 0; i < 200; i++) {
          const parts = Array.from({ length: 3 }, () => randomValue(random));
          const key = encodeKey(parts);
          assert(key.startsWith(encodeKey(parts.slice(0, 2))));
          assertStrictEquals(
            key,
            parts.map((part) => encodeKey([part])).join(""),
          );
        }
      });
    },
  },
  {
    name: "random compound keys order as their parts do, one after another",
    run() {
      withSeed(0x5eed03, (random) => {
        const tuple = () =>
          Array.from({ length: 2 }, () => randomValue(random));
        for (let i = 0; i < 2000; i++) {
          const [a, b] = [tuple(), tuple()];
          // Make equal first parts frequent, so that the second parts decide.
          if (random.below(3) === 0) b[0] = a[0]!;
          const expected = compareValues(a[0], b[0]) ||
            compareValues(a[1], b[1]);
          assertStrictEquals(
            order(encodeKey(a), encodeKey(b)),
            expected,
            `${show(a)} and ${show(b)}`,
          );
        }
      });
    },
  },
  {
    name: "the order of random values is antisymmetric and transitive",
    run() {
      withSeed(0x5eed04, (random) => {
        const values = Array.from({ length: 60 }, () => randomValue(random));
        for (const a of values) {
          for (const b of values) {
            assertStrictEquals(
              compareValues(a, b) + compareValues(b, a),
              0,
              `${show(a)} and ${show(b)}`,
            );
          }
        }
        values.sort(compareValues);
        for (let i = 0; i < values.length; i++) {
          for (let j = i; j < values.length; j++) {
            assert(compareValues(values[i], values[j]) <= 0);
          }
        }
      });
    },
  },
  {
    name: "members that are undefined do not count in order and key",
    run() {
      assertStrictEquals(compareValues({ a: undefined, b: 1 }, { b: 1 }), 0);
      assertStrictEquals(
        encodeKey([{ a: undefined, b: 1 }]),
        encodeKey([{ b: 1 }]),
      );
    },
  },
  {
    name: "prefixEnd is the first key after all keys with the prefix",
    run() {
      assertStrictEquals(prefixEnd("ab"), "ac");
      assertStrictEquals(prefixEnd("a\xff\xff"), "b");
      assertStrictEquals(prefixEnd("\xff"), undefined);
      assertStrictEquals(prefixEnd(""), undefined);
      for (const value of ASCENDING) {
        const prefix = encodeKey([value]);
        const end = prefixEnd(prefix)!;
        assert(prefix + "\xff\xff" < end);
        for (const other of ASCENDING) {
          const key = encodeKey([other, "rest"]);
          assertStrictEquals(
            key >= prefix && key < end,
            Object.is(value, other),
            `${show(other)} in the range of ${show(value)}`,
          );
        }
      }
    },
  },
  {
    name: "ids of a real deployment are read and written",
    run() {
      for (const [id, tableNumber] of REAL_IDS) {
        const decoded = decodeId(id)!;
        assertStrictEquals(decoded.tableNumber, tableNumber);
        assertStrictEquals(encodeId(tableNumber, decoded.bytes), id);
      }
    },
  },
  {
    name: "ids survive for tables of one to five bytes",
    run() {
      const random = seededRandom(0x5eed05);
      const numbers = [
        1,
        127,
        128,
        16383,
        16384,
        2 ** 21,
        2 ** 28,
        2 ** 32 - 1,
      ];
      for (const tableNumber of numbers) {
        const bytes = Uint8Array.from({ length: 16 }, () => random.below(256));
        const id = encodeId(tableNumber, bytes);
        assert(id.length >= 31 && id.length <= 37, id);
        assertEquals(decodeId(id), { tableNumber, bytes });
      }
    },
  },
  {
    name: "a text with one wrong character is no id",
    run() {
      const id = encodeId(10001, new Uint8Array(16).fill(200));
      for (let at = 0; at < id.length; at++) {
        const other = id[at] === "7" ? "8" : "7";
        const wrong = id.slice(0, at) + other + id.slice(at + 1);
        assertStrictEquals(decodeId(wrong), undefined, wrong);
      }
    },
  },
  {
    name: "texts of a wrong length or alphabet are no ids",
    run() {
      const id = encodeId(10001, new Uint8Array(16));
      const wrong = ["", "abc", id.slice(1), id + "0", id.toUpperCase(), "é"];
      for (const text of [...wrong, " ".repeat(32), "0".repeat(32)]) {
        assertStrictEquals(decodeId(text), undefined, text);
      }
    },
  },
  {
    name: "ids of one table order as their bytes",
    run() {
      const random = seededRandom(0x5eed06);
      const bytes = () =>
        Uint8Array.from({ length: 16 }, () => random.below(256));
      for (let i = 0; i < 200; i++) {
        const [a, b] = [bytes(), bytes()];
        assertStrictEquals(
          order(encodeId(10001, a), encodeId(10001, b)),
          compareValues(a.buffer, b.buffer),
        );
      }
    },
  },
  {
    name: "sizes are those that Convex counts",
    run() {
      const sizes: [Value, number][] = [
        [null, 1],
        [true, 1],
        [1, 9],
        [1n, 9],
        ["", 2],
        ["abc", 5],
        ["é€\u{1f600}", 2 + 2 + 3 + 4],
        ["é".repeat(600), 1202],
        // Half a surrogate pair is encoded as U+FFFD, in a long text as in a short one.
        ["\ud83dé", 2 + 3 + 2],
        ["\ud83dé".repeat(300), 2 + 300 * 5],
        [bytesOf(1, 2, 3), 5],
        [[], 2],
        [[1, null], 12],
        [{}, 2],
        [{ ab: 1, c: undefined }, 2 + 3 + 9],
      ];
      for (const [value, size] of sizes) {
        assertStrictEquals(valueSize(value), size, show(value));
      }
    },
  },
];
