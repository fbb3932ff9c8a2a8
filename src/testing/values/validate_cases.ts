import { assertStrictEquals } from "@std/assert";
import type { Value } from "../../values/types.ts";
import { validateValue, type ValidatorJson } from "../../values/validate.ts";
import type { ContractCase } from "../types.ts";
import { bytesOf, show } from "./support.ts";

const options = {
  tableOfId: (id: string) => id.startsWith("id_") ? id.slice(3) : undefined,
};

function check(validator: ValidatorJson, value: Value | undefined) {
  return validateValue(validator, value, options);
}

function assertAccepts(validator: ValidatorJson, ...values: Value[]): void {
  for (const value of values) {
    assertStrictEquals(
      check(validator, value)?.message,
      undefined,
      show(value),
    );
  }
}

function assertRefuses(
  validator: ValidatorJson,
  ...values: (Value | undefined)[]
): void {
  for (const value of values) {
    assertStrictEquals(typeof check(validator, value), "object", show(value));
  }
}

function assertProblem(
  validator: ValidatorJson,
  value: Value | undefined,
  path: string,
  message: string,
): void {
  const problem = check(validator, value);
  assertStrictEquals(problem?.message, message);
  assertStrictEquals(problem?.path, path);
}

const STRING: ValidatorJson = { type: "string" };
const NUMBER: ValidatorJson = { type: "number" };

function object(
  required: { [name: string]: ValidatorJson },
  optional: { [name: string]: ValidatorJson } = {},
): ValidatorJson {
  const fields = (
    from: { [name: string]: ValidatorJson },
    isOptional: boolean,
  ) =>
    Object.entries(from).map(([name, fieldType]) => [name, {
      fieldType,
      optional: isOptional,
    }]);
  return {
    type: "object",
    value: Object.fromEntries([
      ...fields(required, false),
      ...fields(optional, true),
    ]),
  };
}

/** One value of each kind. */
const KINDS: { [type: string]: Value } = {
  null: null,
  bigint: 1n,
  number: 1,
  boolean: true,
  string: "a",
  bytes: bytesOf(1),
  array: [],
  object: {},
};

/** Cases of the validators. */
export const validateCases: ContractCase<void>[] = [
  {
    name: "each simple validator takes its own kind only",
    run() {
      const types = ["null", "bigint", "number", "boolean", "string", "bytes"];
      for (const type of types as ("null" | "bytes")[]) {
        for (const [kind, value] of Object.entries(KINDS)) {
          if (kind === type) assertAccepts({ type }, value);
          else assertRefuses({ type }, value);
        }
        assertRefuses({ type }, undefined);
      }
    },
  },
  {
    name: "any takes every value, but not a missing one",
    run() {
      assertAccepts({ type: "any" }, ...Object.values(KINDS));
      assertRefuses({ type: "any" }, undefined);
    },
  },
  {
    name: "literals match by type and value",
    run() {
      assertAccepts({ type: "literal", value: "a" }, "a");
      assertRefuses({ type: "literal", value: "a" }, "b", 1, null, undefined);
      assertAccepts({ type: "literal", value: 0 }, 0);
      assertRefuses({ type: "literal", value: 0 }, -0, 0n, false);
      const one: ValidatorJson = {
        type: "literal",
        value: { $integer: "AQAAAAAAAAA=" },
      };
      assertAccepts(one, 1n);
      assertRefuses(one, 1, 2n);
    },
  },
  {
    name: "ids must belong to the table",
    run() {
      const id: ValidatorJson = { type: "id", tableName: "users" };
      assertAccepts(id, "id_users");
      assertRefuses(id, "id_posts", "no id", 1, null);
    },
  },
  {
    name: "functions are given by their handles",
    run() {
      const handle: ValidatorJson = {
        type: "function",
        fnType: "mutation",
        args: object({ n: NUMBER }),
      };
      assertAccepts(handle, "function://;notes:add", "function://a/b;c:d");
      assertRefuses(handle, "notes:add", "", 1, null, {}, undefined);
      assertProblem(
        object({ then: handle }),
        { then: "notes:add" },
        ".then",
        'Value does not match validator.\nPath: .then\nValue: "notes:add"\nValidator: v.function()',
      );
    },
  },
  {
    name: "arrays check every element and name the wrong one",
    run() {
      const array: ValidatorJson = { type: "array", value: STRING };
      assertAccepts(array, [], ["a", "b"]);
      assertRefuses(array, "a", {}, null);
      assertProblem(
        array,
        ["a", 1],
        "[1]",
        "Value does not match validator.\nPath: [1]\nValue: 1.0\nValidator: v.string()",
      );
    },
  },
  {
    name: "numbers are shown as Convex shows them",
    run() {
      const shown: [number, string][] = [
        [-0, "-0.0"],
        [1.5, "1.5"],
        [0.0001, "0.0001"],
        [0.00005, "5e-5"],
        [9007199254740992, "9007199254740992.0"],
        [1e16, "1e16"],
        [-1.25e21, "-1.25e21"],
        [-Infinity, "-inf"],
        [NaN, "NaN"],
      ];
      for (const [value, text] of shown) {
        assertProblem(
          object({ x: STRING }),
          { x: value },
          ".x",
          `Value does not match validator.\nPath: .x\nValue: ${text}\nValidator: v.string()`,
        );
      }
    },
  },
  {
    name: "objects demand required fields and allow optional ones to be absent",
    run() {
      const shape = object({ a: STRING }, { b: NUMBER });
      assertAccepts(shape, { a: "x" }, { a: "x", b: 1 }, {
        a: "x",
        b: undefined,
      });
      assertRefuses(shape, {}, { b: 1 }, { a: "x", b: "y" }, [], null, "a");
    },
  },
  {
    name: "a missing field has Convex's text",
    run() {
      assertProblem(
        object({ x: STRING }),
        {},
        "",
        "Object is missing the required field `x`. Consider wrapping the field validator in `v.optional(...)` if this is expected.\n\nObject: {}\nValidator: v.object({x: v.string()})",
      );
    },
  },
  {
    name: "an extra field has Convex's text",
    run() {
      assertProblem(
        object({ x: STRING }),
        { x: "a", y: 1 },
        "",
        'Object contains extra field `y` that is not in the validator.\n\nObject: {x: "a", y: 1.0}\nValidator: v.object({x: v.string()})',
      );
    },
  },
  {
    name: "the fields of a validator are shown sorted by name, as on Convex",
    run() {
      assertProblem(
        object({ b: STRING, a: object({ d: NUMBER, c: NUMBER }) }),
        { a: { c: 2, d: 1 }, b: "x", extra: 1 },
        "",
        'Object contains extra field `extra` that is not in the validator.\n\nObject: {a: {c: 2.0, d: 1.0}, b: "x", extra: 1.0}\nValidator: v.object({a: v.object({c: v.float64(), d: v.float64()}), b: v.string()})',
      );
    },
  },
  {
    name: "the path to an object with a wrong field follows the text at once",
    run() {
      const validator = object({ a: object({ x: STRING }) });
      assertProblem(
        validator,
        { a: {} },
        ".a",
        "Object is missing the required field `x`. Consider wrapping the field validator in `v.optional(...)` if this is expected.\nPath: .a\nObject: {}\nValidator: v.object({x: v.string()})",
      );
      assertProblem(
        validator,
        { a: { x: "a", y: "b" } },
        ".a",
        'Object contains extra field `y` that is not in the validator.\nPath: .a\nObject: {x: "a", y: "b"}\nValidator: v.object({x: v.string()})',
      );
    },
  },
  {
    name: "another value than a literal has Convex's text",
    run() {
      assertProblem(
        object({ kind: { type: "literal", value: "a" } }),
        { kind: "b" },
        ".kind",
        '`"b"` does not match literal validator `v.literal("a")`.\nPath: .kind',
      );
    },
  },
  {
    name: "a wrong value has Convex's text, with the path to it",
    run() {
      assertProblem(
        object({ x: STRING }),
        { x: 1 },
        ".x",
        "Value does not match validator.\nPath: .x\nValue: 1.0\nValidator: v.string()",
      );
      assertProblem(
        object({ a: { type: "array", value: object({ b: NUMBER }) } }),
        { a: [{ b: 1 }, { b: "no" }] },
        ".a[1].b",
        'Value does not match validator.\nPath: .a[1].b\nValue: "no"\nValidator: v.float64()',
      );
    },
  },
  {
    name: "an id of another table has Convex's text",
    run() {
      assertProblem(
        object({ u: { type: "id", tableName: "b" } }),
        { u: "id_a" },
        ".u",
        'Found ID "id_a" from table `a`, which does not match the table name in validator `v.id("b")`.\nPath: .u',
      );
    },
  },
  {
    name: "names of Object.prototype are fields like others",
    run() {
      assertRefuses(object({ a: STRING }), { a: "x", constructor: "y" });
      assertRefuses(object({ toString: STRING }), {});
      assertAccepts(object({ toString: STRING }), { toString: "x" });
      assertAccepts(object({}, { constructor: STRING }), {});
    },
  },
  {
    name: "unions take what any member takes, and are blamed as a whole",
    run() {
      const union: ValidatorJson = {
        type: "union",
        value: [STRING, { type: "null" }, object({ a: NUMBER })],
      };
      assertAccepts(union, "x", null, { a: 1 });
      assertProblem(
        union,
        { a: "x" },
        "",
        'Value does not match validator.\n\nValue: {a: "x"}\nValidator: v.union(v.string(), v.null(), v.object({a: v.float64()}))',
      );
      assertRefuses({ type: "union", value: [] }, null);
    },
  },
  {
    name: "records check every name and value",
    run() {
      const record: ValidatorJson = {
        type: "record",
        keys: { type: "id", tableName: "users" },
        values: { fieldType: NUMBER, optional: false },
      };
      assertAccepts(record, {}, { id_users: 1 }, { id_users: undefined });
      assertStrictEquals(check(record, { id_posts: 1 })?.path, ".keys()");
      assertStrictEquals(check(record, { id_users: "x" })?.path, ".values()");
      assertRefuses(record, [], null, "id_users", bytesOf());
    },
  },
  {
    name: "messages cut large values and validators",
    run() {
      const fields = Object.fromEntries(
        Array.from({ length: 500 }, (_, i) => [`field${i}`, STRING]),
      );
      const problem = check(object(fields), { field0: "x".repeat(5000) })!;
      assertStrictEquals(problem.message.length < 800, true);
    },
  },
];
