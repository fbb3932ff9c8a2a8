import { assertStrictEquals, assertThrows } from "@std/assert";
import vm from "node:vm";
import { ValueError } from "../../src/errors.ts";
import { assertSameValue, bytesOf } from "../../src/testing/values/support.ts";
import { compareValues } from "../../src/values/compare.ts";
import { copyArgs } from "../../src/values/copy.ts";
import { parseValue, stringifyValue } from "../../src/values/json.ts";
import { encodeKey } from "../../src/values/key.ts";
import { valueSize } from "../../src/values/size.ts";
import type { Value } from "../../src/values/types.ts";

/** Makes a value in another realm, where it has another Object and another ArrayBuffer. */
function foreign(source: string): Value {
  return vm.runInNewContext(`(${source})`);
}

Deno.test("values of another realm are values", () => {
  const value = foreign("{ a: [1, { b: 'x' }], c: new ArrayBuffer(2) }");
  assertStrictEquals(Object.getPrototypeOf(value) === Object.prototype, false);
  const own = { a: [1, { b: "x" }], c: bytesOf(0, 0) };
  const copy = copyArgs(value, "args");
  assertStrictEquals(Object.getPrototypeOf(copy), Object.prototype);
  assertSameValue(parseValue(stringifyValue(value)), own);
  assertStrictEquals(compareValues(value, own), 0);
  assertStrictEquals(encodeKey([value]), encodeKey([own]));
  assertStrictEquals(valueSize(value), valueSize(own));
});

Deno.test("class instances of another realm are refused", () => {
  for (const source of ["new Date(0)", "new Map()", "new (class Point {})()"]) {
    assertThrows(
      () => copyArgs({ a: foreign(source) }, "args"),
      ValueError,
      "is not a supported Convex type",
    );
  }
});
