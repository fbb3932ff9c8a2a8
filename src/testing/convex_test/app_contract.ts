import { assert, assertEquals, assertRejects } from "@std/assert";
import { createFunctionHandle } from "convex/server";
import { v } from "convex/values";
import { defineTestApp } from "../../convex_test/mod.ts";
import { makeApp, schema } from "./counter_app.ts";
import {
  type ConvexTestSubject,
  type Ctx,
  m,
  testCase,
  withFakeClock,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** Features of newer versions of `convex-test`: apps defined in the test, tokens, files in mutations. */
export const convexTestAppContract: ContractCase<ConvexTestSubject>[] = [
  {
    name: "an app is defined in a test, and each test of it begins empty",
    async run() {
      const { app, api, internal, createTest } = makeApp();
      const t = createTest();
      await t.mutation(api.notes.add, { text: "a" });
      assertEquals(await t.query(api.notes.count), 1);
      assertEquals(await t.query(internal.notes.secret), "secret");
      assertEquals(await t.query(api.pages.one.one), 1);
      const { add } = app.components.counter.lib;
      assertEquals(await t.mutation(add, { n: 3 }), 1);
      assertEquals(await t.run((ctx) => ctx.runMutation(add, { n: 4 })), 2);
      const other = createTest({ transactionLimits: { documentsWritten: 1 } });
      assertEquals(await other.query(api.notes.count), 0);
      assertEquals(await other.mutation(add, { n: 5 }), 1);
      await assertRejects(
        () =>
          other.run(async (ctx) => {
            await ctx.db.insert("notes", { text: "a" });
            await ctx.db.insert("notes", { text: "b" });
          }),
        Error,
        "(limit: 1)",
      );
      await t.close();
      await other.close();
    },
  },

  {
    name: "a component that a test calls itself sees who is calling",
    async run() {
      const { app, createTest } = makeApp();
      const t = createTest();
      const { who } = app.components.counter.lib;
      const ada = t.withIdentity({ name: "ada" });
      assertEquals(await ada.query(who, {}), "ada");
      assertEquals(await ada.run((ctx) => ctx.runQuery(who, {})), null);
      await t.close();
    },
  },

  {
    name: "the keys of a test verify its tokens, and no others",
    async run() {
      const { createTest } = makeApp();
      const [t, other] = [createTest(), createTest()];
      const { keys } = await t.withIdentity({}).jwks();
      const token = await t.mutation((ctx) =>
        ctx.auth.signJwt({ claims: { aud: "app" }, expiresInSeconds: 60 })
      );
      assertEquals((await t.jwks()).keys, keys);
      const bytes = (part: string) =>
        Uint8Array.from(
          atob(part.replaceAll("-", "+").replaceAll("_", "/")),
          (unit) => unit.charCodeAt(0),
        );
      const [header = "", payload = "", signature = ""] = token.split(".");
      const verify = async (key: object) => {
        const curve = { name: "ECDSA", namedCurve: "P-256" };
        return await crypto.subtle.verify(
          { name: "ECDSA", hash: "SHA-256" },
          await crypto.subtle.importKey("jwk", { ...key }, curve, false, [
            "verify",
          ]),
          bytes(signature),
          new TextEncoder().encode(`${header}.${payload}`),
        );
      };
      assertEquals(await verify(keys[0]!), true);
      assertEquals(await verify((await other.jwks()).keys[0]!), false);
      await t.close();
      await other.close();
    },
  },

  {
    name: "a query reads one page with all that it calls, a test itself many",
    async run() {
      for (const compat of ["convex", "convex-test"] as const) {
        const { api, page, createTest } = makeApp(compat);
        const t = createTest();
        const { one } = api.pages.one;
        assertEquals(
          await t.mutation(async (ctx) => {
            await ctx.db.query("notes").paginate(page);
            await ctx.db.query("notes").paginate(page);
            return await ctx.runQuery(one) + await ctx.runQuery(one);
          }),
          0,
        );
        const two = t.mutation(api.pages.one.two);
        if (compat === "convex-test") await two;
        else await assertRejects(() => two, Error, "single paginated query");
        for (const first of ["itself", "calls"]) {
          const error = await assertRejects(() =>
            t.query(async (ctx) => {
              if (first === "calls") await ctx.runQuery(one);
              else await ctx.db.query("notes").paginate(page);
              await ctx.runQuery(one);
            }), Error);
          assert(error.message.includes("single paginated query"), compat);
        }
        await t.close();
      }
    },
  },

  {
    name: "what a nested call wrote counts no more when it is rolled back",
    async run() {
      const { internal, createTest } = makeApp();
      const t = createTest();
      const used = await t.mutation(async (ctx) => {
        await ctx.db.insert("notes", { text: "kept" });
        await ctx.runMutation(internal.notes.fails).catch(() => {});
        const file = await ctx.storage.store(new Blob(["hello"]));
        const { documentsWritten, filesWritten, fileWriteBytes } = await ctx
          .meta.getTransactionMetrics();
        await ctx.storage.delete(file);
        const after = await ctx.meta.getTransactionMetrics();
        return [
          documentsWritten.used,
          filesWritten.used,
          fileWriteBytes,
          after.filesWritten.used,
        ];
      });
      const bytes = { used: 5, remaining: (16 << 20) - 5 };
      assertEquals(used, [1, 1, bytes, 0]);
      await t.close();
    },
  },

  {
    name: "files count in mutations, each that is read once",
    async run() {
      const { createTest } = makeApp();
      const t = createTest({ transactionLimits: { filesRead: 2 } });
      // A test may store any number of files.
      const ids = await t.run((ctx) =>
        Promise.all(
          Array.from({ length: 12 }, () => ctx.storage.store(new Blob(["a"]))),
        )
      );
      const read = (...places: number[]) =>
        t.mutation(async (ctx) => {
          for (const place of places) await ctx.storage.get(ids[place]!);
          const { filesRead, fileReadBytes } = await ctx.meta
            .getTransactionMetrics();
          return [filesRead, fileReadBytes.used];
        });
      assertEquals(await read(0, 1, 0), [{ used: 2, remaining: 0 }, 2]);
      await assertRejects(() => read(0, 1, 2), Error, "Too many files read");
      await t.close();
    },
  },

  {
    name: "a function handle is a value that schemas know",
    async run() {
      const { api, createTest } = makeApp();
      const t = createTest();
      const then = await t.run(async (ctx) => {
        const handle = await createFunctionHandle(api.notes.add) as never;
        const id = await ctx.db.insert("hooks", { then: handle });
        return (await ctx.db.get(id))!.then as unknown as string;
      });
      assertEquals(then, "function://;notes:add");
      await assertRejects(
        () => t.run((ctx) => ctx.db.insert("hooks", { then: "a" as never })),
        Error,
        "v.function()",
      );
      await t.close();
    },
  },

  {
    name: "functions that are given inline have a name",
    async run() {
      const { createTest } = makeApp();
      const t = createTest();
      const name = async (ctx: {
        meta: { getFunctionMetadata(): Promise<{ name: string }> };
      }) => (await ctx.meta.getFunctionMetadata()).name;
      assertEquals(await t.query(name), "inline");
      assertEquals(await t.action(name), "inline");
      assertEquals(await t.run(name), "custom");
      await t.close();
    },
  },

  testCase(
    "under compat time stands still in a run, and no transaction begins before a commit",
    () =>
      withFakeClock(async (clock) => {
        const { internal, createTest } = makeApp("convex-test");
        const t = createTest();
        const start = clock.nowMs;
        const times = await t.run(async (ctx) => {
          const before = Date.now();
          clock.advance(500);
          const nested = await ctx.runMutation(internal.notes.time);
          const id = await ctx.db.insert("notes", { text: "a" });
          const { _creationTime } = (await ctx.db.get(id))!;
          return [before, Date.now(), nested, _creationTime];
        });
        assertEquals(times, times.map(() => start));
        const now = () => t.mutation(internal.notes.time);
        // After two commits within a millisecond, the next call starts after both.
        assertEquals(await now(), start + 500);
        assertEquals(await now(), start + 501);
        clock.nowMs = start - 1000;
        assertEquals(await now(), start + 501);
        await t.close();
      }),
    { isExact: true },
  ),

  {
    name: "arguments of a function are described as an object, or not at all",
    async run() {
      for (const compat of ["convex", "convex-test"] as const) {
        const app = defineTestApp({ schema, compat });
        const { api, createTest } = app.defineModules({
          odd: {
            text: app.query({
              args: v.union(v.object({}), v.string()) as never,
              handler: () => 1,
            }),
            any: app.query({ args: v.any() as never, handler: () => 2 }),
          },
        });
        const t = createTest();
        assertEquals(await t.query(api.odd.any), 2);
        await assertRejects(
          () => t.query(api.odd.text),
          Error,
          "odd.js:text.exportArgs(): Args validator must be an object or any",
        );
        await t.close();
      }
    },
  },

  {
    name: "under compat system tables are read and written by ctx.db, by id",
    async run() {
      const read = async (compat: "convex" | "convex-test") => {
        const { createTest } = makeApp(compat);
        const t = createTest();
        const seen = await t.run(async ({ db, storage }) => {
          const id = await storage.store(new Blob(["a"])) as never;
          const found = await db.get(id).then(() => true, () => false);
          const patched = await db.patch(id, { contentType: "a/b" } as never)
            .then(() => true, () => false);
          const { contentType } = (await db.system.get("_storage", id))!;
          return [found, patched, contentType ?? null];
        });
        await t.close();
        return seen;
      };
      assertEquals(await read("convex"), [false, false, null]);
      assertEquals(await read("convex-test"), [true, true, "a/b"]);
    },
  },

  {
    name: "under compat handles are given out unseen, and jobs named by them",
    async run() {
      const { app, createTest } = makeApp("convex-test");
      const t = createTest();
      const { add } = app.components.counter.lib;
      const seen = await t.run(async (ctx) => {
        await ctx.scheduler.runAfter(1e6, add, { n: 1 });
        const [job] = await ctx.db.system.query("_scheduled_functions")
          .collect();
        const missing = { ...{}, [Symbol.for("functionName")]: "no:where" };
        return [job!.name, await createFunctionHandle(missing as never)];
      });
      assertEquals(seen, ["lib:add", "function://;no:where"]);
      await t.close();
    },
  },

  {
    name:
      "finishing all scheduled functions follows a long chain of short ones on the host's timers",
    async run() {
      let runs = 0;
      const { createTest } = defineTestApp({ schema }).defineModules({
        chain: {
          go: {
            isMutation: true,
            isInternal: true,
            _handler: async (ctx: Ctx) => {
              if (++runs < 25) {
                await ctx.scheduler.runAfter(0, m("chain:go"), {});
              }
            },
          },
        },
      });
      const t = createTest();
      await t.run((ctx) => ctx.scheduler.runAfter(0, m("chain:go"), {}));
      await t.finishAllScheduledFunctions(() => {}, 1000);
      assertEquals(runs, 25);
      await t.close();
    },
  },
];
