/** Where pages end: with cursors that were manipulated to point elsewhere, and where they are cut short. */
import { assertEquals } from "@std/assert";
import {
  defineSchema,
  defineTable,
  type GenericSchema,
  mutationGeneric,
  queryGeneric,
  type SchemaDefinition,
} from "convex/server";
import { v } from "convex/values";
import type { Engine, PageJournal } from "../../engine/engine.ts";
import { page } from "./page_contract.ts";
import {
  addNote,
  engineCase,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Bytes of a cursor that identify its query. */
const PRINT_LENGTH = 8;

function bytesOf(cursor: string): string {
  return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
}

function textOf(bytes: string): string {
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** The cases. */
export const enginePagePlaceContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "a page that maximumRowsRead cuts short ends where it did, when it is read again",
    async (engine) => {
      const add = async (...ranks: number[]) => {
        for (const rank of ranks) await addNote(engine, "ada", { rank });
      };
      await add(10, 20, 30, 40, 50);
      const args = { owner: "ada" };
      const journal: PageJournal = {};
      const options = { numItems: 9, cursor: null, maximumRowsRead: 4 };
      const read = () => page(engine, options, args, { journal });
      const { continueCursor } = await read();
      await add(15, 25);
      const again = await read();
      assertEquals([again.continueCursor, again.isDone, again.pageStatus], [
        ...[continueCursor, false],
        "SplitRequired",
      ]);
      // Its halves and the page after it leave no gap.
      const all: unknown[] = [];
      const ends = [null, again.splitCursor, continueCursor];
      for (const [at, cursor] of ends.entries()) {
        const endCursor = ends[at + 1];
        const part = await page(
          engine,
          { ...options, cursor, endCursor },
          args,
        );
        all.push(...part.page.map(({ rank }) => rank));
      }
      assertEquals(all, [10, 15, 20, 25, 30, 40, 50]);
    },
  ),

  engineCase(
    "no place that is written into a cursor leads a page out of its range",
    async (engine) => {
      for (const owner of ["ada", "bob", "cid"]) {
        for (const rank of [1, 2, 3]) await addNote(engine, owner, { rank });
      }
      const first = { numItems: 1, cursor: null };
      for (const order of ["asc", "desc"]) {
        const own = await page(engine, first, { owner: "bob", order });
        const places = [
          await cursorOf("ada", order),
          await cursorOf("cid", order),
        ]
          .map((cursor) => bytesOf(cursor).slice(PRINT_LENGTH));
        for (const place of [...places, "A", "A\xff", "A~~~", "P", "P\xff"]) {
          const cursor = textOf(
            bytesOf(own.continueCursor).slice(0, PRINT_LENGTH) + place,
          );
          for (
            const options of [
              { numItems: 9, cursor },
              { numItems: 9, cursor: null, endCursor: cursor },
              { numItems: 9, cursor: own.continueCursor, endCursor: cursor },
            ]
          ) {
            const read = await page(engine, options, { owner: "bob", order });
            const owners = new Set(read.page.map(({ owner }) => owner));
            owners.delete("bob");
            assertEquals([...owners], [], JSON.stringify(options));
          }
        }
      }

      async function cursorOf(owner: string, order: string): Promise<string> {
        return (await page(engine, first, { owner, order })).continueCursor;
      }
    },
  ),

  {
    name: "a page continues after its index was taken out and came back",
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      const table = defineTable({ rank: v.number() });
      const things = { ranks: table.index("by_rank", ["rank"]) };
      type PageOptions = { numItems: number; cursor: string | null };
      const ranks = {
        add: mutationGeneric(({ db }, args: { rank: number }) =>
          db.insert("ranks", args)
        ),
        page: queryGeneric(async ({ db }, options: PageOptions) => {
          const read = await db.query("ranks").withIndex("by_rank")
            .paginate(options);
          return { ...read, page: read.page.map(({ rank }) => rank) };
        }),
      };
      const withEngine = async <Result>(
        schema: SchemaDefinition<GenericSchema, boolean>,
        use: (engine: Engine) => Promise<Result>,
      ): Promise<Result> => {
        const engine = subject.open({ store, schema, modules: { ranks } });
        try {
          return await use(engine);
        } finally {
          await engine.close();
        }
      };
      const read = async (engine: Engine, cursor: string | null) =>
        await engine.query("ranks:page", {
          numItems: 2,
          cursor,
        }) as unknown as { page: number[]; continueCursor: string };
      const { continueCursor } = await withEngine(
        defineSchema(things),
        async (engine) => {
          for (const rank of [3, 1, 4, 2]) {
            await engine.mutation("ranks:add", { rank });
          }
          return await read(engine, null);
        },
      );
      await withEngine(
        defineSchema({ ranks: defineTable({ rank: v.number() }) }),
        () => Promise.resolve(),
      );
      const { page } = await withEngine(
        defineSchema(things),
        (engine) => read(engine, continueCursor),
      );
      assertEquals(page, [3, 4]);
      store.closeReally();
    },
  },
];
