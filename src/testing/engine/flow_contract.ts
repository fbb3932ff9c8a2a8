import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { ConvexError, EngineError } from "../../errors.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** How functions call one another, and what remains when one fails. */
export const engineFlowContract: ContractCase<EngineSubject>[] = [
  engineCase("a mutation that throws writes nothing", async (engine) => {
    const owner = "ada";
    const error = await assertRefused(
      engine.mutation("flow:failAfterWriting", { owner }),
      "FUNCTION_ERROR",
      "Uncaught Error: no luck",
    );
    assertInstanceOf(error.cause, Error);
    assertEquals((error.cause as Error).message, "no luck");
    assertEquals(await engine.query("flow:count", { owner }), 0);
  }),

  engineCase(
    "a nested mutation that throws loses its writes alone",
    async (engine) => {
      const owner = "ada";
      assertEquals(await engine.mutation("flow:catchNested", { owner }), {
        caught: { code: "REFUSED", owner },
        afterFailure: 1,
        afterSuccess: 2,
      });
      assertEquals(await engine.query("flow:count", { owner }), 2);
      assertEquals(
        (await engine.query("notes:search", { text: "written" }) as Doc[])
          .length,
        1,
      );
    },
  ),

  engineCase(
    "nested calls that nobody awaits end before the function does",
    async (engine) => {
      const owner = "ada";
      await engine.mutation("flow:writeUnawaited", { owner });
      assertEquals(await engine.query("flow:count", { owner }), 3);
    },
  ),

  engineCase(
    "an error of a nested call says what was thrown, and has the data of a ConvexError",
    async (engine) => {
      const caught = (kind: string) =>
        engine.mutation("flow:catchAs", { kind });
      const plain = { name: "Error", isOwn: false, isConvex: false };
      const type = "Uncaught TypeError: no function";
      assertEquals(await caught("type"), { ...plain, message: type });
      const message = "Uncaught ConvexError: own";
      const own = { name: "ConvexError", data: "own", isConvex: true };
      assertEquals(await caught("own"), { ...plain, ...own, message });
      const text = "Uncaught a text";
      assertEquals(await caught("text"), { ...plain, message: text });
    },
  ),

  engineCase(
    "when the outer mutation throws, what a nested one wrote is gone, too",
    async (engine) => {
      const owner = "ada";
      await assertRefused(
        engine.mutation("flow:failAfterNested", { owner }),
        "LATE",
        "everything goes",
      );
      assertEquals(await engine.query("flow:count", { owner }), 0);
    },
  ),

  engineCase(
    "nested mutations started together run one after another",
    async (engine) => {
      const owner = "ada";
      assertEquals(await engine.mutation("flow:nestTogether", { owner }), [
        "fulfilled",
        "rejected",
        "fulfilled",
      ]);
      assertEquals(await engine.query("flow:count", { owner }), 2);
    },
  ),

  engineCase(
    "a function reads what it writes, also while it reads",
    async (engine) => {
      const owner = "ada";
      for (const rank of [1, 2, 3, 4]) await addNote(engine, owner, { rank });
      // Each step deletes the next row; the first one inserts a row after the last.
      assertEquals(
        await engine.mutation("flow:deleteWhileReading", { owner }),
        [1, 3, 1000],
      );
      assertEquals(
        (await engine.query("notes:list", { owner }) as Doc[]).map((note) =>
          note.rank
        ),
        [1, 3, 1000],
      );
    },
  ),

  engineCase("calls may be nested eight deep", async (engine) => {
    assertEquals(await engine.mutation("flow:recurse", { depth: 8 }), 8);
    await assertRefused(
      engine.mutation("flow:recurse", { depth: 9 }),
      "LIMIT_EXCEEDED",
      "depth",
      "9",
      "8",
    );
  }),

  engineCase("ctx is dead after its function has ended", async (engine) => {
    await engine.mutation("flow:leak", { owner: "ada" });
    assertEquals(await engine.query("flow:count", { owner: "ada" }), 0);
  }),

  engineCase(
    "an action runs queries, mutations and actions, each for itself",
    async (engine) => {
      assertEquals(await engine.action("flow:stepwise", { owner: "ada" }), 2);
      assertEquals(await engine.query("flow:count", { owner: "ada" }), 2);
    },
  ),

  {
    name: "a caller gets the data of a ConvexError as a value of its own",
    async run(subject) {
      const data = { list: [1n], missing: undefined };
      let got: unknown;
      const inner = {
        isMutation: true,
        _handler: () => Promise.reject(new ConvexError(data as never)),
      };
      const outer = {
        isMutation: true,
        isPublic: true,
        _handler: async (
          ctx: { runMutation(name: string): Promise<unknown> },
        ) => {
          await ctx.runMutation("a:inner").catch(({ data }) => got = data);
        },
      };
      const engine = subject.open({ modules: { a: { inner, outer } } });
      await engine.mutation("a:outer", {});
      assertEquals(got, { list: [1n] });
      assert((got as typeof data).list !== data.list);
      await engine.close();
    },
  },

  engineCase(
    "a ConvexError leaves the engine with its data",
    async (engine) => {
      for (
        const data of [
          "CODE_OF_MINE: detail",
          { code: "OTHER", list: [1n, NaN, new Uint8Array([1]).buffer] },
          null,
          7,
        ]
      ) {
        const error = await engine.query("wrong:throwData", { data }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        assertInstanceOf(error, ConvexError);
        assertEquals(error.data, data);
      }
      await assertRefused(
        engine.query("wrong:throwData", { data: "CODE_OF_MINE: detail" }),
        "CODE_OF_MINE",
        "detail",
      );
      await assertRefused(
        engine.query("wrong:throwString", {}),
        "FUNCTION_ERROR",
        "a string",
      );
    },
  ),

  engineCase(
    "functions are found by name, and only public ones of the right type",
    async (engine) => {
      const find = (
        type: "query" | "mutation" | "action",
        name: string,
        ...texts: string[]
      ) =>
        assertRefused(engine[type](name, {}), "FUNCTION_NOT_FOUND", ...texts);
      await find(
        "query",
        "nowhere:nothing",
        "Could not find public function for 'nowhere:nothing'",
      );
      await find("query", "flow:nothingHere", "'flow:nothingHere'");
      await find("query", "flow", "'flow:default'");
      await find("query", "", "':default'");
      await find("query", "flow:constructor");
      await find(
        "query",
        "flow:secret",
        "Could not find public function for 'flow:secret'",
      );
      await find("mutation", "flow:write", "Could not find public function");
      await find(
        "mutation",
        "flow:count",
        "Trying to execute flow.js:count as Mutation, but it is defined as Query.",
      );
      await find("query", "flow:stepwise", "defined as Action.");
      assertEquals(await engine.query("flow.js:nothing", {}), null);
    },
  ),

  engineCase(
    "arguments are checked before the function runs",
    async (engine) => {
      const refuse = (name: string, args: unknown, ...texts: string[]) =>
        assertRefused(
          engine.query(name, args as { [name: string]: unknown }),
          "ARGUMENT_VALIDATION",
          ...texts,
        );
      await refuse(
        "flow:count",
        {},
        "ArgumentValidationError",
        "missing the required field `owner`",
        "flow:count",
      );
      await refuse("flow:count", { owner: 1 }, ".owner", "v.string()");
      await refuse(
        "flow:count",
        { owner: "a", extra: 1 },
        "extra field `extra`",
      );
      await refuse("notes:getTyped", { id: "garbage" }, ".id", 'v.id("notes")');
      const thing =
        (await engine.mutation("flow:insertMany", { count: 1 }) as string[])[0];
      await refuse(
        "notes:getTyped",
        { id: thing },
        "`things`",
        'v.id("notes")',
      );
      await assertRefused(
        engine.query("flow:echo", { value: new Date(0) }),
        "INVALID_VALUE",
        "Date",
        "value",
      );
      await assertRefused(
        engine.query("flow:echo", { value: () => 1 }),
        "INVALID_VALUE",
        "value",
      );
      await assertRefused(
        engine.query("flow:echo", { value: 2n ** 64n }),
        "INVALID_VALUE",
        "64-bit",
      );
      await assertRefused(
        engine.query("flow:echo", [] as never),
        "INVALID_VALUE",
        "object",
      );
    },
  ),

  engineCase(
    "results are checked after the function has run",
    async (engine) => {
      await assertRefused(
        engine.query("wrong:badReturn", {}),
        "RETURN_VALIDATION",
        "ReturnsValidationError",
        "v.string()",
        "wrong:badReturn",
      );
      await assertRefused(
        engine.query("wrong:returnDate", {}),
        "INVALID_VALUE",
        "Date",
        "return value of wrong:returnDate",
      );
      assertEquals(await engine.query("flow:nothing", {}), null);
    },
  ),

  engineCase(
    "oversized arguments are refused with the bound and the value",
    async (engine) => {
      const mebibyte = "x".repeat(1 << 20);
      await assertRefused(
        engine.query("flow:echo", {
          value: Array.from({ length: 17 }, () => mebibyte),
        }),
        "LIMIT_EXCEEDED",
        "arguments of flow:echo",
        "16777216",
      );
    },
  ),

  engineCase("a transaction's reads and writes are bounded", async (engine) => {
    assertEquals(await engine.query("flow:readMany", { times: 4096 }), 4096);
    await assertRefused(
      engine.query("flow:readMany", { times: 4097 }),
      "LIMIT_EXCEEDED",
      "index ranges",
      "4097",
      "4096",
    );
    await assertRefused(
      engine.mutation("flow:insertMany", { count: 101 }),
      "LIMIT_EXCEEDED",
      "documents written",
      "101",
      "100",
    );
    assertEquals(
      (await engine.query("things:ordered", {}) as unknown[]).length,
      0,
    );
    // A lower limit; Convex's own is tested by the case of that limit.
  }, { limits: { documentsWritten: 100 } }),

  engineCase(
    "a closed engine refuses calls, after those under way have ended",
    async (engine) => {
      const pending = addNote(engine, "ada");
      const closed = engine.close();
      await assertRefused(
        engine.query("flow:nothing", {}),
        "ENGINE_CLOSED",
        "flow:nothing",
      );
      assertEquals(typeof await pending, "string");
      await closed;
      await engine.close();
      await assertRefused(engine.mutation("flow:nothing", {}), "ENGINE_CLOSED");
    },
  ),

  engineCase(
    "a call that is given up rejects with the signal's reason and writes nothing",
    async (engine) => {
      const reason = new EngineError("MINE", "given up by the case");
      const controller = new AbortController();
      const hanging = engine.mutation("flow:hang", {}, {
        signal: controller.signal,
      });
      const waiting = addNote(engine, "ada");
      await new Promise((resolve) => setTimeout(resolve, 5));
      controller.abort(reason);
      assertEquals(await hanging.catch((error: unknown) => error), reason);
      assertEquals(typeof await waiting, "string");
      assertEquals(await engine.query("things:ordered", {}), []);
      const before = await engine.query("flow:nothing", {}, {
        signal: controller.signal,
      })
        .catch((error: unknown) => error);
      assert(before === reason);
    },
  ),

  engineCase(
    "mutations started together run in the order of their calls",
    async (engine) => {
      const ids = await Promise.all(
        Array.from(
          { length: 50 },
          (_, rank) => addNote(engine, "ada", { rank }),
        ),
      );
      const notes = await engine.query("notes:page", {
        paginationOpts: { numItems: 100, cursor: null },
      }) as { page: Doc[] };
      assertEquals(
        notes.page.map((note) => note._id),
        ids,
      );
    },
  ),
];
