import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  checkTransfer,
  findUncloneable,
} from "../../src/executor/wire/cloneable.ts";
import { localClone } from "../../src/executor/wire/local_clone.ts";
import { separate } from "../../src/executor/wire/sharing.ts";

class Holder {
  task = Promise.resolve();
}

const cyclic: { self?: unknown; list: unknown[] } = { list: [] };
cyclic.self = cyclic;
cyclic.list.push(cyclic, Symbol("s"));

const uncloneable: [string, unknown, string][] = [
  ["a function", () => 1, "v"],
  ["a symbol in a cycle", cyclic, "v.list[1]"],
  ["a member that is no identifier", { "a b": () => 1 }, 'v["a b"]'],
  ["a map's value", new Map([["k", [() => 1]]]), 'v.get("k")[0]'],
  ["a map's key", new Map([[() => 1, 1]]), "v.keys[0]"],
  ["a set's value", new Set([1, () => 1]), "v.values[1]"],
  ["a promise", { a: { b: Promise.resolve() } }, "v.a.b"],
  ["a weak map", [new WeakMap()], "v[0]"],
  ["a class instance's member", { holder: new Holder() }, "v.holder"],
];

for (const [what, value, path] of uncloneable) {
  Deno.test(`${what} is found at ${path}`, () => {
    assertThrows(() => structuredClone(value), DOMException);
    assertEquals(findUncloneable(value, "v")?.path, path);
  });
}

Deno.test("nothing is found in what can be cloned", () => {
  const value = { a: [new Date(), /x/, new Uint8Array(2), new Error("e")] };
  assertEquals(findUncloneable({ ...value, b: value }, "v"), undefined);
});

Deno.test("values of one message are parted, at any depth and through any container", () => {
  const shared = { n: 1 };
  const buffer = new ArrayBuffer(8);
  const groups: unknown[][] = [
    [[shared], [shared]],
    [{ a: { b: shared } }, { c: [shared] }, shared],
    [new Map([["k", shared]]), new Set([shared])],
    [new Uint8Array(buffer), new Uint16Array(buffer)],
  ];
  for (const group of groups) {
    const before = structuredClone(group);
    const first = group[0];
    separate(group);
    assertEquals(group, before);
    assert(group[0] === first, "the first value was copied for nothing");
    const owners = group.map((value) => objectsIn(value));
    owners.forEach((objects, at) => {
      for (const other of owners.slice(at + 1)) {
        assert([...objects].every((object) => !other.has(object)));
      }
    });
  }
});

Deno.test("values are parted from other ones of their message", () => {
  const shared = { n: 1 };
  const values: unknown[] = [1, shared];
  const others: unknown[] = [{ m: 2 }, { shared }];
  const [alone] = others;
  separate(values, others);
  assertEquals(others, [{ m: 2 }, { shared }]);
  assert(values[1] === shared && others[0] === alone);
  assert((others[1] as { shared: unknown }).shared !== shared);
});

Deno.test("values that share nothing are left as they are", () => {
  const values = [{ a: 1 }, [2], "text", 3];
  const before = [...values];
  separate(values);
  assert(values.every((value, at) => value === before[at]));
});

Deno.test("what moved already or is to move twice cannot move", () => {
  const moved = new ArrayBuffer(1);
  structuredClone(moved, { transfer: [moved] });
  const twice = new ArrayBuffer(1);
  assertThrows(() => checkTransfer([moved]), DOMException, "moved before");
  assertThrows(() => checkTransfer([twice, twice]), DOMException, "twice");
  checkTransfer([twice, new ArrayBuffer(0)]);
});

Deno.test("a clone of another realm is given this realm's prototypes", () => {
  const ours = globalThis.structuredClone;
  const value = {
    list: [{ a: 1 }],
    map: new Map([["k", { b: new Set([new Date(3)]) }]]),
    bytes: new Uint8Array([1]),
  };
  const expected = ours(value);
  globalThis.structuredClone =
    ((input: object, options: object) =>
      estrange(ours(input, options))) as typeof structuredClone;
  try {
    const clone = localClone(value);
    assertEquals(clone, expected);
    assert(Object.getPrototypeOf(clone.list[0]) === Object.prototype);
    assert(clone.map.get("k")?.b instanceof Set);
    assert(clone.list instanceof Array && clone.bytes instanceof Uint8Array);
  } finally {
    globalThis.structuredClone = ours;
  }
});

/** Puts another prototype before every object's own, as a realm of its own would have. */
function estrange<Value extends object>(root: Value): Value {
  for (const object of objectsIn(root)) {
    const own = Object.getPrototypeOf(object);
    Object.setPrototypeOf(object, Object.create(own));
  }
  return root;
}

function objectsIn(root: unknown, found = new Set<object>()): Set<object> {
  if (typeof root !== "object" || root === null || found.has(root)) {
    return found;
  }
  found.add(root);
  if (ArrayBuffer.isView(root)) objectsIn(root.buffer, found);
  else if (root instanceof Map || root instanceof Set) {
    for (const item of root) objectsIn(item, found);
  } else for (const item of Object.values(root)) objectsIn(item, found);
  // The pairs that iterating a map makes are not its own.
  for (const item of found) {
    if (root instanceof Map && Array.isArray(item) && item.length === 2) {
      found.delete(item);
    }
  }
  return found;
}
