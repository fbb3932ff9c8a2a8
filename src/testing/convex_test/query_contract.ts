import { assertEquals, assertRejects } from "@std/assert";
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { convexTest } from "../../convex_test/mod.ts";
import {
  type ConvexTestSubject,
  type Ctx,
  insert,
  mockCase,
  q,
  type Test,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Page of notes in the order of an index. */
const page = (
  t: Test,
  index: string,
  options: {
    numItems: number;
    cursor: string | null;
    endCursor?: string;
    maximumRowsRead?: number;
  },
) =>
  t.query(async (ctx) => {
    const { page, ...rest } = await ctx.db.query("notes")
      .withIndex(index).paginate(options);
    return { texts: page.map(({ text }) => text), ...rest };
  });

/** Queries that answer like those of `convex-test`. */
export const convexTestQueryContract: ContractCase<ConvexTestSubject>[] = [
  mockCase("cursors are what convex-test gives", async (t) => {
    const ids = await t.run(async (ctx) => {
      const ids = [];
      for (const text of ["a", "b", "c"]) {
        ids.push(await ctx.db.insert("notes", { owner: "ada", text }));
      }
      return ids;
    });
    const times = await t.run(async (ctx) =>
      (await ctx.db.query("notes").collect()).map(({ _creationTime }) =>
        _creationTime as number
      )
    );
    const first = await page(t, "by_creation_time", {
      numItems: 2,
      cursor: null,
    });
    assertEquals(first, {
      texts: ["a", "b"],
      isDone: false,
      continueCursor: JSON.stringify([`${times[1]}`, `"${ids[1]}"`]),
      pageStatus: null,
      splitCursor: null,
    });
    const { continueCursor: cursor } = first;
    const second = await page(t, "by_creation_time", { numItems: 2, cursor });
    assertEquals(second.texts, ["c"]);
    assertEquals(second.continueCursor, "_end_cursor");
    const again = await page(t, "by_creation_time", {
      numItems: 1,
      cursor: null,
      endCursor: cursor,
    });
    assertEquals(again.texts, ["a", "b"]);
    assertEquals(again.continueCursor, cursor);
    const byOwner = await page(t, "by_owner", {
      numItems: 3,
      cursor: null,
      maximumRowsRead: 3,
    });
    assertEquals(byOwner.pageStatus, "SplitRequired");
    assertEquals(
      byOwner.splitCursor,
      JSON.stringify([`"ada"`, `${times[1]}`, `"${ids[1]}"`]),
    );
    const { texts } = await page(t, "by_owner", {
      numItems: 3,
      cursor: byOwner.splitCursor ?? null,
    });
    assertEquals(texts, ["c"]);
    assertEquals(
      (await page(t, "by_owner", { numItems: 0, cursor: null })).texts,
      ["a"],
    );
  }),

  mockCase("a query does not see what is written after it began", async (t) => {
    const owners = await t.run(async (ctx) => {
      for (const owner of ["a", "b", "c"]) await insert(ctx, owner);
      const owners = [];
      for await (const { owner } of ctx.db.query("notes")) {
        owners.push(owner);
        await insert(ctx, `${owner}2`);
        const last = await ctx.db.query("notes")
          .withIndex("by_owner", (q) => q.eq("owner", "c")).first();
        if (last) await ctx.db.delete(last._id as never);
      }
      return owners;
    });
    assertEquals(owners, ["a", "b", "c"]);
  }),

  mockCase(
    "a search goes on after 1023 documents, not after 1024",
    async (t) => {
      const search = (ctx: Ctx) =>
        ctx.db.query("notes").withSearchIndex(
          "search_text",
          (q) => q.search("text", "common"),
        );
      const add = (count: number) =>
        t.run(async (ctx) => {
          for (let at = 0; at < count; at++) {
            await ctx.db.insert("notes", { owner: "many", text: "common" });
          }
        });
      await add(1023);
      assertEquals(
        await t.run(async (ctx) => (await search(ctx).collect()).length),
        1023,
      );
      await add(1);
      const [taken, { page }] = await t.run(async (ctx) =>
        [
          (await search(ctx).take(1024)).length,
          await search(ctx).paginate({ numItems: 1024, cursor: null }),
        ] as const
      );
      assertEquals([taken, page.length], [1024, 1024]);
      await assertRejects(
        () => t.run((ctx) => search(ctx).collect()),
        Error,
        "Search query scanned too many documents (fetched 1024). ",
      );
    },
  ),

  mockCase("limits and pages of a search count what it finds", async (t) => {
    await t.run(async (ctx) => {
      for (const owner of ["a", "b", "ca", "cb", "cc"]) {
        await insert(ctx, owner);
      }
    });
    const search = ({ db }: Ctx) =>
      db.query("notes")
        .withSearchIndex("search_text", (q) => q.search("owner", "c"));
    const [found, { page }] = await t.run(async (ctx) =>
      [
        await search(ctx).take(2),
        await search(ctx).paginate({ numItems: 2, cursor: null }),
      ] as const
    );
    for (const notes of [found, page]) {
      assertEquals(notes.map(({ owner }) => owner), ["ca", "cb"]);
    }
  }),

  mockCase("a write that changes nothing counts as one", async (t) => {
    const { documentsWritten } = await t.run(async (ctx) => {
      const id = await insert(ctx, "a");
      await ctx.db.patch(id as never, { owner: "a" } as never);
      return await ctx.meta.getTransactionMetrics();
    });
    assertEquals(documentsWritten.used, 2);
  }),

  mockCase("a query of a table without documents counts", async (t) => {
    const { databaseQueries } = await t.query(async (ctx) => {
      await ctx.db.system.query("_storage").collect();
      return await ctx.meta.getTransactionMetrics();
    });
    assertEquals(databaseQueries.used, 1);
  }),

  mockCase("a file's URL ends in its checksum", async (t) => {
    const url = await t.run(async (ctx) => {
      const id = await ctx.storage.store(new Blob(["hello"]));
      return await ctx.storage.getUrl(id);
    });
    assertEquals(
      url,
      "https://some-deployment.convex.cloud/api/storage/LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
    );
  }),

  mockCase("a search needs no index and filters by any field", async (t) => {
    await t.run(async (ctx) => {
      for (const owner of ["ada", "bob"]) {
        await ctx.db.insert("notes", { owner, text: "x", embedding: [1, 0] });
      }
    });
    const found = await t.run((ctx) =>
      ctx.db.query("notes").withSearchIndex(
        "nothing",
        (q) => q.search("owner", "ad"),
      ).collect()
    );
    assertEquals(found.map(({ owner }) => owner), ["ada"]);
    const search = (limit: number) =>
      t.action((ctx) =>
        ctx.vectorSearch("notes", "by_embedding", {
          vector: [1, 0],
          limit,
          filter: (q) => q.eq("text", "x"),
        })
      );
    assertEquals((await search(300)).length, 2);
    assertEquals(await search(0), []);
  }),

  mockCase(
    "what a filter leaves out, and what follows a page, does not count",
    async (t) => {
      await t.run(async (ctx) => {
        for (const owner of ["a", "b", "c"]) await insert(ctx, owner);
      });
      const read = (reading: (ctx: Ctx) => Promise<unknown>) =>
        t.mutation(async (ctx) => {
          await reading(ctx as Ctx);
          const { documentsRead, databaseQueries } = await ctx.meta
            .getTransactionMetrics();
          return [documentsRead.used, databaseQueries.used];
        });
      const last = (ctx: Ctx) =>
        ctx.db.query("notes").filter((q) => q.eq(q.field("owner"), "c"));
      assertEquals(await read((ctx) => last(ctx).collect()), [1, 1]);
      assertEquals(
        await read((ctx) => last(ctx).paginate({ numItems: 2, cursor: null })),
        [1, 1],
      );
      assertEquals(
        await read(async (ctx) => {
          for await (const _ of ctx.db.query("notes")) break;
        }),
        [1, 1],
      );
      const page = (ctx: Ctx) =>
        ctx.db.query("notes").paginate({ numItems: 1, cursor: null });
      assertEquals(await read(page), [1, 1]);
    },
  ),

  mockCase("a query that is scheduled runs", async (t) => {
    await t.run((ctx) =>
      ctx.scheduler.runAfter(0, q("flow:secret") as never, {})
    );
    await t.finishAllScheduledFunctions(() => {});
    const jobs = await t.run((ctx) =>
      ctx.db.system.query("_scheduled_functions").collect()
    );
    assertEquals(jobs.map(({ state }) => state), [{ kind: "success" }]);
  }),

  {
    name: "under compat pages end at timestamps of the commit to come, too",
    async run() {
      const t = convexTest({
        schema: defineSchema({
          logs: defineTable({ at: v.commitTs() }).index("at", ["at"]),
        }),
        modules: { "./_generated/api.js": () => Promise.resolve({}) },
        compat: "convex-test",
      });
      const lengths = await t.run(async ({ db }) => {
        for (let at = 0; at < 3; at++) {
          await db.insert("logs", { at: db.vars.commitTs });
        }
        const page = (cursor: string | null) =>
          db.query("logs").withIndex("at").filter((q) => q.neq("a", "b"))
            .paginate({ numItems: 2, cursor });
        const { page: first, continueCursor } = await page(null);
        return [first.length, (await page(continueCursor)).page.length];
      });
      assertEquals(lengths, [2, 1]);
      await t.close();
    },
  },

  mockCase(
    "timestamps begin at 0, and count what writes nothing",
    async (t) => {
      const snapshot = () =>
        t.query((ctx) => Promise.resolve(ctx.meta.getSnapshotTs()));
      assertEquals(await snapshot(), 0n);
      await t.run((ctx) => insert(ctx, "a"));
      const first = await snapshot();
      await t.run(() => Promise.resolve());
      const second = await snapshot();
      assertEquals([0n < first, first < second], [true, true]);
      assertEquals(await snapshot(), second);
    },
  ),
];
