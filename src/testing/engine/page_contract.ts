import { assertEquals, assertNotEquals } from "@std/assert";
import type {
  Engine,
  EngineCallOptions,
  PageJournal,
} from "../../engine/engine.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

interface Page {
  page: Doc[];
  isDone: boolean;
  continueCursor: string;
  splitCursor: string | null;
  pageStatus: string | null;
}

/** Pagination of queries. */
export const enginePageContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "a page that ends at the last row is followed by an empty one that is done",
    async (engine) => {
      await addRanks(engine, [1, 2, 3, 4]);
      const one = await page(engine, { numItems: 2, cursor: null });
      assertEquals([ranks(one), one.isDone], [[1, 2], false]);
      const two = await page(engine, {
        numItems: 2,
        cursor: one.continueCursor,
      });
      assertEquals([ranks(two), two.isDone], [[3, 4], false]);
      const three = await page(engine, {
        numItems: 2,
        cursor: two.continueCursor,
      });
      assertEquals([ranks(three), three.isDone], [[], true]);
      const four = await page(engine, {
        numItems: 2,
        cursor: three.continueCursor,
      });
      assertEquals([ranks(four), four.isDone], [[], true]);
    },
  ),

  engineCase("pages go through an index in both directions", async (engine) => {
    await addRanks(engine, [5, 3, 1, 4, 2]);
    await addNote(engine, "bob", { rank: 0 });
    for (const order of ["asc", "desc"]) {
      const all: unknown[] = [];
      let cursor: string | null = null;
      for (let count = 0; count < 4; count++) {
        const { page: notes, isDone, continueCursor }: Page = await page(
          engine,
          { numItems: 2, cursor },
          { owner: "ada", order },
        );
        all.push(...notes.map((note) => note.rank));
        cursor = continueCursor;
        if (isDone) break;
      }
      assertEquals(all, order === "asc" ? [1, 2, 3, 4, 5] : [5, 4, 3, 2, 1]);
    }
  }),

  engineCase("a page is filled after filtering", async (engine) => {
    await addRanks(engine, [1, 9, 2, 8, 3, 7]);
    const one = await page(engine, { numItems: 2, cursor: null }, {
      minRank: 7,
    });
    assertEquals(ranks(one), [9, 8]);
    const two = await page(
      engine,
      { numItems: 2, cursor: one.continueCursor },
      { minRank: 7 },
    );
    assertEquals([ranks(two), two.isDone], [[7], true]);
  }),

  engineCase(
    "an end cursor fixes a page's bounds, so that what is inserted between stays in it",
    async (engine) => {
      await addRanks(engine, [10, 20, 30, 40]);
      const args = { owner: "ada" };
      const one = await page(engine, { numItems: 2, cursor: null }, args);
      await addRanks(engine, [15, 35]);
      const again = await page(engine, {
        numItems: 2,
        cursor: null,
        endCursor: one.continueCursor,
      }, args);
      assertEquals(ranks(again), [10, 15, 20]);
      assertEquals([again.continueCursor, again.isDone], [
        one.continueCursor,
        false,
      ]);
      const two = await page(engine, {
        numItems: 9,
        cursor: one.continueCursor,
      }, args);
      assertEquals([ranks(two), two.isDone], [[30, 35, 40], true]);
    },
  ),

  engineCase(
    "run again with its journal, a page keeps its end and grows by what is inserted in it",
    async (engine) => {
      await addRanks(engine, [10, 20, 30, 40]);
      const args = { owner: "ada" };
      const journals: PageJournal[] = [{}, {}, {}];
      /** The three pages that cover everything, each from where the one before ended originally. */
      const load = async () => {
        const pages: Page[] = [];
        let cursor: string | null = null;
        for (const journal of journals) {
          const loaded: Page = await page(
            engine,
            { numItems: 2, cursor },
            args,
            { journal },
          );
          pages.push(loaded);
          cursor = loaded.continueCursor;
        }
        return pages;
      };
      const first = await load();
      assertEquals(first.map(ranks), [[10, 20], [30, 40], []]);
      assertEquals(first.map((one) => one.isDone), [false, false, true]);
      await addRanks(engine, [15, 25, 50]);
      const again = await load();
      assertEquals(again.map(ranks), [[10, 15, 20], [25, 30, 40], [50]]);
      assertEquals(
        again.map((one) => [one.continueCursor, one.isDone]),
        first.map((one) => [one.continueCursor, one.isDone]),
      );
      const notes = again[0]!.page;
      for (const note of notes) {
        await engine.mutation("notes:remove", { id: note._id });
      }
      assertEquals((await load()).map(ranks), [[], [25, 30, 40], [50]]);
      await assertRefused(
        page(engine, { numItems: 2, cursor: null }, {}, {
          journal: journals[0]!,
        }),
        "INVALID_CURSOR",
      );
      const none: PageJournal = {};
      await engine.query("notes:get", { id: notes[0]!._id }, { journal: none });
      assertEquals(none, {});
    },
  ),

  engineCase(
    "a split cursor cuts a page in two without a gap",
    async (engine) => {
      await addRanks(engine, [1, 2, 3, 4, 5]);
      const whole = await page(engine, { numItems: 5, cursor: null });
      assertNotEquals(whole.splitCursor, null);
      const left = await page(engine, {
        numItems: 9,
        cursor: null,
        endCursor: whole.splitCursor,
      });
      const right = await page(engine, {
        numItems: 9,
        cursor: whole.splitCursor,
        endCursor: whole.continueCursor,
      });
      assertEquals([...ranks(left), ...ranks(right)], [1, 2, 3, 4, 5]);
    },
  ),

  engineCase(
    "maximumRowsRead ends a page early and asks to split it",
    async (engine) => {
      await addRanks(engine, [1, 2, 3, 4]);
      const one = await page(engine, {
        numItems: 3,
        cursor: null,
        maximumRowsRead: 2,
      }, { minRank: 2 });
      assertEquals([ranks(one), one.isDone, one.pageStatus], [
        [2],
        false,
        "SplitRequired",
      ]);
      const two = await page(engine, {
        numItems: 3,
        cursor: one.continueCursor,
      }, { minRank: 2 });
      assertEquals(ranks(two), [3, 4]);
    },
  ),

  engineCase(
    "maximumBytesRead ends a page after the row that reaches it",
    async (engine) => {
      await addRanks(engine, [1, 2, 3, 4]);
      const read = (maximumBytesRead: number) =>
        page(engine, { numItems: 3, cursor: null, maximumBytesRead });
      const one = await read(1);
      assertEquals([ranks(one), one.isDone, one.pageStatus], [
        [1],
        false,
        "SplitRequired",
      ]);
      assertEquals(ranks(await read(150)), [1, 2]);
      const all = await read(10_000);
      assertEquals([ranks(all), all.pageStatus], [[1, 2, 3], null]);
    },
  ),

  engineCase(
    "a page that reads most of what a transaction may read should be split",
    async (engine) => {
      await addRanks(engine, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const status = async (numItems: number) =>
        (await page(engine, { numItems, cursor: null })).pageStatus;
      assertEquals(await status(7), null);
      assertEquals(await status(8), "SplitRecommended");
    },
    { limits: { documentsRead: 10 } },
  ),

  ...[{ documentsRead: 5 }, { bytesRead: 500 }].map((limits) =>
    engineCase(
      `a page ends where a transaction has read what it may: ${
        JSON.stringify(limits)
      }`,
      async (engine) => {
        const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        await addRanks(engine, all);
        const filter = { minRank: 3 };
        const seen: unknown[] = [];
        const read = async (cursor: string | null) => {
          const one = await page(engine, { numItems: 5, cursor }, filter);
          seen.push(...ranks(one));
          return one;
        };
        let one = await read(null);
        assertEquals([one.isDone, one.pageStatus], [false, "SplitRequired"]);
        assertNotEquals(one.splitCursor, null);
        // With a fixed end, as when it is read again, it reports a split cursor, and its halves are read.
        const { continueCursor: endCursor, splitCursor } = one;
        const pinned = await page(
          engine,
          { numItems: 1, cursor: splitCursor, endCursor },
          filter,
        );
        assertEquals(ranks(pinned).at(-1), ranks(one).at(-1));
        while (!one.isDone) one = await read(one.continueCursor);
        assertEquals(seen, all.slice(2));
      },
      { limits },
    )
  ),

  engineCase(
    "a cursor of another query, or garbage, is refused",
    async (engine) => {
      await addRanks(engine, [1, 2, 3]);
      const { continueCursor: cursor } = await page(engine, {
        numItems: 1,
        cursor: null,
      });
      const refuse = (options: unknown, args = {}, ...texts: string[]) =>
        assertRefused(
          page(engine, options, args),
          "INVALID_CURSOR",
          "InvalidCursor",
          ...texts,
        );
      await refuse({ numItems: 1, cursor }, { owner: "ada" }, "another query");
      await refuse({ numItems: 1, cursor }, { order: "desc" });
      await refuse({ numItems: 1, cursor }, { minRank: 1 });
      await refuse({ numItems: 1, cursor: "garbage" }, {}, "garbage");
      await refuse({ numItems: 1, cursor: "\u{1F600}" });
      await refuse({ numItems: 1, cursor: null, endCursor: "x" });
      await refuse({ numItems: 1, cursor: "" });
    },
  ),

  engineCase(
    "wrong options of paginate are refused by name",
    async (engine) => {
      const refuse = (options: unknown, code: string, ...texts: string[]) =>
        assertRefused(
          engine.query("wrong:rawPage", { options }),
          code,
          ...texts,
        );
      await refuse(
        { numItems: 0, cursor: null },
        "INVALID_PAGINATION",
        "Must request at least 1 document while paginating",
      );
      await refuse(
        { numItems: -1, cursor: null },
        "INVALID_PAGINATION",
        "positive",
      );
      await refuse({ cursor: null }, "INVALID_PAGINATION", "undefined");
      for (const size of [0, -1]) {
        for (const name of ["maximumRowsRead", "maximumBytesRead"]) {
          await refuse(
            { numItems: 1, cursor: null, [name]: size },
            "INVALID_PAGINATION",
            "maximumRowsRead and maximumBytesRead must be greater than 0",
          );
        }
      }
      for (const name of ["numItems", "maximumRowsRead", "maximumBytesRead"]) {
        await refuse(
          { numItems: 1, cursor: null, [name]: 1.5 },
          "INVALID_PAGINATION",
          `\`options.${name}\` must be an integer. Received \`1.5\`.`,
        );
        const options = { numItems: 1, cursor: null, [name]: Infinity };
        const page = engine.query("wrong:rawPage", { options });
        if (name !== "numItems") await page;
        else {
          await assertRefused(
            page,
            "INVALID_PAGINATION",
            "`options.numItems` must be an integer. Received `Infinity`.",
          );
        }
      }
      await refuse(
        { numItems: 32_001, cursor: null },
        "LIMIT_EXCEEDED",
        "32001",
        "32000",
      );
      await refuse(
        { numItems: 1, cursor: 7 },
        "INVALID_PAGINATION",
        "options.cursor",
      );
      await refuse({ numItems: 1 }, "INVALID_PAGINATION", "options.cursor");
    },
  ),

  engineCase("a function reads one page only", async (engine) => {
    await assertRefused(
      engine.query("wrong:twoPages", {
        paginationOpts: { numItems: 1, cursor: null },
      }),
      "INVALID_PAGINATION",
      "multiple paginated queries",
    );
  }),

  engineCase(
    "a mutation reads one page only, and so does each query that it calls",
    async (engine) => {
      const paginationOpts = { numItems: 1, cursor: null };
      const run = (itself: number) =>
        engine.mutation("wrong:pagesInMutation", { paginationOpts, itself });
      assertEquals(await run(1), null);
      await assertRefused(
        run(2),
        "INVALID_PAGINATION",
        "multiple paginated queries",
      );
    },
  ),
];

/** Reads one page of notes. */
export function page(
  engine: Engine,
  paginationOpts: unknown,
  args: { [name: string]: unknown } = {},
  options: EngineCallOptions = {},
): Promise<Page> {
  return engine.query(
    "notes:page",
    { paginationOpts, ...args },
    options,
  ) as Promise<
    unknown
  > as Promise<Page>;
}

async function addRanks(engine: Engine, all: number[]): Promise<void> {
  for (const rank of all) await addNote(engine, "ada", { rank });
}

function ranks({ page }: Page): unknown[] {
  return page.map((note) => note.rank);
}
