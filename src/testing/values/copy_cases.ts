import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ValueError } from "../../errors.ts";
import { compileCopier } from "../../values/copier.ts";
import { copyArgs, copyValue } from "../../values/copy.ts";
import { VALUE_LIMITS } from "../../values/limits.ts";
import type { Value } from "../../values/types.ts";
import { randomValue, withSeed } from "../support/random.ts";
import type { ContractCase } from "../types.ts";
import { assertSameValue, bytesOf } from "./support.ts";

/** Fails unless the copy is refused with the code and the texts. */
function assertRefused(input: unknown, ...texts: string[]): void {
  const error = assertThrows(() => copyArgs(input, "args"), ValueError);
  assertEquals((error as ValueError).code, "INVALID_VALUE");
  for (const text of texts) assertStringIncludes(error.message, text);
  assert(error.message.length < 1200, "the message is cut");
}

/** Arrays nested to a given depth. */
function nested(levels: number): Value {
  let value: Value = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
}

class Point {
  x = 1;
}

/** Cases of the checked copy. */
export const copyCases: ContractCase<void>[] = [
  {
    name: "a copy equals its input and shares nothing with it",
    run() {
      const input = { a: [{ b: bytesOf(1, 2) }], c: { d: "x" } };
      const copy = copyArgs(input, "args") as typeof input;
      assertSameValue(copy, input);
      input.a[0]!.b = bytesOf(9);
      input.c.d = "changed";
      input.a.push({ b: bytesOf() });
      assertSameValue(copy, { a: [{ b: bytesOf(1, 2) }], c: { d: "x" } });
    },
  },
  {
    name: "places of an array that were never set become null, as on Convex",
    run() {
      const list: Value[] = ["a"];
      list[2] = "b";
      assertSameValue(copyArgs({ list }, "args"), { list: ["a", null, "b"] });
      assertSameValue(copyValue(Array(2), "value"), [null, null]);
    },
  },
  {
    name: "bytes are copied, not shared",
    run() {
      const bytes = bytesOf(1, 2);
      const copy = copyValue(bytes, "value");
      new Uint8Array(bytes)[0] = 9;
      assertSameValue(copy, bytesOf(1, 2));
    },
  },
  {
    name: "random values are copied exactly",
    run() {
      withSeed(0x5eed07, (random) => {
        for (let i = 0; i < 300; i++) {
          const value = randomValue(random);
          assertSameValue(copyValue(value, "value"), value);
        }
      });
    },
  },
  {
    name:
      "elements of an array are copied by their own names, not by those of the element before",
    run() {
      const copier = compileCopier({ type: "any" }, {
        tableOfId: () => undefined,
        limits: VALUE_LIMITS,
        sorted: true,
      });
      const copy = (value: unknown) =>
        copier(value, { bytes: 0, special: false, limits: VALUE_LIMITS });
      const shapes: { [name: string]: unknown }[] = [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
        { b: 5, a: 6 },
        { a: 7 },
        {},
        { a: 8, b: 9, c: { b: 1, a: [{ z: 1, y: 2 }] } },
        { a: 8, b: undefined },
        { a: 1, b: 2, [Symbol("hidden")]: 3 },
      ];
      for (const one of shapes) {
        for (const other of shapes) {
          const list = [one, other, one];
          const copied = copy(list);
          assertEquals(
            JSON.stringify(copied),
            JSON.stringify(copyValue(list, "list")),
          );
          for (const element of copied as object[]) {
            assertEquals(Object.getOwnPropertySymbols(element), []);
            assert(!list.includes(element as typeof one));
          }
        }
        for (const name of ["$a", "b\n"]) {
          assertEquals(copy([one, { ...one, [name]: 1 }]), undefined);
        }
      }
    },
  },
  {
    name: "undefined members are dropped, and no arguments are empty ones",
    run() {
      const copy = copyArgs({ a: undefined, b: { c: undefined } }, "args");
      assertEquals(Object.keys(copy), ["b"]);
      assertEquals(Object.keys(copy.b as object), []);
      assertEquals(copyArgs(undefined, "args"), {});
    },
  },
  {
    name: "arguments that are no plain object are refused",
    run() {
      for (const input of [null, 1, "a", [], new Map(), bytesOf()]) {
        assertRefused(input, "args", "must be an object");
      }
    },
  },
  {
    name: "what Convex cannot hold is refused with its path",
    run() {
      const at = (value: unknown) => ({ list: [{ ok: 1 }, { value }] });
      const path = "args.list[1].value";
      assertRefused(at(new Date(0)), path, 'Date "1970-01-01T00:00:00.000Z"');
      assertRefused(
        at(new Map()),
        path,
        "Map[] is not a supported Convex type",
      );
      assertRefused(
        at(new Set()),
        path,
        "Set[] is not a supported Convex type",
      );
      assertRefused(
        at(new Point()),
        path,
        'Point {"x":1} is not a supported Convex type (present at path .list[1].value in original object {"list":[{"ok":1},{"value":{"x":1}}]})',
        "https://docs.convex.dev/using/types",
      );
      assertRefused(at(new Uint8Array(3)), path, "is not a supported");
      assertRefused(at(new Float32Array(3)), path, "is not a supported");
      assertRefused(at(Promise.resolve()), path, "Promise {} is not");
      assertRefused(at(() => 1), path, 'Function "[Function]" is not');
      assertRefused(at(Symbol("s")), path, 'Symbol "Symbol(s)" is not');
      assertRefused({ a: [1, undefined] }, "args.a[1]", "undefined is not");
      assertRefused(
        { a: 2n ** 63n },
        "args.a",
        "9223372036854775808 does",
        "64-bit",
      );
    },
  },
  {
    name: "field names that Convex does not take are refused",
    run() {
      assertRefused({ a: { $b: 1 } }, "args.a", "$b", "reserved");
      assertRefused({ é: 1 }, "args", "'é'", "ASCII");
      assertRefused({ "a\n": 1 }, "invalid character");
      assertRefused({ ["n".repeat(1025)]: 1 }, "1024", "1025");
      assertRefused(JSON.parse('{"__proto__": 1}'), "__proto__");
      const long = "n".repeat(1024);
      assertSameValue(copyArgs({ [long]: 1 }, "args"), { [long]: 1 });
    },
  },
  {
    name: "half a surrogate pair is refused, a whole one is not",
    run() {
      assertRefused({ a: ["ok", "cut \ud83d"] }, "args.a[1]", "surrogate");
      assertSameValue(copyValue("\u{1f600}", "text"), "\u{1f600}");
    },
  },
  {
    name: "nesting of 64 levels passes, 65 and a cycle are refused",
    run() {
      assertSameValue(copyValue(nested(64), "value"), nested(64));
      assertThrows(() => copyValue(nested(65), "value"), ValueError, "64");
      const cycle: { self?: unknown } = {};
      cycle.self = [cycle];
      assertRefused(cycle, "refers to itself");
      const list: unknown[] = [];
      list.push(list, { list });
      assertRefused(list, "must be an object");
      assertRefused({ a: [{ list }] }, "args.a[0].list[0]", "itself");
    },
  },
  {
    name: "arrays of 8192 and objects of 1024 fields pass, one more does not",
    run() {
      const fields = (count: number) =>
        Object.fromEntries(
          Array.from({ length: count }, (_, i) => [`f${i}`, i]),
        );
      assertEquals(
        (copyValue(Array(8192).fill(1), "value") as Value[]).length,
        8192,
      );
      assertThrows(
        () => copyValue(Array(8193).fill(1), "value"),
        ValueError,
        "Array length is too long (8193 > maximum length 8192)",
      );
      assertEquals(Object.keys(copyArgs(fields(1024), "args")).length, 1024);
      assertRefused(
        fields(1025),
        "Object has too many fields (1025 > maximum number 1024)",
      );
    },
  },
  {
    name: "shared references that unfold without end are refused in time",
    run() {
      let shared: unknown = Array(8192).fill("x");
      for (let level = 0; level < 3; level++) {
        shared = Array(8192).fill(shared);
      }
      assertRefused({ shared }, "more than 16777216 values");
    },
  },
  {
    name: "a transferred ArrayBuffer is refused",
    run() {
      const bytes = bytesOf(1);
      structuredClone(bytes, { transfer: [bytes] });
      assertRefused({ bytes }, "args.bytes", "detached");
    },
  },
  {
    name: "objects without a prototype are plain, and copies are ordinary",
    run() {
      const bare = Object.assign(Object.create(null), { a: 1 });
      const copy = copyArgs(bare, "args");
      assertEquals(Object.getPrototypeOf(copy), Object.prototype);
      assertSameValue(copy, { a: 1 });
    },
  },
  {
    name: "long paths and values are cut in the message",
    run() {
      const name = "n".repeat(1000);
      assertRefused({ [name]: { [name]: new Date(NaN) } }, "Date null is not");
      assertRefused({ a: "x".repeat(10_000) + "\ud800" }, "…");
    },
  },
];
