import { assert, assertEquals } from "@std/assert";
import { compareValues, type Value } from "convex/values";
import { type Engine, openEngine } from "../../../src/engine/engine.ts";
import { openMemoryStore } from "../../../src/store/memory_store.ts";
import { openSqliteStore } from "../../../src/store/sqlite_store.ts";
import {
  type Random,
  seededRandom,
} from "../../../src/testing/support/random.ts";
import { overSeeds } from "../../support/test_env.ts";
import {
  type Condition,
  type Doc,
  holds,
  modules,
  type Question,
  type Reading,
  schema,
  type Write,
} from "./query_oracle_backend.ts";

interface Page {
  page: Doc[];
  isDone: boolean;
  continueCursor: string;
  splitCursor: string | null;
}

const values: (Value | undefined)[] = [
  undefined,
  null,
  3n,
  -0,
  0,
  1,
  NaN,
  true,
  "",
  "a\0",
  "é",
  new Uint8Array([0, 1]).buffer,
  [1, ["x"]],
  { a: { b: [2] } },
];
const groups = ["one", "two"];
const ALL: Reading = { how: "collect" };

Deno.test("oracle: documents of filtered, ordered and paged queries are those of a plain array, whole, before and after writes", () =>
  overSeeds(20, compare));

async function compare(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const engines = [
    openMemoryStore(),
    openSqliteStore({ path: ":memory:" }),
  ].map((store) => openEngine({ schema, modules, store }));
  let docs: Doc[] = [];
  const next = { tag: 0 };
  try {
    for (let turn = 0; turn < 12; turn++) {
      const writes = randomWrites(random, next, random.pick([2, 10, 40]));
      const question = randomQuestion(random);
      const reading = randomReading(random);
      const note = JSON.stringify(
        { question, reading },
        (_, value) => typeof value === "bigint" ? `${value}n` : value,
      );
      if (random.below(3) > 0) {
        for (const engine of engines) {
          await engine.mutation("oracle:write", { writes });
        }
        docs = written(docs, writes);
      } else {
        const nested = randomWrites(random, next, 4);
        const fails = random.below(2) === 0;
        const args = { question, reading, writes, nested, fails };
        const before = docs;
        const between = written(docs, writes);
        docs = fails ? between : written(between, nested);
        const expected = [before, between, docs]
          .map((all) => answer(all, question, reading));
        for (const engine of engines) {
          const answers = await engine.mutation("oracle:writeAndRead", args);
          assertEquals((answers as Value[][]).map(plain), expected, note);
        }
      }
      const expected = answer(docs, question, reading);
      for (const engine of engines) {
        const args = { question, reading };
        // The second time documents come from the cache, and those of a range together.
        for (let time = 0; time < 2; time++) {
          const found = await engine.query("oracle:read", args) as Value[];
          assertEquals(plain(found), expected, note);
        }
      }
      docs = await comparePages(random, engines, docs, question, next, note);
    }
  } finally {
    for (const engine of engines) await engine.close();
  }
}

/** Reads a question page by page; then again, each page between the same ends, after some writes. */
async function comparePages(
  random: Random,
  engines: readonly Engine[],
  docs: Doc[],
  question: Question,
  next: { tag: number },
  note: string,
): Promise<Doc[]> {
  const page = async (engine: Engine, options: object) => {
    const args = { question, options };
    return await engine.query("oracle:page", args) as unknown as Page;
  };
  const numItems = 1 + random.below(7);
  const maximumRowsRead = random.pick([undefined, 1 + random.below(5)]);
  const bounds = maximumRowsRead ? { maximumRowsRead } : {};
  const writes = randomWrites(random, next, 6);
  const after = written(docs, writes);
  for (const engine of engines) {
    const ends: (string | null)[] = [null];
    const all: Doc[] = [];
    for (let isDone = false; !isDone;) {
      const cursor = ends.at(-1)!;
      const found = await page(engine, { numItems, cursor, ...bounds });
      all.push(...found.page);
      assert(found.page.length <= numItems, note);
      ({ isDone } = found);
      ends.push(found.continueCursor);
    }
    assertEquals(plain(all), answer(docs, question, ALL), note);
    await engine.mutation("oracle:write", { writes });
    const again: Doc[] = [];
    for (let at = 1; at < ends.length; at++) {
      const [cursor, endCursor] = [ends[at - 1]!, ends[at]!];
      const whole = await page(engine, { numItems, cursor, endCursor });
      again.push(...whole.page);
      const split = whole.splitCursor;
      if (split === null) continue;
      const halves = [
        await page(engine, { numItems, cursor, endCursor: split }),
        await page(engine, { numItems, cursor: split, endCursor }),
      ];
      assertEquals(halves.flatMap(({ page }) => page), whole.page, note);
    }
    assertEquals(plain(again), answer(after, question, ALL), note);
  }
  return after;
}

/** The answer to a question, looked for in the plainest way. */
function answer(docs: readonly Doc[], question: Question, reading: Reading) {
  const { by, group, order, conditions } = question;
  const found = docs.filter((doc) =>
    (by !== "group" || doc.group === group) &&
    conditions.every((condition) => holds(doc, condition))
  );
  if (by !== "creation") {
    // The array is in order of creation, and sorting is stable.
    found.sort((a, b) => compareValues(a.value, b.value));
  }
  if (order === "desc") found.reverse();
  return reading.how === "first"
    ? found.slice(0, 1)
    : reading.how === "take"
    ? found.slice(0, reading.count)
    : found;
}

function written(docs: readonly Doc[], writes: readonly Write[]): Doc[] {
  let all = [...docs];
  for (const write of writes) {
    if (write.op === "insert") all.push(write.doc);
    else if (write.op === "delete") {
      all = all.filter(({ tag }) => tag !== write.tag);
    } else {
      all = all.map((doc) => {
        if (doc.tag !== write.tag) return doc;
        const changed = { ...doc, ...write.fields };
        for (const name of write.unset) delete changed[name];
        return changed;
      });
    }
  }
  return all;
}

/** Documents without what the engine has added. */
function plain(found: readonly unknown[]): Doc[] {
  return (found as (Doc & { _id: string; _creationTime: number })[])
    .map(({ _id, _creationTime, ...doc }) => doc);
}

function randomWrites(
  random: Random,
  next: { tag: number },
  most: number,
): Write[] {
  return Array.from({ length: random.below(most + 1) }, (): Write => {
    const value = random.pick(values);
    const more = random.pick(values);
    const fields = {
      group: random.pick(groups),
      ...(value === undefined ? {} : { value }),
      ...(more === undefined ? {} : { more }),
    };
    const tag = random.below(Math.max(1, next.tag));
    switch (random.below(6)) {
      case 0:
        return { op: "delete", tag };
      case 1:
        return { op: "patch", tag, fields, unset: ["value"] };
      case 2:
        return { op: "patch", tag, fields, unset: [] };
      default:
        return { op: "insert", doc: { tag: next.tag++, ...fields } };
    }
  });
}

function randomQuestion(random: Random): Question {
  return {
    by: random.pick(["creation", "value", "group"]),
    group: random.pick(groups),
    order: random.pick(["asc", "desc"]),
    conditions: Array.from(
      { length: random.pick([0, 0, 1, 2]) },
      () => randomCondition(random, 0),
    ),
  };
}

function randomCondition(random: Random, depth: number): Condition {
  const part = () => randomCondition(random, depth + 1);
  switch (random.below(depth < 2 ? 6 : 3)) {
    case 3:
      return ["not", part()];
    case 4:
      return ["and", part(), part()];
    case 5:
      return ["or", part(), part(), part()];
    default: {
      const op = random.pick(["eq", "neq", "lt", "lte", "gt", "gte"]);
      const field = random.pick(["value", "more", "group"]);
      const value = random.pick(values);
      return value === undefined
        ? [op as "eq", field]
        : [op as "eq", field, value];
    }
  }
}

function randomReading(random: Random): Reading {
  const how = random.pick(["collect", "first", "iterate", "take"]);
  return how === "take"
    ? { how, count: random.below(40) }
    : { how: how as "collect" };
}
