import { assertEquals } from "@std/assert";
import { SortedKeys } from "../../src/store/sorted_keys.ts";
import { SortedPart } from "../../src/store/sorted_part.ts";
import { type Random, withSeed } from "../../src/testing/support/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";

Deno.test("oracle: sorted keys in parts agree with a sorted array, however many are added between walks", () => {
  const seed = testSeed();
  const rounds = Math.ceil(100 * testScale());
  console.log(`seed ${seed}, ${rounds} rounds`);
  for (let round = 0; round < rounds; round++) {
    withSeed(seed + round, (random) => compare(random, random.below(3)));
  }
});

Deno.test("a walk over sorted keys sees what is added and removed ahead of it, in other parts too", () => {
  const keys = new SortedKeys(1, () => new SortedPart());
  const add = (key: string) => keys.partFor(key).add(key);
  const remove = (key: string) => keys.find(key)!.remove(key);
  ["a1", "a3", "c1"].forEach(add);
  const up = keys.ascending("a", undefined);
  assertEquals(up(), "a1");
  remove("a3");
  ["a0", "a2", "b1"].forEach(add);
  assertEquals([up(), up(), up(), up()], ["a2", "b1", "c1", undefined]);
  const down = keys.descending("", "c1");
  assertEquals(down(), "b1");
  add("b0");
  remove("a2");
  assertEquals([down(), down(), down(), down()], ["b0", "a1", "a0", undefined]);
});

function compare(random: Random, prefixLength: number): void {
  const keys = new SortedKeys(prefixLength, () => new SortedPart());
  const model = new Set<string>();
  for (let step = 0; step < 30; step++) {
    const count = random.pick([1, 3, 40, 1500]);
    const grows = random.below(3) > 0;
    for (let left = count; left > 0; left--) {
      const key = randomKey(random);
      if (grows) {
        keys.partFor(key).add(key);
        model.add(key);
      } else {
        keys.find(key)?.remove(key);
        model.delete(key);
      }
    }
    const some = randomKey(random);
    assertEquals(keys.find(some)?.has(some) ?? false, model.has(some));
    const [start, other] = [randomKey(random), randomKey(random)];
    const end = random.below(3) === 0 ? undefined : other;
    const expected = [...model].sort().filter((key) =>
      key >= start && (end === undefined || key < end)
    );
    assertEquals(all(keys.ascending(start, end)), expected);
    assertEquals(all(keys.descending(start, end)), expected.reverse());
  }
}

Deno.test("oracle: a part hands out ranges of keys with their notes, whatever the keys begin with", () => {
  const seed = testSeed();
  console.log(`seed ${seed}`);
  for (let round = 0; round < Math.ceil(60 * testScale()); round++) {
    withSeed(seed + round, (random) => {
      const start = random.pick(["", "k", "i\0\0\0\u0007\u000egroup-"]);
      const letter = () =>
        random.pick(["\0", "a", "b", "\u00fe", "\u00ff", "\u0100", "\uffff"]);
      const some = () => {
        const length = random.below(9);
        return start + Array.from({ length }, letter).join("");
      };
      compareVisits(random, some);
    });
  }
});

function compareVisits(random: Random, some: () => string): void {
  const part = new SortedPart();
  const model = new Set<string>();
  for (let step = 0; step < 60; step++) {
    const isMany = random.below(8) === 0;
    for (let left = random.below(isMany ? 2000 : 4); left > 0; left--) {
      const key = some();
      part.add(key);
      model.add(key);
    }
    for (let left = random.below(20); left > 0; left--) {
      const key = some();
      part.remove(key);
      model.delete(key);
    }
    const [from, other] = [some(), some()];
    const to = random.below(4) === 0 ? undefined : other;
    const isReverse = random.below(2) === 0;
    const size = random.pick([1, 10, 40, Infinity]);
    const found: string[] = [];
    part.visit(from, to, isReverse, size, (keys, notes, at, end) => {
      for (; at !== end; at += isReverse ? -1 : 1) {
        const key = keys[at]!;
        // A note may get lost, and never comes to lie beside another key.
        assertEquals(notes[at] ?? key, key);
        notes[at] = key;
        found.push(key);
      }
      return true;
    });
    const expected = [...model].sort().filter((key) =>
      key >= from && (to === undefined || key < to)
    );
    if (isReverse) expected.reverse();
    assertEquals(found, expected.slice(0, size));
  }
}

function randomKey(random: Random): string {
  const number = String(random.below(5000));
  return random.pick(["", "a", "b", "ab"]) +
    number.slice(random.below(number.length));
}

function all(next: () => string | undefined): string[] {
  const found: string[] = [];
  for (let key = next(); key !== undefined; key = next()) found.push(key);
  return found;
}
