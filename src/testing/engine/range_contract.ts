import { assertEquals } from "@std/assert";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
} from "./subject.ts";
import { type Bound, filter, range, valuesOf, withNothings } from "./things.ts";
import type { ContractCase } from "../types.ts";

/** Values in Convex's order, smallest first; a missing value comes first. */
const ordered: unknown[] = [
  null,
  -(2n ** 63n),
  -1n,
  0n,
  7n,
  2n ** 63n - 1n,
  -Infinity,
  -1e300,
  -1,
  -0,
  0,
  5e-324,
  1,
  Infinity,
  NaN,
  false,
  true,
  "",
  "\u0000",
  "\u0000a",
  "a",
  "a\u0000",
  "a\u0000b",
  "ab",
  "b",
  "\uFFFD",
  "\u{1F600}",
  bytes(),
  bytes(0),
  bytes(0, 1),
  bytes(1),
  bytes(255),
  [],
  [null],
  [0n],
  [1],
  [1, 2],
  ["a"],
  ["a", "b\u0000"],
  ["a\u0000"],
  [[]],
  {},
  { a: 1 },
  { a: 1, b: 1 },
  { a: 2 },
  { b: 0n },
];

/** How queries read ranges of an index. */
export const engineRangeContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "an index orders values of all types as Convex does",
    async (engine) => {
      await engine.mutation("things:put", { values: shuffled(ordered) });
      await engine.mutation("things:putMissing", {});
      const up = await engine.query("things:ordered", {}) as {
        value?: unknown;
      }[];
      assertEquals(up.map(({ value }) => value), [undefined, ...ordered]);
      const down = await engine.query("things:ordered", { order: "desc" }) as {
        value?: unknown;
      }[];
      assertEquals(down.map(({ value }) => value), [
        ...ordered.toReversed(),
        undefined,
      ]);
    },
  ),

  engineCase(
    "equality, ranges and order use the fields of an index",
    async (engine) => {
      for (const rank of [3, 1, 2, 5, 4]) {
        await addNote(engine, "ada", {
          rank,
        });
      }
      await addNote(engine, "ada");
      await addNote(engine, "bob", { rank: 3 });
      const ranks = async (args: { [name: string]: unknown }) =>
        (await engine.query("notes:list", { owner: "ada", ...args }) as Doc[])
          .map((note) => note.rank ?? null);
      assertEquals(await ranks({}), [null, 1, 2, 3, 4, 5]);
      assertEquals(await ranks({ order: "desc", take: 2 }), [5, 4]);
      assertEquals(await ranks({ above: 2 }), [3, 4, 5]);
      assertEquals(await ranks({ above: 1, below: 4 }), [2, 3]);
      assertEquals(await ranks({ below: 2 }), [null, 1, 2]);
      assertEquals(await ranks({ above: 4, below: 2 }), []);
      assertEquals(await ranks({ take: 0 }), []);
    },
  ),

  engineCase("equal index values order by creation time", async (engine) => {
    const ids = [];
    for (let i = 0; i < 5; i++) {
      ids.push(await addNote(engine, "ada", { rank: 1 }));
    }
    const list = async (order: string) =>
      (await engine.query("notes:list", { owner: "ada", order }) as Doc[]).map((
        note,
      ) => note._id);
    assertEquals(await list("asc"), ids);
    assertEquals(await list("desc"), ids.toReversed());
  }),

  engineCase("undefined, null and missing differ in ranges", async (engine) => {
    await withNothings(engine);
    const values = async (...bounds: Bound[]) =>
      valuesOf(await range(engine, "by_value", ...bounds));
    const field = "value";
    assertEquals(await values({ op: "eq", field }), ["missing"]);
    assertEquals(await values({ op: "eq", field, value: null }), [null]);
    assertEquals(await values({ op: "gt", field }), [null, 4, 5, "x"]);
    assertEquals(await values({ op: "gte", field }), [
      "missing",
      null,
      4,
      5,
      "x",
    ]);
    assertEquals(await values({ op: "lt", field, value: 5 }), [
      "missing",
      null,
      4,
    ]);
    assertEquals(
      await values({ op: "gt", field, value: null }, {
        op: "lte",
        field,
        value: 5,
      }),
      [4, 5],
    );
    assertEquals(
      await values({ op: "lt", field, value: 5 }, {
        op: "gte",
        field,
        value: 4,
      }),
      [4],
    );
  }),

  engineCase(
    "equalities may come in any order, and the upper bound before the lower",
    async (engine) => {
      await engine.mutation("things:put", { group: "a", values: [1, 2, 3] });
      await engine.mutation("things:put", { group: "b", values: [1, 2, 3] });
      const one = await range(engine, "by_group_value", {
        op: "eq",
        field: "value",
        value: 2,
      }, { op: "eq", field: "group", value: "b" });
      assertEquals(one, [{ value: 2, group: "b" }]);
      const two = await range(
        engine,
        "by_group_value",
        { op: "lt", field: "value", value: 3 },
        { op: "eq", field: "group", value: "a" },
        { op: "gt", field: "value", value: 1 },
      );
      assertEquals(two, [{ value: 2, group: "a" }]);
    },
  ),

  engineCase(
    "creation time and id are the last fields of every index",
    async (engine) => {
      await engine.mutation("things:put", { group: "g", values: [1, 1, 1] });
      const things = await engine.query("flow:thingTimes", {}) as number[];
      const field = "_creationTime";
      const count = async (index: string, ...bounds: Bound[]) =>
        (await range(engine, index, ...bounds) as unknown[]).length;
      assertEquals(
        await count("by_creation_time", { op: "gt", field, value: things[0] }),
        2,
      );
      assertEquals(
        await count(
          "by_creation_time",
          { op: "gte", field, value: things[0] },
          { op: "lt", field, value: things[2] },
        ),
        2,
      );
      assertEquals(
        await count("by_creation_time", { op: "eq", field, value: things[1] }),
        1,
      );
      assertEquals(
        await count("by_creation_time", { op: "lte", field, value: -1 }),
        0,
      );
      assertEquals(
        await count("by_creation_time", { op: "gt", field, value: null }),
        3,
      );
      assertEquals(
        await count("by_creation_time", { op: "lt", field, value: "text" }),
        3,
      );
      assertEquals(
        await count("by_creation_time", { op: "lt", field, value: NaN }),
        3,
      );
      assertEquals(
        await count("by_value", { op: "eq", field: "value", value: 1 }, {
          op: "gt",
          field,
          value: things[1],
        }),
        1,
      );
      const id =
        (await engine.mutation("flow:insertMany", { count: 2 }) as string[])[0];
      assertEquals(
        await count("by_id", { op: "eq", field: "_id", value: id }),
        1,
      );
      assertEquals(
        await count("by_id", { op: "gte", field: "_id", value: id }),
        2,
      );
      assertEquals(
        await count("by_id", { op: "gt", field: "_id", value: id }),
        1,
      );
      assertEquals(
        await count("by_id", { op: "lt", field: "_id", value: "\u00ff" }),
        5,
      );
    },
  ),

  engineCase("a field path looks into objects", async (engine) => {
    await engine.mutation("things:put", {
      values: [{ a: { b: 2 } }, { a: { b: 1 } }, { a: 1 }, [1]],
    });
    const field = "value.a.b";
    const found = await range(engine, "by_nested", {
      op: "gt",
      field,
      value: 0,
    }) as { value: unknown }[];
    assertEquals(found.map(({ value }) => value), [{ a: { b: 1 } }, {
      a: { b: 2 },
    }]);
    const filtered = await filter(engine, {
      op: "eq",
      args: [{ field }, { literal: 2 }],
    }) as { value: unknown }[];
    assertEquals(filtered.map(({ value }) => value), [{ a: { b: 2 } }]);
  }),

  engineCase(
    "ranges that an index cannot serve are refused with Convex's texts",
    async (engine) => {
      const refuse = (index: string, bounds: Bound[], ...texts: string[]) =>
        assertRefused(
          range(engine, index, ...bounds),
          "INVALID_INDEX_RANGE",
          ...texts,
        );
      const group = { op: "eq", field: "group", value: 1 };
      const value = (op: string) => ({ op, field: "value", value: 1 });
      await refuse(
        "by_group_value",
        [value("eq")],
        `Tried to query index things.by_group_value but the query didn't use the index fields in order.
Index fields: ["group", "value", "_creationTime"]
Query fields: ["value"]
First incorrect field: "value"`,
      );
      await refuse(
        "by_group_value",
        [{ op: "gt", field: "group", value: 1 }, value("lt")],
        'Upper and lower bounds in `range` can only be applied to a single index field. This query against index things.by_group_value attempted to set a range bound on both "group" and "value".',
      );
      await refuse(
        "by_group_value",
        [group, { op: "eq", field: "other", value: 1 }],
        'comparison with "other", but things.by_group_value with fields ["group", "value", "_creationTime"] doesn\'t index this field.',
      );
      const already = (kind: string, what: string) =>
        `Already defined ${kind} bound in index range. Can't add "value" ${what}.`;
      await refuse(
        "by_value",
        [value("gt"), value("gte")],
        already("lower", ">= 1.0"),
      );
      await refuse(
        "by_value",
        [value("lt"), value("lte")],
        already("upper", "<= 1.0"),
      );
      await refuse(
        "by_value",
        [value("eq"), { op: "eq", field: "value", value: 2 }],
        already("equality", "== 1.0"),
      );
      await refuse(
        "by_value",
        [value("eq"), value("gt")],
        already("inequality", "== 1.0"),
      );
      await assertRefused(
        engine.query("wrong:read", { what: "unknownIndex" }),
        "INDEX_NOT_FOUND",
        "notes.by_nothing",
      );
      await engine.mutation("system:later", { delayMs: 1e6, owner: "ada" });
      await assertRefused(
        engine.query("wrong:read", { what: "ownIndex" }),
        "INDEX_NOT_FOUND",
        "_scheduled_functions.by_state",
      );
      await assertRefused(
        engine.query("wrong:read", { what: "rangeReused" }),
        "FUNCTION_ERROR",
        "already been used",
      );
    },
  ),
];

function bytes(...elements: number[]): ArrayBuffer {
  return new Uint8Array(elements).buffer;
}

/** The same values in a fixed, shuffled order. */
function shuffled<T>(values: readonly T[]): T[] {
  return values.map((value, at) => ({ value, key: at * 7919 % 101 }))
    .sort((a, b) => a.key - b.key).map(({ value }) => value);
}
