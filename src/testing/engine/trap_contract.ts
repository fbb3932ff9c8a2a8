import { assert, assertEquals } from "@std/assert";
import type { Engine, PageJournal } from "../../engine/engine.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";
import { filter, range, valuesOf, withNothings } from "./things.ts";
import type { ContractCase } from "../types.ts";

interface Page {
  page: Doc[];
  isDone: boolean;
  continueCursor: string;
}

/**
 * Behaviours of Convex that engines easily get wrong, numbered. The thirteenth is about requests and subscribers: see
 * `request_contract.ts`.
 */
export const engineTrapContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "trap 1: a page that ends at the last row is not done, the empty one after it is",
    async (engine) => {
      await addRanks(engine, 1, 2);
      const shapes: unknown[] = [];
      let cursor: string | null = null;
      for (let at = 0; at < 3; at++) {
        const one = await page(engine, { numItems: 2, cursor });
        shapes.push(shape(one));
        cursor = one.continueCursor;
      }
      assertEquals(shapes, [[[1, 2], false], [[], true], [[], true]]);
    },
  ),

  engineCase(
    "trap 2: a cursor of another query is an InvalidCursor, not a fresh start",
    async (engine) => {
      await addRanks(engine, 1, 2);
      const { continueCursor: cursor } = await page(engine, {
        numItems: 1,
        cursor: null,
      });
      await assertRefused(
        page(engine, { numItems: 1, cursor }, { owner: "bob" }),
        "INVALID_CURSOR",
        "InvalidCursor",
      );
    },
  ),

  engineCase(
    "trap 3: a loaded page grows by what is inserted in it and keeps its cursor",
    async (engine) => {
      await addRanks(engine, 10, 20, 30);
      const journal: PageJournal = {};
      const options = { numItems: 2, cursor: null };
      const first = await page(engine, options, {}, journal);
      await addRanks(engine, 15);
      const again = await page(engine, options, {}, journal);
      assertEquals(shape(again), [[10, 15, 20], false]);
      assertEquals(again.continueCursor, first.continueCursor);
      const rest = await page(engine, {
        numItems: 9,
        cursor: again.continueCursor,
      });
      assertEquals(shape(rest), [[30], true]);
    },
  ),

  engineCase(
    "trap 4: undefined, null and missing, in an index as in a filter",
    async (engine) => {
      await withNothings(engine);
      for (
        const [op, operand, expected] of [
          ["eq", {}, ["missing"]],
          ["eq", { value: null }, [null]],
          ["gt", {}, [null, 4, 5, "x"]],
          ["lt", { value: 5 }, ["missing", null, 4]],
        ] as const
      ) {
        const bound = { op, field: "value", ...operand };
        assertEquals(
          valuesOf(await range(engine, "by_value", bound)),
          [...expected],
        );
        const literal = "value" in operand
          ? { literal: operand.value }
          : { missing: true };
        assertEquals(
          valuesOf(
            await filter(engine, { op, args: [{ field: "value" }, literal] }),
          ),
          [...expected],
        );
      }
    },
  ),

  engineCase(
    "trap 5: int64 before float64, -0 before 0, NaN last, text by code points, prefixes first",
    async (engine) => {
      const ordered = [
        2n ** 63n - 1n,
        -Infinity,
        -0,
        0,
        Infinity,
        NaN,
        "\uFFFD",
        "\u{1F600}",
        [1],
        [1, 1],
        { a: 1 },
        { a: 1, b: 1 },
      ];
      await engine.mutation("things:put", { values: ordered.toReversed() });
      const all = await engine.query("things:ordered", {});
      assertEquals(valuesOf(all), ordered);
      const equal = async (value: unknown) =>
        valuesOf(
          await range(engine, "by_value", { op: "eq", field: "value", value }),
        );
      assertEquals(await equal(0), [0]);
      assertEquals(await equal(-0), [-0]);
      assertEquals(await equal(0n), []);
      assertEquals(await equal(NaN), [NaN]);
    },
  ),

  engineCase(
    "trap 6: NULs, empty texts and empty lists are kept apart in compound indexes",
    async (engine) => {
      const bytes = (...all: number[]) => new Uint8Array(all).buffer;
      const groups = ["", "\0", "a", "a\0", "a\0\xff", "ab", [], [""], [
        "",
        "",
      ]];
      const values = ["", "\0", "b", "b\0", bytes(), bytes(0), bytes(0, 255)];
      for (const group of groups) {
        await engine.mutation("things:put", {
          group,
          values: values.toReversed(),
        });
      }
      for (const group of groups) {
        assertEquals(await engine.query("traps:pairs", { group }), values);
        assertEquals(
          await engine.query("traps:pairs", { group, from: "b\0" }),
          values.slice(3),
        );
      }
    },
  ),

  engineCase(
    "trap 7: equalities out of order and the upper bound first pass, an empty range is empty, the rest is refused",
    async (engine) => {
      await engine.mutation("things:put", { group: "g", values: [1, 2, 3] });
      const eq = { op: "eq", field: "group", value: "g" };
      const bound = (op: string, value: number, field = "value") => ({
        op,
        field,
        value,
      });
      const values = async (...bounds: Parameters<typeof range>[2][]) =>
        valuesOf(await range(engine, "by_group_value", ...bounds));
      assertEquals(await values(bound("eq", 2), eq), [2]);
      assertEquals(await values(eq, bound("lt", 3), bound("gt", 1)), [2]);
      assertEquals(await values(eq, bound("gt", 3), bound("lt", 1)), []);
      const refuse = (text: string, ...bounds: ReturnType<typeof bound>[]) =>
        assertRefused(
          range(engine, "by_group_value", ...bounds),
          "INVALID_INDEX_RANGE",
          text,
        );
      const low = bound("gt", 1, "group");
      await refuse("Already defined lower bound in index range", low, low);
      await refuse("didn't use the index fields in order", bound("eq", 1));
      await refuse("doesn't index this field", bound("eq", 1, "other"));
    },
  ),

  engineCase(
    "trap 8: a nested mutation that fails takes back its own writes, the outer one takes back everything",
    async (engine) => {
      assertEquals(await engine.mutation("flow:catchNested", { owner: "a" }), {
        caught: { code: "REFUSED", owner: "a" },
        afterFailure: 1,
        afterSuccess: 2,
      });
      await assertRefused(
        engine.mutation("flow:failAfterNested", { owner: "b" }),
        "LATE",
      );
      assertEquals(await engine.query("flow:count", { owner: "a" }), 2);
      assertEquals(await engine.query("flow:count", { owner: "b" }), 0);
    },
  ),

  engineCase(
    "trap 9: creation times grow by the least step in a transaction, and between two of one millisecond",
    async (engine) => {
      const times: number[] = [];
      for (let run = 0; run < 2; run++) {
        const result = await engine.mutation("traps:times", {}) as {
          inOrder: number[];
          times: number[];
        };
        assertEquals(result.inOrder.slice(-3), [0, 1, 2]);
        times.push(...result.times.slice(-3));
      }
      assertEquals(times[0], 1e12);
      for (let at = 1; at < times.length; at++) {
        const step = times[at]! - times[at - 1]!;
        assert(step > 0 && step < 0.001, `step ${step}`);
      }
    },
    { now: () => 1e12 },
  ),

  {
    name:
      "trap 10: patch removes what is undefined, a patch without change writes nothing, ids keep their table",
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      const engine = subject.open({ store });
      try {
        const id = await addNote(engine, "ada", { rank: 1 });
        const before = await engine.query("notes:get", { id }) as Doc;
        const written = store.writtenOps;
        await engine.mutation("notes:patch", { id, set: { rank: 1 } });
        await engine.mutation("notes:patch", { id, set: before });
        assertEquals(store.writtenOps, written);
        await engine.mutation("notes:patch", { id, set: {}, unset: ["rank"] });
        assert(store.writtenOps > written);
        const { rank: _, ...rest } = before;
        assertEquals(await engine.query("notes:get", { id }), rest);
        await assertRefused(
          engine.mutation("traps:patchFrom", { table: "things", id }),
          "INVALID_ID",
          'expected to be an Id<"things">, got Id<"notes"> instead',
        );
        await assertRefused(
          engine.mutation("notes:patch", { id, set: { _creationTime: 1 } }),
          "DOCUMENT_VALIDATION",
          "_creationTime",
        );
        await engine.mutation("things:put", { values: [1, 2, 3] });
        assertEquals(await engine.mutation("traps:deleteAll", {}), {
          seen: [1, 2, 3],
          left: 0,
        });
      } finally {
        await engine.close();
        store.closeReally();
      }
    },
  },

  engineCase(
    "trap 11: sixteen words, the last one a prefix, ties newest first, statistics over documents that filters leave out",
    async (engine) => {
      const find = async (text: string, args = {}) =>
        (await engine.query("notes:search", { text, ...args }) as Doc[]).map((
          note,
        ) => note.owner);
      for (const owner of ["old", "new"]) {
        await addNote(engine, owner, { text: "tied seventeenth" });
      }
      const words = Array.from({ length: 15 }, (_, at) => `w${at}`).join(" ");
      assertEquals(await find(`${words} tied seventeenth`), ["new", "old"]);
      assertEquals(await find(`${words} x tied`), []);
      assertEquals(await find("tie x"), []);
      // "b" is the rarer word among pinned notes, but not among all; term statistics are of all notes.
      const pinned = { pinned: true };
      await addNote(engine, "has b", { text: "b", ...pinned });
      await addNote(engine, "has a", { text: "a", ...pinned });
      await addNote(engine, "has a", { text: "a", ...pinned });
      for (let at = 0; at < 9; at++) await addNote(engine, "x", { text: "b" });
      assertEquals(await find("a b x", pinned), ["has a", "has a", "has b"]);
    },
  ),

  engineCase(
    "trap 12: filters of a vector search join with or, wrong lengths are left out, no score is NaN or beyond 1",
    async (engine) => {
      const embed = (owner: string, embedding: number[], fields = {}) =>
        addNote(engine, owner, { embedding, ...fields });
      await embed("far", [-3, 0, 0], { pinned: true });
      await embed("zero", [0, 0, 0]);
      await embed("near", [0.1, 0.2, 0.3]);
      await embed("short", [1, 2]);
      const found = await engine.action("traps:scores", {
        vector: [0.1, 0.2, 0.3],
      }) as { _score: number }[];
      assertEquals(found.map(({ _score }) => Math.sign(_score)), [1, 0, -1]);
      for (const { _score } of found) {
        assert(Math.abs(_score) <= 1 && Math.fround(_score) === _score);
      }
      const near = await engine.action("notes:near", {
        vector: [1, 0, 0],
        owners: ["near"],
        pinned: true,
      }) as { owner: string }[];
      assertEquals(near.map(({ owner }) => owner), ["near", "far"]);
      await engine.action("traps:scores", { vector: [1, 0, 0], limit: 256 });
      await assertRefused(
        engine.action("traps:scores", { vector: [1, 0, 0], limit: 257 }),
        "LIMIT_EXCEEDED",
        "Vector queries can fetch at most 256 results, requested 257.",
      );
    },
  ),

  engineCase(
    "trap 14: an error's data comes through mutations and actions, null for undefined, ids of their table",
    async (engine) => {
      const data = { big: 2n ** 62n, nan: NaN, bytes: new ArrayBuffer(2) };
      assertEquals(await engine.action("traps:catchInAction", { data }), data);
      for (
        const call of [
          engine.mutation("traps:failBelow", { data }),
          engine.action("traps:failThroughAction", { data }),
        ]
      ) {
        const error = await assertRefused(call, "CONVEX_ERROR");
        assertEquals(error.data, data);
      }
      assertEquals(await engine.query("things:ordered", {}), []);
      assertEquals(await engine.query("flow:nothing", {}), null);
      await assertRefused(
        engine.mutation("notes:add", { owner: "a", text: "b", extra: 1 }),
        "ARGUMENT_VALIDATION",
        "extra",
      );
      const [thing] = await engine.mutation("flow:insertMany", {
        count: 1,
      }) as string[];
      await assertRefused(
        engine.query("notes:getTyped", { id: thing }),
        "ARGUMENT_VALIDATION",
        "`things`",
      );
      assertEquals(
        await engine.query("notes:normalize", { table: "notes", id: thing }),
        null,
      );
    },
  ),

  engineCase(
    "trap 15: one page a function, internal functions unknown outside, limits on both sides",
    async (engine) => {
      await assertRefused(
        engine.query("wrong:twoPages", {
          paginationOpts: { numItems: 1, cursor: null },
        }),
        "INVALID_PAGINATION",
        "ran multiple paginated queries",
      );
      const text = async (name: string) =>
        (await assertRefused(engine.query(name, {}), "FUNCTION_NOT_FOUND"))
          .message.replace(name, "…");
      assertEquals(await text("flow:secret"), await text("flow:unknown"));
      // The limits themselves have cases named "limit …".
      assertEquals(await engine.mutation("flow:recurse", { depth: 8 }), 8);
      await assertRefused(
        engine.mutation("flow:recurse", { depth: 9 }),
        "LIMIT_EXCEEDED",
      );
    },
  ),
];

function page(
  engine: Engine,
  paginationOpts: unknown,
  args: { [name: string]: unknown } = {},
  journal: PageJournal = {},
): Promise<Page> {
  return engine.query(
    "notes:page",
    { paginationOpts, owner: "ada", ...args },
    { journal },
  ) as Promise<unknown> as Promise<Page>;
}

function shape({ page, isDone }: Page): [unknown[], boolean] {
  return [page.map((note) => note.rank), isDone];
}

async function addRanks(engine: Engine, ...ranks: number[]): Promise<void> {
  for (const rank of ranks) await addNote(engine, "ada", { rank });
}
