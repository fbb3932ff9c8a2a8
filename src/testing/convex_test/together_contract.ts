import { assertEquals, assertRejects } from "@std/assert";
import {
  createFunctionHandle,
  type GenericActionCtx,
  type GenericDataModel,
} from "convex/server";
import {
  type ConvexTestSubject,
  count,
  type Ctx,
  insert,
  m,
  q,
  type Row,
  testCase,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

type ActionCtx = GenericActionCtx<GenericDataModel>;

/** Tests and functions that start several things at once, and which calls belong to the same run. */
export const convexTestTogetherContract: ContractCase<ConvexTestSubject>[] = [
  testCase(
    "tests that run at the same time do not get into the way of one another's system calls",
    async (t, subject) => {
      const others = [subject.make(), subject.make()];
      // Each starts, and requests a handle after another has started, ended and started again.
      const [first, second, third] = [t, ...others].map((test) => {
        let go = () => {};
        const held = new Promise<void>((resolve) => go = resolve);
        const begin = () =>
          test.action(async () => {
            await held;
            return await createFunctionHandle(m("system:write"));
          });
        return { test, begin, go: () => go() };
      });
      const handle = "function://;system:write";
      const one = first!.begin();
      const two = second!.begin();
      const three = third!.begin();
      second!.go();
      assertEquals(await two, handle);
      const again = second!.begin();
      first!.go();
      third!.go();
      assertEquals(await Promise.all([one, three, again]), [
        handle,
        handle,
        handle,
      ]);
      await Promise.all(others.map((other) => other.close()));
    },
    { isExact: true },
  ),

  testCase(
    "a call with the ctx of a run, made inside of a mutation of it, becomes part of that mutation",
    async (t) => {
      const note = { owner: "ada", text: "b" };
      const seen = await t.run(async (outer) => {
        const inside = (isKept: boolean) =>
          t.mutation(async (inner) => {
            await insert(inner, "ada");
            await outer.runMutation(m("notes:add"), note);
            if (!isKept) throw new Error("not kept");
            return await outer.runQuery(q("flow:count"), { owner: "ada" });
          });
        await assertRejects(() => inside(false), Error, "not kept");
        return [await count(outer), await inside(true), await count(outer)];
      });
      assertEquals(seen, [0, 2, 2]);
    },
    { isExact: true },
  ),

  ...(["convex", "convex-test"] as const).map((compat) =>
    testCase(
      `the first calls of a test that start together run in the order of their starts, as ${compat} answers`,
      async (t) => {
        const list = () =>
          t.query(q("notes:list"), { owner: "ada" }) as Promise<Row[]>;
        const add = () =>
          t.mutation(m("notes:add"), { owner: "ada", text: "a" });
        const [before, , between, , after] = await Promise.all([
          list(),
          add(),
          list(),
          add(),
          list(),
        ]);
        assertEquals([before, between, after].map((rows) => rows.length), [
          0,
          1,
          2,
        ]);
      },
      { compat },
    )
  ),

  testCase(
    "calls that a function starts together run in the order of their starts",
    async (t) => {
      const seen = await t.mutation(async (ctx) => {
        const list = () =>
          ctx.runQuery(q("notes:list"), { owner: "a" }) as Promise<Row[]>;
        const add = () => ctx.runMutation(m("system:write"), { owner: "a" });
        const [before, , between, , after] = await Promise.all([
          list(),
          add(),
          list(),
          add(),
          list(),
        ]);
        return [before.length, between.length, after.length];
      });
      assertEquals(seen, [0, 1, 2]);
    },
    { isExact: true },
  ),

  testCase(
    "a transaction whose result is no value has failed, and wrote nothing",
    async (t) => {
      for (const call of [t.run, t.mutation] as (typeof t.run)[]) {
        await assertRejects(
          () =>
            call(async (ctx) => {
              await insert(ctx as Ctx, "a");
              await ctx.scheduler.runAfter(0, m("system:write"), {
                owner: "a",
              });
              return new URL("http://127.0.0.1");
            }),
          Error,
          "is not a supported Convex type",
        );
      }
      assertEquals(await t.run(count), 0);
      const jobs = await t.run((ctx) =>
        ctx.db.system.query("_scheduled_functions").collect()
      );
      assertEquals(jobs, []);
    },
  ),

  testCase("tables of the system are read by their names", async (t) => {
    const seen = await t.run(async (ctx) => {
      const id = await ctx.storage.store(new Blob(["abc"]));
      const { system } = ctx.db as unknown as {
        system: {
          table(name: string): {
            get(id: string): Promise<Row>;
            query(): { collect(): Promise<Row[]> };
          };
        };
      };
      const files = system.table("_storage");
      const [file] = await files.query().collect();
      return [(await files.get(id)).size, file!._id === id];
    });
    assertEquals(seen, [3, true]);
    await assertRejects(
      () =>
        t.run((ctx) => {
          const db = ctx.db as unknown as { table(name: string): unknown };
          return Promise.resolve(void db.table("_storage"));
        }),
      Error,
      "System tables can only be accessed from db.system",
    );
  }),

  testCase(
    "errors of a table, a vector search and a handle have the words of convex-test, too",
    async (t) => {
      const texts = await t.run(async (ctx) => {
        const id = await insert(ctx, "a");
        const { table } = ctx.db as unknown as {
          table(name: string): {
            [method: string]: (...args: unknown[]) => Promise<unknown>;
          };
        };
        return await Promise.all([
          textOf(table("things").get!(id)),
          textOf(table("notes").patch!(id, { owner: 1 })),
          textOf(createFunctionHandle(
            {
              [Symbol.for("toReferencePath")]:
                "_reference/childComponent/none/a/b",
            } as never,
          )),
        ]);
      });
      const found = await t.action((ctx: ActionCtx) =>
        textOf(
          ctx.vectorSearch("notes", "none", { vector: [1] } as never),
        )
      );
      const expected = [
        "Invalid argument `id`, expected ID in table 'things' but got ID in table 'notes'",
        "Validator error: Expected `string`, got `1`",
        'Component "none" is not registered on this `convexTest` instance.',
        'Cannot use vector index "none" for table "notes"',
      ];
      for (const [at, text] of [...texts, found].entries()) {
        assertEquals(
          text.includes(expected[at]!) ? expected[at] : text,
          expected[at],
        );
      }
    },
  ),
];

/** The text of the error that a promise rejects with. */
async function textOf(failing: Promise<unknown>): Promise<string> {
  try {
    return `gave ${await failing}`;
  } catch (error) {
    return (error as Error).message;
  }
}
