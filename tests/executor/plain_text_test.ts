import { assert, assertEquals } from "@std/assert";
import { isPlain, PlainText } from "../../src/executor/wire/plain_text.ts";
import { describe } from "../../src/testing/executor/value_contract.ts";
import { seededFractions } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

const scale = testScale();
const seed = testSeed();

const LEAVES: readonly unknown[] = [
  ...[0, 1, -1, 0.1, 1e21, 2 ** 31, -(2 ** 53), "", "a", "\ud83d", "é", "k1"],
  ...[true, false, null],
];
const ODD: readonly unknown[] = [
  ...[-0, NaN, Infinity, undefined, 5n, new Date(3), new Map(), /x/],
];

/** A value of a few parts; now and then one of them is none that JSON has, or is met twice. */
function make(random: () => number, depth: number, made: object[]): unknown {
  const pick = (list: readonly unknown[]) =>
    list[Math.floor(random() * list.length)];
  const dice = random();
  if (dice < 0.01) return pick(ODD);
  if (dice < 0.02 && made.length > 0) return pick(made);
  if (depth === 0 || dice < 0.5) return pick(LEAVES);
  const size = Math.floor(random() * 4);
  const parts = Array.from(
    { length: size },
    () => make(random, depth - 1, made),
  );
  const value: object = dice < 0.75 ? parts : Object.fromEntries(
    parts.map((part) => [pick(["a", "b", "1", "__proto__", "toJSON"]), part]),
  );
  if (dice > 0.99 && size > 0) delete (value as unknown[])[0];
  made.push(value);
  return value;
}

Deno.test("what crosses as text arrives as its clone", () => {
  const random = seededFractions(seed);
  let texts = 0;
  const count = Math.ceil(200_000 * scale);
  for (let at = 0; at < count; at++) {
    const value = make(random, 4, []);
    if (!isPlain(value)) continue;
    texts++;
    assertEquals(
      describe(JSON.parse(JSON.stringify(value))),
      describe(structuredClone(value)),
      `replay with CORTEX_TEST_SEED=${seed}`,
    );
  }
  assert(texts > count / 2, `${texts} of ${count} were plain`);
});

Deno.test("what JSON would change is no plain value", () => {
  const twice = {};
  const cycle: unknown[] = [];
  cycle.push([cycle]);
  const changed = [
    ...[...ODD, () => 1, Symbol("s"), [undefined], { a: undefined }, [-0]],
    ...[new Array(2), Object.assign([1], { extra: 1 }), [twice, twice], cycle],
    ...[new Uint8Array(1), new Error("e"), Object(1), new (class A {})()],
    ...[{ toJSON: 1 }, ["x".repeat(3000)], new Array(1000).fill(0)],
  ];
  for (const value of changed) {
    assert(!isPlain(value), describe(value));
    assert(!isPlain({ deep: [value] }), describe(value));
  }
});

Deno.test("values that are never plain are seldom looked at", () => {
  const text = new PlainText();
  let looks = 0;
  const value = {
    get odd() {
      looks++;
      return undefined;
    },
  };
  for (let at = 0; at < 1000; at++) {
    assertEquals(text.ofAll([value, 1]), undefined);
  }
  assert(looks < 30, `${looks} looks`);
  // It is tried again, and stays.
  let tries = 0;
  while (text.ofOne({ a: 1 }) === undefined) assert(++tries < 100);
  for (let at = 0; at < 10; at++) assertEquals(text.ofOne([1]), "[1]");
});

Deno.test("small values and strings alone are no text", () => {
  const text = new PlainText();
  for (const value of [1, "a", true, null, undefined]) {
    assertEquals(text.ofOne(value), undefined);
  }
  assertEquals(text.ofAll([1, "a", null, { b: [] }]), '[1,"a",null,{"b":[]}]');
});
