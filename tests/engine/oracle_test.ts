import { assert, assertEquals } from "@std/assert";
import type { Value } from "convex/values";
import { type Engine, openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { openSqliteStore } from "../../src/store/sqlite_store.ts";
import { SpyStore } from "../../src/testing/engine_subject.ts";
import { type Random, seededRandom } from "../../src/testing/random.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import { modules, schema } from "./oracle_backend.ts";
import {
  type Bound,
  type Fields,
  NaiveModel,
  type Order,
  type RangeQuery,
  type Ranking,
  type Step,
} from "./oracle_model.ts";

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
const groups = ["one", "two", "three"];

Deno.test("oracle: memory, SQLite and a naive model agree on random transactions", async () => {
  const seed = testSeed();
  const rounds = Math.ceil(60 * testScale());
  console.log(`seed ${seed}, ${rounds} rounds`);
  for (let round = 0; round < rounds; round++) {
    await compare(seed + round).catch((error: Error) => {
      throw new Error(`seed ${seed + round}: ${error.message}`, {
        cause: error,
      });
    });
  }
});

async function compare(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const stores = [
    new SpyStore(openMemoryStore()),
    new SpyStore(openSqliteStore({ path: ":memory:" })),
  ];
  const model = new NaiveModel();
  let engines = stores.map((store) => open(store, seed));
  const tags = { next: 0 };
  for (let turn = 0; turn < 60; turn++) {
    // Started together, they still run in the order of their calls.
    const scripts = Array.from({ length: 1 + random.below(4) }, () => ({
      steps: Array.from(
        { length: 1 + random.below(8) },
        () => randomStep(random, tags, 0),
      ),
      fail: random.below(6) === 0,
    }));
    const expected = scripts.map(({ steps, fail }) => model.run(steps, fail));
    for (const engine of engines) {
      const results = await Promise.all(
        scripts.map((script) =>
          engine.mutation("oracle:script", script).catch((error: Error) => {
            assert(error.message.includes("rolled back"), error.stack);
          })
        ),
      );
      results.forEach((result, at) =>
        assertAgrees(result, expected[at], scripts[at])
      );
    }
    const range = randomRange(random);
    const numItems = 1 + random.below(5);
    const vector = randomVector(random);
    const group = random.below(2) === 0 ? random.pick(groups) : undefined;
    for (const engine of engines) {
      assertEquals(
        await pages(engine, range, numItems),
        model.range(range),
        JSON.stringify({ numItems, group: range.group }),
      );
      assertAgrees(
        await engine.action(
          "oracle:nearest",
          group === undefined ? { vector } : { vector, group },
        ),
        model.nearest(vector, group),
        { vector, group },
      );
    }
    if (random.below(15) === 0) {
      for (const engine of engines) await engine.close();
      engines = stores.map((store) => open(store, seed + turn));
    }
  }
  const [memory, sqlite] = stores.map((
    store,
  ) => [...store.scan({ start: "" })]);
  assertEquals(memory, sqlite, "the rows of both stores");
  for (const engine of engines) await engine.close();
  for (const store of stores) store.closeReally();
}

/** An engine whose clock and random bytes depend on the seed alone. */
function open(store: SpyStore, seed: number): Engine {
  const random = seededRandom(seed);
  let now = 1_700_000_000_000;
  return openEngine({
    schema,
    modules,
    store,
    now: () => now += 1,
    random: (bytes) => bytes.forEach((_, at) => bytes[at] = random.below(256)),
  });
}

async function pages(
  engine: Engine,
  range: RangeQuery,
  numItems: number,
): Promise<number[]> {
  const all: number[] = [];
  let cursor: string | null = null;
  while (true) {
    const page = await engine.query("oracle:page", {
      range,
      numItems,
      cursor,
    }) as unknown as {
      page: number[];
      isDone: boolean;
      continueCursor: string;
    };
    all.push(...page.page);
    if (page.isDone) return all;
    assertEquals(page.page.length, numItems);
    cursor = page.continueCursor;
  }
}

/** Results are equal, and rankings are in an order that the model's scores allow. */
function assertAgrees(
  actual: unknown,
  expected: unknown,
  input: unknown,
): void {
  const note = () =>
    JSON.stringify(
      input,
      (_key, value) => typeof value === "bigint" ? `${value}n` : value,
    );
  if (isRanking(expected)) {
    const tags = actual as number[];
    const { scores } = expected;
    assertEquals([...tags].sort(), [...scores.keys()].sort(), note());
    for (let at = 1; at < tags.length; at++) {
      const better = scores.get(tags[at - 1]!)!;
      const worse = scores.get(tags[at]!)!;
      assert(
        better >= worse - 1e-6,
        `${tags[at - 1]} (${better}) before ${tags[at]} (${worse}): ${note()}`,
      );
    }
  } else if (
    Array.isArray(expected) &&
    expected.some((part) => isRanking(part) || Array.isArray(part))
  ) {
    const parts = actual as unknown[];
    assertEquals(parts.length, expected.length, note());
    expected.forEach((part, at) => assertAgrees(parts[at], part, input));
  } else {
    assertEquals(actual, expected, note());
  }
}

function isRanking(value: unknown): value is Ranking {
  return typeof value === "object" && value !== null && "scores" in value;
}

function randomStep(
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

function randomVector(random: Random): number[] {
  return Array.from({ length: 4 }, () => random.below(7) - 3);
}

function randomRange(random: Random): RangeQuery {
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
