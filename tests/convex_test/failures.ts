import { createFunctionHandle, makeFunctionReference } from "convex/server";
import { ConvexError } from "convex/values";
import type { Ctx, Db, Test } from "./both.ts";

const q = (name: string) => makeFunctionReference<"query">(name);
const m = (name: string) => makeFunctionReference<"mutation">(name);
const run = (body: (ctx: Ctx) => Promise<unknown>) => (t: Test) => t.run(body);
const insert = (note: object) =>
  run(({ db }) => db.insert("notes", note as never));
const onNote = (change: (db: Db, id: never) => Promise<unknown>) =>
  run(async ({ db }) => {
    const id = await db.insert("notes", { owner: "a" });
    return await change(db, id as never);
  });
const range = (build: (q: never) => unknown) =>
  run(({ db }) =>
    db.query("things").withIndex("by_a_b", build as never).collect()
  );
type Range = {
  [method in "eq" | "gt" | "gte" | "lt"]: (
    field: string,
    value: unknown,
  ) => Range;
};

/** `db.table(name)`, of which `Db` knows nothing. */
function tableOf(db: object, name: string) {
  const { table } = db as {
    table(name: string): {
      [method: string]: (...args: unknown[]) => Promise<unknown>;
    };
  };
  return table(name);
}

/** What fails, by what it is. */
export const failures: { [name: string]: (t: Test) => Promise<unknown> } = {
  "a field of another type": insert({ owner: 1 }),
  "a field that is missing": insert({}),
  "a field too many": insert({ owner: "a", more: 1 }),
  "none of a union": insert({ owner: "a", kind: { n: 1n } }),
  "an array for an object": insert({ owner: "a", deep: [1] }),
  "a number in a list of int64": insert({ owner: "a", deep: { list: [1] } }),
  "a date": insert({ owner: new Date(0) }),
  "a map, deep inside": run(({ db }) =>
    db.insert("things", { a: [{ b: new Map([[1, 2]]) }] as never })
  ),
  "undefined in a list": run(({ db }) =>
    db.insert("things", { a: [undefined] as never })
  ),
  "a bigint of 65 bits": run(({ db }) => db.insert("things", { a: 2n ** 64n })),
  "a field name with a dollar": run(({ db }) => db.insert("things", { $a: 1 })),
  "a class instance as a result": (t) =>
    t.run(() => Promise.resolve(new URL("http://a.b"))),
  "a query as a result": (t) =>
    t.run((ctx) => ctx.db.query("notes") as unknown as Promise<null>),
  "an id of another table": run(async ({ db }) =>
    db.insert("links", { note: await db.insert("things", {}) })
  ),
  "made-up ids": run(({ db }) => db.insert("links", { note: "10000links" })),
  "no id": run(({ db }) => db.get("notes", "zzz" as never)),
  "null for an id": run(({ db }) => db.get(null as never)),
  "an id of another table than named": run(async ({ db }) =>
    db.get("notes", await db.insert("things", {}) as never)
  ),
  "an id of another table than that of db.table": run(async ({ db }) =>
    tableOf(db, "notes").get!(await db.insert("things", {}))
  ),
  "patching to another type by db.table": onNote((db, id) =>
    tableOf(db, "notes").patch!(id, { owner: 1 })
  ),
  "a table of the system by db.table": run(async ({ db }) =>
    await tableOf(db, "_storage").query!()
  ),
  "patching nothing": run(({ db }) => db.patch("zzz" as never, {})),
  "replacing what is deleted": onNote(async (db, id) => {
    await db.delete(id);
    await db.replace(id, { owner: "b" } as never);
  }),
  "deleting twice": onNote(async (db, id) => {
    await db.delete(id);
    await db.delete(id);
  }),
  "patching to another type": onNote((db, id) =>
    db.patch(id, { owner: 1 } as never)
  ),
  "patching the id": onNote((db, id) => db.patch(id, { _id: "x" } as never)),
  "replacing by an older document": onNote((db, id) =>
    db.replace(id, { owner: "a", _creationTime: 5 } as never)
  ),
  "patching with a text": onNote((db, id) => db.patch(id, "text" as never)),
  "a document that is too large": insert({ owner: "a".repeat(1 << 20) }),
  "patching to more than a document may have": onNote((db, id) =>
    db.patch(id, { owner: "a".repeat(1 << 20) } as never)
  ),
  "replacing by a document that is too large": onNote((db, id) =>
    db.replace(id, { owner: "é".repeat(1 << 19) } as never)
  ),
  "inserting an id": insert({ owner: "a", _id: "x" }),
  "writing a system table": run(({ db }) => db.insert("_storage", {})),
  "reading a system table": run(({ db }) => db.query("_storage").collect()),
  "an index that is not there": run(({ db }) =>
    db.query("notes").withIndex("by_text" as never).collect()
  ),
  "fields of an index out of order": range((q: Range) => q.eq("b", 1)),
  "equalities of an index in another order": range((q: Range) =>
    q.eq("b", 1).eq("a", 1)
  ),
  "a field that the index lacks": range((q: Range) => q.eq("a", 1).gt("c", 1)),
  "two lower bounds": range((q: Range) => q.gt("a", 1).gte("a", 2)),
  "bounds of two fields": range((q: Range) => q.gt("a", 1).lt("b", 2)),
  "an equality after a bound": range((q: Range) => q.lt("a", 1).eq("b", 2)),
  "two documents for one": run(async ({ db }) => {
    await db.insert("notes", { owner: "a" });
    await db.insert("notes", { owner: "a" });
    return await db.query("notes").withIndex("by_owner_rank").unique();
  }),
  "a query that is read twice": run(async ({ db }) => {
    const notes = db.query("notes").order("asc");
    await notes.collect();
    await notes.collect();
  }),
  "two pages": (t) =>
    t.query(async ({ db }) => {
      const options = { numItems: 1, cursor: null };
      await db.query("notes").paginate(options);
      await db.query("notes").paginate(options);
    }),
  "a cursor of no form": (t) =>
    t.query(({ db }) =>
      db.query("notes").paginate({ numItems: 1, cursor: "no cursor" })
    ),
  "half a document": run(({ db }) => db.query("notes").take(0.5)),
  "what is no function": (t) => t.query(q("notes:list"), {}),
  "a function of no kind": (t) => t.query(q("notes:plain"), {}),
  "too many files": (t) =>
    t.mutation(async (ctx) => {
      const limits = { transactionLimits: { filesWritten: 1 } };
      await ctx.runMutation(m("notes:store"), { count: 2 }, limits);
    }),
  "files that are too large": (t) =>
    t.mutation(async (ctx) => {
      const limits = { transactionLimits: { fileWriteBytes: 5 } };
      await ctx.runMutation(m("notes:store"), { count: 1 }, limits);
    }),
  "a token for nobody": (t) =>
    t.mutation((ctx) => ctx.auth.signJwt({ expiresInSeconds: 60 })),
  "a token for too long": (t) =>
    t.mutation((ctx) =>
      ctx.auth.signJwt({ claims: { aud: "a" }, expiresInSeconds: 3601 })
    ),
  "a token with a reserved claim": (t) =>
    t.mutation((ctx) =>
      ctx.auth.signJwt({
        claims: { aud: "a", cvxRole: "b" } as never,
        expiresInSeconds: 60,
      })
    ),
  "a handle of a function that is not there": run(async (ctx) =>
    await ctx.runMutation(
      await createFunctionHandle(m("notes:none")) as never,
    )
  ),
  "a handle of a component that is not there": run(() =>
    createFunctionHandle(
      {
        [Symbol.for("toReferencePath")]: "_reference/childComponent/none/a/b",
      } as never,
    )
  ),
  "an error of a search inside of the action": (t) =>
    t.action((ctx) =>
      ctx.vectorSearch("notes", "none" as never, { vector: [1] } as never)
        .catch((error) => {
          throw new ConvexError([error.constructor.name, error.message]);
        })
    ),
  "a search index that is not there": (t) =>
    t.action((ctx) =>
      ctx.vectorSearch("notes", "none" as never, { vector: [1] } as never)
    ),
  "arguments of another type": (t) =>
    t.mutation(m("notes:add"), { owner: [1, "a"] }),
  "arguments that are no object": (t) => t.query(q("notes:echo"), 5 as never),
  "a result of another type": (t) => t.query(q("notes:text"), { value: 1 }),
  "a module that is not there": (t) => t.query(q("none:get"), {}),
  "a function that is not there": (t) => t.query(q("notes:none"), {}),
  "a function of another type": (t) => t.query(q("notes:add"), {}),
  "a component that is not there": run((ctx) =>
    ctx.runQuery(
      {
        [Symbol.for("toReferencePath")]: "_reference/childComponent/none/a/b",
      } as never,
    )
  ),
  "data of an error that are no values": run(() =>
    Promise.reject(new ConvexError(new Date(0) as never))
  ),
  "what a nested mutation throws": run((ctx) =>
    ctx.runMutation(m("notes:fail"))
  ),
  "an error of the action": (t) =>
    t.action((ctx) => ctx.runMutation(m("notes:fail"))),
  "no file": run((ctx) => ctx.storage.getUrl("zzz" as never)),
  "a file of another table": run(async (ctx) =>
    ctx.storage.delete(await ctx.db.insert("things", {}) as never)
  ),
  "a file by no text": run((ctx) => ctx.storage.get(null as never)),
  "no scheduled function": run((ctx) => ctx.scheduler.cancel("zzz" as never)),
  "cancelling what was never scheduled after all": async (t) => {
    let id: string | undefined;
    await t.run(async (ctx) => {
      id = await ctx.scheduler.runAfter(0, m("notes:fail"));
      throw new Error("rolled back");
    }).catch(() => {});
    await t.run((ctx) => ctx.scheduler.cancel(id as never));
  },
  "fetch in a transaction": run(() => fetch("data:,") as never),
  "a timer in a transaction": run(() => {
    setTimeout(() => {}, 0);
    return Promise.resolve();
  }),
  "clearing a timer in a transaction": run(() => {
    clearTimeout(undefined);
    return Promise.resolve();
  }),
  "clearing an interval in a query": (t) =>
    t.query(() => {
      clearInterval(undefined);
      return Promise.resolve();
    }),
  "a ctx after its end": async (t) => {
    let kept: Ctx | undefined;
    await t.run((ctx) => Promise.resolve(void (kept = ctx)));
    await kept!.db.query("notes").collect();
  },
  "a request without http.ts": (t) => t.fetch("/nowhere"),
  "a write in a query": (t) =>
    t.query((ctx) => (ctx.db as Db).insert("notes", { owner: "a" })),
};
