/** Seeded randomness for replayable cases: the same seed gives the same run on every host. */

import type { Value } from "../../values/types.ts";

/** A seeded generator. */
export interface Random {
  /** An integer from 0, below the bound. */
  below(bound: number): number;
  /** One of the items. */
  pick<Item>(items: readonly Item[]): Item;
}

/** Makes a generator (mulberry32) from a seed of 32 bits. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = state + 0x6d2b79f5 >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ mixed >>> 15, mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return (mixed ^ mixed >>> 14) >>> 0;
  };
  const below = (bound: number) => Math.floor(next() / 2 ** 32 * bound);
  return { below, pick: (items) => items[below(items.length)]! };
}

/** Makes a generator of fractions from 0, below 1, from a seed of 32 bits. */
export function seededFractions(seed: number): () => number {
  const { below } = seededRandom(seed);
  return () => below(2 ** 30) / 2 ** 30;
}

/** Runs a randomised case; its errors name the seed that replays it. */
export function withSeed<Result>(
  seed: number,
  run: (random: Random) => Result,
): Result {
  try {
    return run(seededRandom(seed));
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error)?.message ?? error}`, {
      cause: error,
    });
  }
}

/** Texts at the edges of orders and encodings. */
const TEXTS = [
  "",
  "\0",
  "\0\0",
  "\x01",
  "\x01\x01",
  "a",
  "a\0",
  "a\0b",
  "a\x01",
  "ab",
  "\x7f",
  "é",
  "\u07ff",
  "\u0800",
  "\ud7ff",
  "\ue000",
  "\ufffd",
  "\uffff",
  "\u{10000}",
  "\u{1f600}",
  "\u{1f600}a",
  "$set",
];

/** Numbers at the edges of orders and encodings. */
const NUMBERS = [
  NaN,
  -Infinity,
  Infinity,
  -0,
  0,
  1,
  -1,
  5e-324,
  -5e-324,
  2 ** 53,
  1e300,
  -1e300,
  0.1,
];

/** Bigints at the edges of orders and encodings. */
const BIGINTS = [0n, 1n, -1n, 255n, 256n, -256n, 2n ** 63n - 1n, -(2n ** 63n)];

/** A random Convex value, nested up to the given depth, often at an edge of the encodings. */
export function randomValue(random: Random, depth = 3): Value {
  switch (random.below(depth > 0 ? 10 : 8)) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 0;
    case 2:
      return random.pick(BIGINTS);
    case 3:
      return random.pick(NUMBERS);
    case 4:
      return (random.below(2 ** 31) - 2 ** 30) / random.pick([1, 16, 1000]);
    case 5:
      return random.pick(TEXTS);
    case 6:
      return random.pick(TEXTS) + random.pick(TEXTS);
    case 7:
      return Uint8Array.from(
        { length: random.below(4) },
        () => random.pick([0, 1, 2, 127, 128, 255]),
      ).buffer;
    case 8:
      return Array.from(
        { length: random.below(4) },
        () => randomValue(random, depth - 1),
      );
    default:
      return randomObject(random, depth - 1);
  }
}

function randomObject(random: Random, depth: number): Value {
  const object: { [name: string]: Value } = {};
  for (let left = random.below(4); left > 0; left--) {
    const name = random.pick(["", "a", "ab", "b", "B", "_c", "10", "9", "~"]);
    object[name] = randomValue(random, depth);
  }
  return object;
}
