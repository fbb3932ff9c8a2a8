import type { Value } from "convex/values";
import type { Random } from "../../../src/testing/support/random.ts";
import type { Bound, Fields, Order, RangeQuery, Step } from "./oracle_model.ts";

const values: (Value | undefined)[] = [
  undefined,
  null,
  -5n,
  1n,
  2n,
  -Infinity,
  -1,
  -0,
  0,
  1,
  2.5,
  NaN,
  false,
  true,
  "",
  "a",
  "a\u0000",
  "ab",
  "b",
  new Uint8Array([0]).buffer,
  new Uint8Array([0, 1]).buffer,
  [],
  [1],
  ["a"],
  {},
  { a: 1 },
];
const words = [
  "red",
  "redder",
  "reddest",
  "green",
  "greenish",
  "blue",
  "blues",
  "x",
];
/** Groups that documents are in. */
export const groups = ["one", "two", "three"];

/** A step of a transaction; `tags` numbers the documents. */
export function randomStep(
  random: Random,
  tags: { next: number },
  depth: number,
): Step {
  const tag = random.below(Math.max(1, tags.next));
  switch (random.below(depth < 3 ? 13 : 12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return {
        op: "insert",
        fields: { ...randomFields(random), tag: tags.next++ },
      };
    case 4:
    case 5: {
      const { group, text, value, vector } = randomFields(random);
      const changes: Partial<Fields>[] = [
        { group },
        { text },
        { text, group },
        value === undefined ? {} : { value },
        vector ? { vector } : {},
      ];
      return {
        op: "patch",
        tag,
        fields: random.pick(changes),
        unset: random.below(3) === 0 ? [random.pick(["value", "vector"])] : [],
      };
    }
    case 6:
      return { op: "replace", tag, fields: randomFields(random) };
    case 7:
      return { op: "delete", tag };
    case 8:
    case 9:
      return {
        op: "range",
        range: randomRange(random),
        ...(random.below(2) === 0 ? { take: random.below(6) } : {}),
      };
    case 10:
      return { op: "scan", order: randomOrder(random) };
    case 11: {
      const text = Array.from(
        { length: 1 + random.below(3) },
        () => random.pick(words),
      ).join(" ");
      return {
        op: "search",
        text: random.below(2) === 0 ? `${text} re` : text,
        ...(random.below(2) === 0 ? { group: random.pick(groups) } : {}),
      };
    }
    default:
      return {
        op: "nested",
        steps: Array.from(
          { length: 1 + random.below(5) },
          () => randomStep(random, tags, depth + 1),
        ),
        fail: random.below(2) === 0,
      };
  }
}

function randomFields(random: Random): Omit<Fields, "tag"> {
  const value = random.pick(values);
  return {
    group: random.pick(groups),
    text: Array.from({ length: random.below(6) }, () => random.pick(words))
      .join(" "),
    ...(value === undefined ? {} : { value }),
    ...(random.below(2) === 0
      ? { vector: randomVector(random).slice(random.below(8) === 0 ? 1 : 0) }
      : {}),
  };
}

/** A vector, often near others. */
export function randomVector(random: Random): number[] {
  return Array.from({ length: 4 }, () => random.below(7) - 3);
}

/** A range of values. */
export function randomRange(random: Random): RangeQuery {
  const bound = (): Bound => {
    const value = random.pick(values);
    return {
      open: random.below(2) === 0,
      ...(value === undefined ? {} : { value }),
    };
  };
  return {
    order: randomOrder(random),
    ...(random.below(2) === 0 ? { group: random.pick(groups) } : {}),
    ...(random.below(2) === 0 ? { low: bound() } : {}),
    ...(random.below(2) === 0 ? { high: bound() } : {}),
  };
}

function randomOrder(random: Random): Order {
  return random.below(2) === 0 ? "asc" : "desc";
}
