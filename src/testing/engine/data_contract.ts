import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
  settled,
} from "./subject.ts";
import type { Value } from "../../values/types.ts";
import type { ContractCase } from "../types.ts";

/** How documents are written and read one at a time. */
export const engineDataContract: ContractCase<EngineSubject>[] = [
  engineCase(
    "an inserted document comes back with its id and creation time",
    async (engine) => {
      const before = Date.now();
      const id = await addNote(engine, "ada", { rank: 1.5, pinned: true });
      assertMatch(id, /^[0-9a-z]{31,37}$/);
      const note = await engine.query("notes:get", { id }) as Doc;
      const { _id, _creationTime, ...fields } = note;
      assertEquals(_id, id);
      assert(_creationTime >= before && _creationTime < Date.now() + 1);
      assertEquals(fields, {
        owner: "ada",
        text: "a note",
        rank: 1.5,
        pinned: true,
      });
    },
  ),

  engineCase(
    "creation times grow strictly while the clock stands still or goes back",
    async (engine) => {
      const ids = await engine.mutation("notes:addMany", {
        notes: [{ owner: "a", text: "1" }, { owner: "a", text: "2" }],
      }) as string[];
      ids.push(await addNote(engine, "a"), await addNote(engine, "a"));
      const times: number[] = [];
      for (const id of ids) {
        times.push(
          (await engine.query("notes:get", { id }) as Doc)._creationTime,
        );
      }
      for (let i = 1; i < times.length; i++) {
        assertGreater(times[i]!, times[i - 1]!);
      }
      const page = await engine.query("notes:page", {
        paginationOpts: { numItems: 10, cursor: null },
      }) as { page: Doc[] };
      assertEquals(page.page.map((note) => note._id), ids);
    },
    { now: standingClock() },
  ),

  {
    name: "a table larger than the limits of a transaction can be counted",
    async run(subject) {
      interface Table {
        db: {
          insert(table: string, document: object): Promise<string>;
          delete(id: string): Promise<void>;
          query(table: string): { count(): Promise<number> };
        };
      }
      const counts = async ({ db }: Table) => [
        await db.query("notes").count(),
        await db.query("no_such_table").count(),
      ];
      const change = async (ctx: Table) => {
        const note = { owner: "a", text: "1" };
        const ids = [];
        for (let i = 0; i < 4; i++) {
          ids.push(await ctx.db.insert("notes", note));
        }
        await ctx.db.delete(ids[1]!);
        return await counts(ctx);
      };
      const registered = { isPublic: true };
      const engine = subject.open({
        modules: {
          a: {
            counts: { ...registered, isQuery: true, _handler: counts },
            change: { ...registered, isMutation: true, _handler: change },
          },
        },
        limits: { documentsRead: 2 },
      });
      try {
        for (const size of [3, 6]) {
          assertEquals(await engine.mutation("a:change", {}), [size, 0]);
          assertEquals(await engine.query("a:counts", {}), [size, 0]);
        }
        const sizes: Value[] = [];
        const watch = engine.watch("a:counts");
        watch.subscribe((value) => sizes.push(value));
        await settled(engine);
        await engine.mutation("a:change", {});
        await settled(engine);
        watch.close();
        assertEquals(sizes, [[6, 0], [9, 0]]);
      } finally {
        await engine.close();
      }
    },
  },

  engineCase(
    "patch merges at the top level and removes what is undefined",
    async (engine) => {
      const id = await addNote(engine, "ada", { rank: 1, pinned: true });
      await engine.mutation("notes:patch", {
        id,
        set: { rank: 2 },
        unset: ["pinned"],
      });
      const { _id, _creationTime, ...fields } = await engine.query(
        "notes:get",
        { id },
      ) as Doc;
      assertEquals(fields, { owner: "ada", text: "a note", rank: 2 });
      assertEquals(
        (await engine.query("notes:list", { owner: "ada", above: 1 }) as Doc[])
          .length,
        1,
      );
    },
  ),

  engineCase(
    "replace swaps all fields and keeps id and creation time",
    async (engine) => {
      const id = await addNote(engine, "ada", { rank: 1 });
      const before = await engine.query("notes:get", { id }) as Doc;
      await engine.mutation("notes:replace", {
        id,
        value: { owner: "bob", text: "new" },
      });
      assertEquals(await engine.query("notes:get", { id }), {
        _id: id,
        _creationTime: before._creationTime,
        owner: "bob",
        text: "new",
      });
      assertEquals(await engine.query("notes:list", { owner: "ada" }), []);
    },
  ),

  engineCase(
    "system fields may be given to patch and replace only as they are",
    async (engine) => {
      const id = await addNote(engine, "ada");
      const { _creationTime } = await engine.query("notes:get", { id }) as Doc;
      await engine.mutation("notes:patch", {
        id,
        set: { _id: id, _creationTime, rank: 1 },
      });
      await engine.mutation("notes:replace", {
        id,
        value: { _id: id, _creationTime, owner: "ada", text: "b" },
      });
      await assertRefused(
        engine.mutation("notes:patch", { id, set: { _creationTime: 1 } }),
        "DOCUMENT_VALIDATION",
        "_creationTime",
      );
      await assertRefused(
        engine.mutation("notes:replace", {
          id,
          value: { _id: "x", owner: "a", text: "b" },
        }),
        "DOCUMENT_VALIDATION",
        "_id",
      );
    },
  ),

  engineCase("a deleted document is gone from every index", async (engine) => {
    const id = await addNote(engine, "ada", { rank: 1, embedding: [1, 0, 0] });
    await engine.mutation("notes:remove", { id });
    assertEquals(await engine.query("notes:get", { id }), null);
    assertEquals(await engine.query("notes:list", { owner: "ada" }), []);
    assertEquals(await engine.query("notes:search", { text: "note" }), []);
    assertEquals(await engine.action("notes:near", { vector: [1, 0, 0] }), []);
    await assertRefused(
      engine.mutation("notes:remove", { id }),
      "DOCUMENT_NOT_FOUND",
      "Delete on nonexistent document ID",
      id,
    );
    await assertRefused(
      engine.mutation("notes:patch", { id, set: {} }),
      "DOCUMENT_NOT_FOUND",
      "Update on nonexistent document ID",
    );
    await assertRefused(
      engine.mutation("notes:replace", { id, value: {} }),
      "DOCUMENT_NOT_FOUND",
      "Replace on nonexistent document ID",
    );
  }),

  engineCase(
    "get takes the table's name, too, and refuses an id of another table",
    async (engine) => {
      const id = await addNote(engine, "ada");
      assertEquals(
        (await engine.query("notes:getFrom", { table: "notes", id }) as Doc)
          ._id,
        id,
      );
      await assertRefused(
        engine.query("notes:getFrom", { table: "links", id }),
        "INVALID_ID",
        'expected to be an Id<"links">, got Id<"notes"> instead.',
      );
    },
  ),

  engineCase("normalizeId knows the ids of a table", async (engine) => {
    const id = await addNote(engine, "ada");
    const normalize = (table: string, id: string) =>
      engine.query("notes:normalize", { table, id });
    assertEquals(await normalize("notes", id), id);
    assertEquals(await normalize("links", id), null);
    assertEquals(await normalize("nowhere", id), null);
    assertEquals(await normalize("notes", "garbage"), null);
  }),

  engineCase("what is not an id is refused by name", async (engine) => {
    await assertRefused(
      engine.query("wrong:read", { what: "getNumber" }),
      "INVALID_ID",
      "expected string",
      "7",
    );
    await assertRefused(
      engine.query("wrong:read", { what: "getGarbage" }),
      "INVALID_ID",
      "Unable to decode ID: Invalid ID length 7",
      "garbage",
    );
    await assertRefused(
      engine.query("notes:get", { id: "user".padEnd(32, "0") }),
      "INVALID_ID",
      "Unable to decode ID: ID wasn't valid base32",
    );
    await assertRefused(
      engine.query("wrong:read", { what: "getNothing" }),
      "FUNCTION_ERROR",
      "Must provide arg 1",
    );
    const id = await addNote(engine, "ada");
    const last = id.endsWith("0") ? "1" : "0";
    await assertRefused(
      engine.query("notes:get", { id: id.slice(0, -1) + last }),
      "INVALID_ID",
    );
  }),

  engineCase("results and arguments are copies", async (engine) => {
    assertEquals(
      (await engine.mutation("flow:changeArgs", { list: [1] }) as Doc).value,
      [1, 99],
    );
    const list = [1];
    const pending = engine.mutation("flow:changeArgs", { list });
    list.push(2);
    assertEquals((await pending as Doc).value, [1, 99]);
    const value = { inner: [1] };
    const echoed = await engine.query("flow:echo", { value });
    assertEquals(echoed, value);
    assert(echoed !== value);
  }),

  engineCase("values of every type survive the store", async (engine) => {
    const bytes = new Uint8Array([0, 255, 128]).buffer;
    const values = [
      null,
      0n,
      -(2n ** 63n),
      2n ** 63n - 1n,
      NaN,
      -0,
      Infinity,
      -Infinity,
      1e-300,
      true,
      "",
      "\u0000",
      "日本語 \u{1F600}",
      bytes,
      [],
      [[1n], { "a b": [bytes] }],
      { "": 1 },
      { nested: { deep: [null] } },
    ];
    await engine.mutation("things:put", { values });
    const stored = await engine.query("things:filter", {
      expression: { literal: true },
    }) as { value: unknown }[];
    assertEquals(stored.map(({ value }) => value), values);
    assert(Object.is(stored[5]!.value, -0));
  }),
];

/** A clock that stands still, then goes back. */
function standingClock(): () => number {
  let calls = 0;
  return () => 1_700_000_000_000 - (++calls > 3 ? 5_000 : 0);
}
