import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
} from "@std/assert";
import { componentsGeneric, createFunctionHandle } from "convex/server";
import {
  clockCase,
  type ConvexTestSubject,
  insert,
  m,
  q,
  type Test,
  testCase,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Failing calls, with a part of `convex-test`'s message. */
const failures: [fail: (t: Test) => Promise<unknown>, text: string][] = [
  [
    (t) => t.mutation(m("notes:add"), { owner: 1, text: "a" }),
    "Validator error: Expected `string`, got `1`",
  ],
  [
    (t) => t.mutation(m("notes:add"), { text: "a" }),
    "Validator error: Missing required field `owner` in object",
  ],
  [
    (t) => t.mutation(m("notes:add"), { owner: "a", text: "a", more: 1 }),
    "Validator error: Unexpected field `more` in object",
  ],
  [
    (t) => t.run((ctx) => ctx.db.insert("notes", { owner: "a" })),
    "Validator error: Missing required field `text` in object",
  ],
  [
    (t) => t.run((ctx) => ctx.db.insert("shapes", { kind: "line" })),
    'Validator error: Expected one of object, object, got `{"kind":"line"}`',
  ],
  [
    (t) => t.run((ctx) => ctx.db.insert("links", { note: "1a", label: "" })),
    'Validator error: Expected ID for table "notes", got `1a`',
  ],
  [
    (t) => t.query(q("wrong:badReturn"), {}),
    'Return value validation failed for query "wrong:badReturn":\nValidator error: ',
  ],
  [(t) => t.query(q("no:where"), {}), 'Could not find module for: "no"'],
  [
    (t) => t.query(q("notes:nothing"), {}),
    'exported from module "notes" as `nothing`, but there is no such export',
  ],
  [
    (t) => t.query(q("notes:add"), {}),
    'Expected a query function, but the function exported from module "notes" as `add` is not a query',
  ],
  [
    (t) =>
      t.run(async (ctx) => {
        const id = await insert(ctx, "a") as never;
        await ctx.db.delete(id);
        await ctx.db.delete(id);
      }),
    "Delete on non-existent doc",
  ],
  [
    (t) =>
      t.run(async (ctx) => {
        const id = await insert(ctx, "a") as never;
        await ctx.db.delete(id);
        await ctx.db.patch(id, { text: "b" });
      }),
    "Patch on non-existent document with ID",
  ],
  [
    (t) =>
      t.run(async (ctx) =>
        ctx.db.get("things", await insert(ctx, "a") as never)
      ),
    "Invalid argument `id`, expected ID in table 'things' but got ID in table 'notes'",
  ],
  [
    (t) =>
      t.run((ctx) => ctx.runMutation(m("notes:add"), { owner: "a" } as never)),
    "Validator error: Missing required field `text` in object",
  ],
  [
    (t) => t.run((ctx) => ctx.db.query("notes").withIndex("none").collect()),
    'Cannot use index "none" for table "notes" because it is not declared',
  ],
  [
    (t) =>
      t.run((ctx) =>
        ctx.db.query("notes")
          .withIndex("by_owner", (q) => q.eq("rank", 1 as never)).collect()
      ),
    'Incorrect field used in `withIndex`, expected "owner", got "rank"',
  ],
  [
    (t) =>
      t.query(async (ctx) => {
        const options = { numItems: 1, cursor: null };
        await ctx.db.query("notes").paginate(options);
        await ctx.db.query("notes").paginate(options);
      }),
    "Only a single paginated query (`.paginate()`) is allowed per query, including nested query calls",
  ],
  [
    (t) =>
      t.query(
        componentsGeneric().none!.notes!.get! as ReturnType<typeof q>,
        {},
      ),
    'Component "none" is not registered on this `convexTest` instance. ',
  ],
  [
    (t) => t.query(q("crons:default"), {}),
    'exported from module "crons" as `default`, but got: [object Object]',
  ],
];

/** Error messages of `convex-test`, for tests that match them. */
export const convexTestWordsContract: ContractCase<ConvexTestSubject>[] = [
  testCase(
    "errors are put into the words of convex-test",
    async (t) => {
      for (const [fail, text] of failures) {
        const error = await assertRejects(() => fail(t), Error, text);
        // Compared by name, because edge-runtime has Errors of more than one realm.
        assertEquals(error.constructor.name, "Error");
        assertEquals(error.name, "Error");
      }
    },
    { compat: "convex-test" },
  ),

  testCase(
    "arguments that Convex cannot hold are looked at in a list, except inside a transaction",
    async (t) => {
      const args = { text: [undefined], owner: "a" } as never;
      const said = (path: string, run: () => Promise<unknown>) =>
        assertRejects(run, Error, `(present at path ${path} in original `);
      await said("[0].text[0]", () => t.mutation(m("notes:add"), args));
      await said(
        "[0].text[0]",
        () => t.action((ctx) => ctx.runMutation(m("notes:add"), args)),
      );
      await said(
        ".text[0]",
        () => t.run((ctx) => ctx.runMutation(m("notes:add"), args)),
      );
      await said(
        ".text[0]",
        () => t.run((ctx) => ctx.scheduler.runAfter(0, m("notes:add"), args)),
      );
    },
    { compat: "convex-test" },
  ),

  testCase(
    "errors have the words of Convex, then those of convex-test",
    async (t) => {
      for (const [fail, text] of failures) {
        const error = await assertRejects(() => fail(t), Error, text);
        assertEquals(error.name, "EngineError");
        assertEquals(error.message.split(text).length, 2, "once");
        assert(error.message.indexOf("In the words of convex-test: ") > 20);
      }
    },
  ),

  testCase(
    "the refusal of fetch and timers has the words of Convex, then those of convex-test",
    async (t) => {
      for (const what of ["fetch", "setTimeout"]) {
        const { message } = await assertRejects(
          () => t.query(q("system:forbidden"), { what }),
          Error,
          `Can't use ${what === "fetch" ? "fetch()" : what} in queries`,
        );
        const words = `\`${what}\` is not supported in Convex queries`;
        assert(message.includes(words), message);
      }
    },
    { isExact: true },
  ),

  {
    name: "a limit is put into the words of convex-test",
    async run(subject) {
      const t = subject.make({
        compat: "convex-test",
        transactionLimits: { documentsWritten: 1 },
      });
      try {
        await assertRejects(
          () =>
            t.run(async (ctx) => {
              await insert(ctx, "a");
              await insert(ctx, "b");
            }),
          Error,
          "Wrote too many documents in a single function execution (limit: 1)",
        );
      } finally {
        await t.close();
      }
    },
  },

  {
    name: "what is not there has a handle, is scheduled and fails when it runs",
    async run(subject) {
      for (const compat of ["convex", "convex-test"] as const) {
        const t = subject.make({ compat });
        try {
          await t.run(async (ctx) => {
            const handle = await createFunctionHandle(m("no:where"));
            await ctx.scheduler.runAfter(0, handle, {});
            await ctx.scheduler.runAfter(0, m("system:write"), { owner: "a" });
          });
          await t.finishAllScheduledFunctions(() => {});
          const states = await t.run(async (ctx) => {
            const jobs = await ctx.db.system.query("_scheduled_functions")
              .collect();
            return jobs.map(({ state, completedTime }): unknown[] => [
              state.kind,
              "error" in state,
              typeof completedTime,
            ]);
          });
          const isConvex = compat === "convex";
          assertEquals(states, [
            ["failed", isConvex, "number"],
            ["success", false, isConvex ? "number" : "undefined"],
          ]);
        } finally {
          await t.close();
        }
      }
    },
  },

  clockCase(
    "ids are the counters of convex-test, and creation times its steps",
    async (t) => {
      const ids = await t.run(async (ctx) => [
        await insert(ctx, "a"),
        // A refused insert uses no id.
        await ctx.db.insert("notes", { owner: 5 } as never)
          .catch(() => insert(ctx, "b")),
        await ctx.storage.store(new Blob(["c"])),
        await insert(ctx, "d"),
      ]);
      assertEquals(ids, [
        "10000notes".padStart(32, "0"),
        "10001notes".padStart(32, "0"),
        "10002_storage".padStart(32, "0"),
        "10003notes".padStart(32, "0"),
      ]);
      const notes = await t.run((ctx) => ctx.db.query("notes").collect());
      const [first, second] = notes.map(({ _creationTime }) =>
        Number(_creationTime)
      ) as [number, number];
      assertAlmostEquals(second - first, 0.001, 0.0005);
      const found = await t.run((ctx) =>
        ctx.db.query("notes").withIndex(
          "by_creation_time",
          (q) => q.gt("_creationTime", first),
        ).collect()
      );
      assertEquals(found.map(({ owner }) => owner), ["b", "d"]);
      // Like the pages of convex-helpers.
      const same = await t.run((ctx) =>
        ctx.db.query("notes").withIndex(
          "by_creation_time",
          (q) =>
            (q.eq("_creationTime", first) as unknown as typeof q)
              .gte("_id" as never, ids[0] as never),
        ).collect()
      );
      assertEquals(same.map(({ _id }) => _id), [ids[0]]);
    },
    { compat: "convex-test" },
  ),

  {
    name: "made-up ids in the form of convex-test are ids of nothing",
    async run(subject) {
      const id = "10042notes";
      const t = subject.make({ compat: "convex-test" });
      const strict = subject.make();
      try {
        const note = await t.query(q("notes:get"), { id });
        const normal = await t.run((ctx) =>
          Promise.resolve(
            ["notes", "links"].map((table) => ctx.db.normalizeId(table, id)),
          )
        );
        assertEquals([note, normal], [null, [id, null]]);
        const link = (to: Test, note: string) =>
          to.run((ctx) => ctx.db.insert("links", { note, label: "" }));
        await link(t, id);
        await assertRejects(() => link(t, "10042links"));
        await assertRejects(() => link(strict, id));
      } finally {
        await t.close();
        await strict.close();
      }
    },
  },

  testCase(
    "searches find what convex-test finds, in its order",
    async (t) => {
      await t.run(async (ctx) => {
        for (
          const [text, owner, embedding] of [
            ["helping hands", "a", [1, 0]],
            ["no such thing", "a", [1, 0, 0]],
            ["Help! me", "b", [0, 1, 0]],
            ["the handle", "a", [3, 4, 0]],
          ] as const
        ) {
          const note = { text, owner, embedding: [...embedding] };
          await ctx.db.insert("notes", note);
        }
      });
      const texts = await t.run(async (ctx) => {
        const found = await ctx.db.query("notes").withSearchIndex(
          "search_text",
          (q) => q.search("text", "help hand").eq("owner", "a"),
        ).collect();
        return found.map(({ text }) => text);
      });
      assertEquals(texts, ["helping hands", "the handle"]);
      const scores = await t.action(async (ctx) => {
        const found = await ctx.vectorSearch("notes", "by_embedding", {
          vector: [1, 0],
          filter: (q) => q.eq("owner", "a"),
        });
        return found.map(({ _score }) => _score);
      });
      assertEquals(scores, [1, 1, 0.6]);
    },
    { compat: "convex-test" },
  ),
];
