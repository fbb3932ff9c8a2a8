import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as errors from "../../src/errors.ts";
import {
  addCallerStack,
  dataToError,
  errorToData,
  reasonToValue,
  valueToReason,
} from "../../src/executor/wire/error_data.ts";

function cross(error: unknown): Error {
  return dataToError(structuredClone(errorToData(error)));
}

const { CascadeDeletionError, ConvexError, CortexError, ValidationError } =
  errors;
const classes = Object.entries(errors).filter(([name]) =>
  name.endsWith("Error") && !name.startsWith("is")
) as unknown as [string, new (...args: unknown[]) => errors.CortexError][];

for (const [name, Class] of classes) {
  Deno.test(`${name} crosses as itself`, () => {
    const is = (Parent: unknown) =>
      Class === Parent || Class.prototype instanceof (Parent as typeof Class);
    const error = is(ConvexError)
      ? new Class({ code: "GONE", list: [1n] })
      : is(ValidationError)
      ? new Class("message", "SOME_CODE", "a.b")
      : is(CascadeDeletionError)
      ? new Class("message", 7)
      : new Class("SOME_CODE", "message", { data: { a: [1] }, cause: 7 });
    const copy = cross(error) as errors.CortexError;
    assertStrictEquals(copy.constructor, Class);
    assertEquals(
      [copy.name, copy.message, copy.code, copy.data, copy.cause],
      [error.name, error.message, error.code, error.data, error.cause],
    );
    assertEquals(
      [Object.keys(copy).sort(), errors.isCortexError(copy)],
      [Object.keys(error).sort(), true],
    );
    assertStrictEquals(copy.stack, error.stack);
  });
}

Deno.test("a class of somebody else with a name of ours is not ours", () => {
  const error = Object.assign(new Error("x"), { name: "StoreError" });
  const copy = cross(error);
  assertEquals([copy.name, copy instanceof CortexError], ["StoreError", false]);
});

Deno.test("a subclass of ours arrives as its parent under its own name", () => {
  class ShardError extends errors.StoreError {
    override name = "ShardError";
  }
  const copy = cross(new ShardError("SHARD_GONE", "no shard"));
  assert(copy instanceof CortexError);
  assertEquals([copy.name, copy.code], ["ShardError", "SHARD_GONE"]);
});

Deno.test("a ConvexError that crosses twice stays whole", () => {
  const copy = cross(cross(new ConvexError("NOT_FOUND: a")));
  assert(copy instanceof ConvexError);
  assertEquals([copy.data, copy.code], ["NOT_FOUND: a", "NOT_FOUND"]);
});

Deno.test("getters that throw and members that cannot be cloned are left out", () => {
  const error = new TypeError("x");
  Object.defineProperty(error, "code", {
    get() {
      throw new Error("no");
    },
  });
  Object.assign(error, { data: { f: () => 1 }, status: 503, on: () => 1 });
  const copy = cross(error) as Error & { [name: string]: unknown };
  assertEquals(Object.keys(copy), ["status"]);
  assertEquals([copy.status, copy instanceof TypeError], [503, true]);
});

Deno.test("a member named __proto__ changes no prototype", () => {
  const error = new Error("x");
  Object.defineProperty(error, "__proto__", {
    value: { polluted: true },
    enumerable: true,
  });
  const copy = cross(error) as Error & { polluted?: boolean };
  assert(Object.getPrototypeOf(copy) === Error.prototype);
  assertEquals(copy.polluted, undefined);
});

Deno.test("data without a base, as another side may make it, is an Error", () => {
  const error = dataToError({ name: "FarError", message: "far away" });
  assertEquals([error.name, error.message], ["FarError", "far away"]);
});

Deno.test("an abort's reason crosses, whatever it is", () => {
  assertEquals(reasonToValue(valueToReason("text")), "text");
  assertEquals(reasonToValue(valueToReason(undefined)), undefined);
  assertEquals(reasonToValue(valueToReason(() => 1)), undefined);
  const reason = reasonToValue(valueToReason(AbortSignal.abort().reason));
  assert(reason instanceof DOMException);
  assertEquals(reason.name, "AbortError");
});

Deno.test("a chain of fifty causes is cut, not refused", () => {
  let error = new Error("innermost");
  for (let at = 0; at < 50; at++) error = new Error(`${at}`, { cause: error });
  let length = 0;
  for (let at: unknown = cross(error); at instanceof Error; at = at.cause) {
    length++;
  }
  assert(length >= 10 && length < 50, `${length} long`);
});

Deno.test("of a large thrown value only what is shown is written out", () => {
  let written = 0;
  const part = () => ({
    toJSON() {
      written++;
      return "part";
    },
  });
  const of = (thrown: unknown) => errorToData(thrown).message;
  const list = Array.from({ length: 10_000 }, part);
  const start = JSON.stringify(Array(20).fill("part")).slice(0, 80);
  assertEquals([of(list), written <= 81], [`${start}…`, true]);
  written = 0;
  const deep = { list: Array.from({ length: 100 }, () => ({ list })) };
  assertEquals(of(deep).slice(0, 30), '{"list":[{"list":["part","part');
  assert(written <= 10_000, `${written} parts`);
  const members = Object.fromEntries(list.map((one, at) => [`m${at}`, one]));
  written = 0;
  assertEquals(of(members).slice(0, 25), '{"m0":"part","m1":"part",');
  assert(written <= 81, `${written} parts`);
  assertEquals(of("x".repeat(1000)), `"${"x".repeat(79)}…`);
  assertEquals(
    of({ a: [1, "x", null, { b: true }] }),
    '{"a":[1,"x",null,{"b":true}]}',
  );
});

Deno.test("a stack that a hook of others spoils is left out", () => {
  for (const get of [() => [], () => 5, () => fail()]) {
    const origin = Object.defineProperty(new Error(), "stack", { get });
    const error = new Error("kept");
    const { stack } = error;
    addCallerStack(error, origin);
    assertStrictEquals(error.stack, stack);
  }
});

function fail(): never {
  throw new Error("the hook fails");
}
