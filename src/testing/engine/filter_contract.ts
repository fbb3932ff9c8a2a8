import { assertEquals } from "@std/assert";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
} from "./subject.ts";
import { filter, valuesOf, withNothings } from "./things.ts";
import type { ContractCase } from "../types.ts";

/** How queries filter and end, and the errors of wrong ones. */
export const engineFilterContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "undefined, null and missing differ in filters",
    async (engine) => {
      await withNothings(engine);
      const values = async (op: string, operand: unknown) =>
        valuesOf(
          await filter(engine, { op, args: [{ field: "value" }, operand] }),
        );
      assertEquals(await values("eq", { missing: true }), ["missing"]);
      assertEquals(await values("eq", { literal: null }), [null]);
      assertEquals(await values("neq", { missing: true }), [null, 4, 5, "x"]);
      assertEquals(await values("gt", { missing: true }), [null, 4, 5, "x"]);
      assertEquals(await values("lt", { literal: 5 }), ["missing", null, 4]);
      assertEquals(await values("gte", { literal: 5 }), [5, "x"]);
      assertEquals(await values("lte", { literal: null }), ["missing", null]);
    },
  ),

  engineCase("filters calculate and combine", async (engine) => {
    await engine.mutation("things:put", { values: [1, 2, 3, 4, 10n, 11n] });
    const value = { field: "value" };
    const lit = (literal: unknown) => ({ literal });
    const node = (op: string, ...args: unknown[]) => ({ op, args });
    const find = async (expression: unknown) =>
      valuesOf(await filter(engine, expression));
    const isFloat = node(
      "and",
      node("gte", value, lit(0)),
      node("lt", value, lit(100)),
    );
    const even = node("eq", node("mod", value, lit(2)), lit(0));
    assertEquals(await find(node("and", isFloat, even)), [2, 4]);
    assertEquals(
      await find(
        node("or", node("eq", value, lit(1)), node("eq", value, lit(10n))),
      ),
      [1, 10n],
    );
    assertEquals(await find(node("and", isFloat, node("not", even))), [1, 3]);
    assertEquals(
      await find(
        node(
          "and",
          isFloat,
          node(
            "eq",
            node(
              "div",
              node("mul", node("add", value, lit(1)), lit(2)),
              lit(4),
            ),
            lit(2),
          ),
        ),
      ),
      [3],
    );
    assertEquals(
      await find(
        node(
          "and",
          isFloat,
          node("lt", node("neg", node("sub", value, lit(1))), lit(-2)),
        ),
      ),
      [4],
    );
  }),

  engineCase(
    "filters refuse what is no boolean or no number",
    async (engine) => {
      await engine.mutation("things:put", { values: [1] });
      const value = { field: "value" };
      const refuse = (expression: unknown, ...texts: string[]) =>
        assertRefused(filter(engine, expression), "INVALID_FILTER", ...texts);
      await refuse(value, "filter expects a boolean", "1");
      await refuse(
        { op: "and", args: [{ literal: true }, value] },
        "and expects a boolean",
      );
      await refuse(
        { op: "not", args: [{ missing: true }] },
        "not expects a boolean",
        "undefined",
      );
      await refuse(
        { op: "add", args: [value, { literal: 1n }] },
        "add expects two float64 or two int64",
      );
      await refuse(
        { op: "neg", args: [{ literal: "a" }] },
        "neg expects a number",
        '"a"',
      );
      await refuse({
        op: "add",
        args: [{ literal: 2n ** 63n - 1n }, { literal: 1n }],
      }, "int64 range");
      await refuse(
        { op: "div", args: [{ literal: 1n }, { literal: 0n }] },
        "division of int64 by 0",
      );
    },
  ),

  engineCase("first and unique take one document", async (engine) => {
    assertEquals(await engine.query("notes:first", { owner: "ada" }), null);
    assertEquals(await engine.query("notes:unique", { owner: "ada" }), null);
    const one = await addNote(engine, "ada");
    assertEquals(
      (await engine.query("notes:unique", { owner: "ada" }) as Doc)._id,
      one,
    );
    const two = await addNote(engine, "ada");
    assertEquals(
      (await engine.query("notes:first", { owner: "ada" }) as Doc)._id,
      one,
    );
    await assertRefused(
      engine.query("notes:unique", { owner: "ada" }),
      "NOT_UNIQUE",
      "notes",
      one,
      two,
    );
  }),

  engineCase("a query that is used wrongly says how", async (engine) => {
    const texts: { [what: string]: string } = {
      orderTwice: "Queries may only specify order at most once",
      orderSearch: "must always be in relevance order",
      takeNegative: "non-negative integer, got -1",
      takeHalf: "non-negative integer, got 1.5",
      takeNothing: "Must provide arg 1 `n` to `take`",
      chainTwice: "chained with another operator",
      collectTwice: "This query is closed and can't emit any more values",
      iterateTwice: "Iteration can only begin on a query once",
      insertInQuery: "not a function",
    };
    for (const [what, text] of Object.entries(texts)) {
      await assertRefused(
        engine.query("wrong:read", { what }),
        "FUNCTION_ERROR",
        text,
      );
    }
    await assertRefused(
      engine.query("wrong:read", { what: "returnQuery" }),
      "FUNCTION_ERROR",
      "Return value is a Query",
    );
    await assertRefused(
      engine.query("wrong:read", { what: "systemTable" }),
      "INVALID_ARGUMENT",
      "db.system.query()",
    );
    await assertRefused(
      engine.query("wrong:read", { what: "userTableInSystem" }),
      "INVALID_ARGUMENT",
      "db.query()",
    );
  }),
];
