/** How a value is written to a function's log: as on Convex, which writes it as `object-inspect` of npm does. */
import { assertEquals } from "@std/assert";
import { inspectValue } from "../../src/engine/run/inspect_value.ts";

class Point {
  x = 1;
}
class Tagged {
  get [Symbol.toStringTag]() {
    return "Tag";
  }
}
const circle: { x: number; self?: unknown } = { x: 1 };
circle.self = circle;

const written: [value: unknown, text: string][] = [
  ['it\'s \\ "q"', `'it\\'s \\\\ "q"'`],
  ["\b\f\v\x1f\x00\n\u007f é", "'\\b\\f\\x0B\\x1F\\x00\\n\u007f é'"],
  [-0, "-0"],
  [7n, "7n"],
  [Symbol("s"), "Symbol(s)"],
  [() => 1, "[Function (anonymous)]"],
  [Object.assign(function named() {}, { p: 2 }), "[Function: named] { p: 2 }"],
  [[1, "a", [2]], "[ 1, 'a', [ 2 ] ]"],
  // deno-lint-ignore no-sparse-arrays -- what is missing is written as nothing
  [[, 1, ,], "[ , 1,  ]"],
  [Object.assign([1], { p: 2 }), "[ 1, p: 2 ]"],
  [[], "[]"],
  [{}, "{}"],
  [
    { a: 1, "b-c": [{ d: null }] },
    `{
  a: 1,
  'b-c': [
    {
      d: null
    }
  ]
}`,
  ],
  [
    { 1: 2, $x: 3, "": 4, [Symbol("k")]: 5 },
    `{
  1: 2,
  $x: 3,
  : 4,
  [Symbol(k)]: 5
}`,
  ],
  [
    new Map<unknown, unknown>([[{ a: 1 }, [1]], [2, new Set(["v"])]]),
    `Map (2) {
  { a: 1 } => [ 1 ],
  2 => Set (1) {
    'v'
  }
}`,
  ],
  [new Set(), "Set (0) {}"],
  [new WeakMap(), "WeakMap { ? }"],
  [Promise.resolve(), "Promise [Promise] {}"],
  [new Uint8Array([9]), "Uint8Array [Uint8Array] {\n  0: 9\n}"],
  [new Point(), "Point {\n  x: 1\n}"],
  [new Tagged(), "Tagged [Tag] {}"],
  [Object.create(null), "[Object: null prototype] {}"],
  [
    [Object("s"), Object(1), Object(2n)],
    "[ Object('s'), Object(1), Object(2n) ]",
  ],
  [/re/g, "/re/g"],
  [new Date(NaN), "Invalid Date"],
  [new TypeError("no"), "[TypeError: no]"],
  [
    new Error("a", { cause: new Error("b") }),
    "{ [Error: a] [cause]: [Error: b] }",
  ],
  [
    Object.assign(new Error("a"), { code: { n: 5 } }),
    `{ [Error: a] code: {
    n: 5
  } }`,
  ],
  [circle, "{\n  x: 1,\n  self: [Circular]\n}"],
  [{ inspect: () => "its own" }, "its own"],
  [[[[[[[1]]]]]], "[ [ [ [ [ [Array] ] ] ] ] ]"],
  [{
    get thrown(): never {
      throw new Error("no");
    },
  }, "[Object]"],
];

for (const [at, [value, text]] of written.entries()) {
  Deno.test(`a log has ${text.replace(/\s+/g, " ")} (${at})`, () => {
    assertEquals(inspectValue(value), text);
  });
}

Deno.test("a log has the first 32768 units of a text and how many follow", () => {
  assertEquals(
    inspectValue(`${"x".repeat(32768)}yz`).slice(32760),
    "xxxxxxxxx'... 2 more characters",
  );
});
