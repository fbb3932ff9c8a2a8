import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  defineSchema,
  defineTable,
  httpActionGeneric,
  httpRouter,
} from "convex/server";
import { CommitTsPlaceholder, v } from "convex/values";
import { convexTest, defineTestApp } from "../../convex_test/mod.ts";
import { type ConvexTestSubject, m, mockCase } from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** A method that Convex has but its types lack. */
interface StoringCtx {
  storage: { store(blob: Blob, options: { sha256: string }): Promise<string> };
}

const COMPATS = ["convex", "convex-test"] as const;
const modules = { "./_generated/api.js": () => Promise.resolve({}) };

/** What Convex and `convex-test` both refuse, or under compat `convex-test` alone. */
export const convexTestRefusalContract: ContractCase<ConvexTestSubject>[] = [
  {
    name: "names in a schema are identifiers",
    async run() {
      const table = defineTable({ n: v.number() });
      const field = (name: string) =>
        defineTable(v.union(v.object({ [name]: v.number() })));
      for (const compat of COMPATS) {
        for (
          const [schema, text] of [
            [{ _t: table }, 'Table names must be valid identifiers, got "_t"'],
            [
              { t: field("a-b") },
              'Field names must be valid identifiers, got "a-b"',
            ],
            [
              { t: field("$a") },
              'Field names must be valid identifiers, got "$a"',
            ],
            [
              { t: table.index("_x" as "x", ["n"]) },
              'Index names must be valid identifiers, got "_x"',
            ],
          ] as const
        ) {
          const options = { schema: defineSchema(schema), modules, compat };
          const error = assertThrows(() => convexTest(options), Error, text);
          assertEquals(
            error.name,
            compat === "convex" ? "EngineError" : "Error",
          );
        }
        const schema = defineSchema({ t: field("_id") });
        await convexTest({ schema, modules, compat }).close();
      }
    },
  },

  {
    name: "components of an app have plain names and are registered at once",
    async run() {
      const schema = defineSchema({});
      for (const compat of COMPATS) {
        for (const name of ["", "a/b", "a b"]) {
          const components = { [name]: { register: () => {} } };
          assertThrows(
            () => defineTestApp({ schema, compat, components }),
            Error,
            `Invalid component instance name "${name}": expected a nonempty`,
          );
        }
        const components = { late: { register: async () => {} } };
        const app = defineTestApp({ schema, compat, components });
        const { createTest } = app.defineModules({});
        assertThrows(
          () => createTest(),
          Error,
          'Component registration for "late" returned a Promise.',
        );
      }
      await Promise.resolve();
    },
  },

  mockCase("the checksum of a file counts in mutations alone", async (t) => {
    const store = (sha256: string) => (ctx: object) =>
      (ctx as StoringCtx).storage.store(new Blob(["hello"]), { sha256 });
    const base64 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    await t.mutation(store(base64));
    await assertRejects(
      () => t.mutation(store("other")),
      Error,
      `Sha256 mismatch. Expected: other Actual: ${base64}`,
    );
    await t.run(store("other"));
  }),

  {
    name: "under compat v.record() and v.function() take everything",
    async run() {
      const notes = defineTable({ counts: v.record(v.string(), v.number()) });
      for (const compat of COMPATS) {
        const app = defineTestApp({ schema: defineSchema({ notes }), compat });
        const { api, createTest } = app.defineModules({
          notes: {
            add: app.mutation({
              args: {
                counts: v.record(v.string(), v.number()),
                then: v.array(v.function()),
              },
              returns: v.record(v.string(), v.string()),
              handler: async (ctx, { counts }) => {
                await ctx.db.insert("notes", { counts });
                return counts as never;
              },
            }),
          },
        });
        const t = createTest();
        const args = { counts: { a: "b" }, then: ["no handle"] } as never;
        if (compat === "convex-test") {
          assertEquals(await t.mutation(api.notes.add, args), { a: "b" });
        } else await assertRejects(() => t.mutation(api.notes.add, args));
        await t.close();
      }
    },
  },

  {
    name: "under compat HEAD is answered as GET, with a body",
    async run() {
      const http = httpRouter();
      const handler = httpActionGeneric(() =>
        Promise.resolve(new Response("body"))
      );
      http.route({ path: "/a", method: "GET", handler });
      for (const compat of COMPATS) {
        const modulesHere = {
          ...modules,
          "./http.js": () => Promise.resolve({ default: http }),
        };
        const t = convexTest({ modules: modulesHere, compat });
        const response = await t.fetch("/a", { method: "HEAD" });
        assertEquals(
          [response.status, await response.text()],
          [200, compat === "convex" ? "" : "body"],
        );
        await t.close();
      }
    },
  },

  {
    name: "under compat modules without a _generated folder are refused",
    async run() {
      const modules = {};
      await convexTest({ modules }).close();
      assertThrows(
        () => convexTest({ modules, compat: "convex-test" }),
        Error,
        'Could not find the "_generated" directory',
      );
    },
  },

  {
    name: "under compat a function is scheduled for any time",
    async run() {
      const sixYearsMs = 6 * 365 * 24 * 60 * 60 * 1000;
      for (const compat of COMPATS) {
        const t = convexTest({ modules, compat });
        const later = t.run(async (ctx) => {
          const id = await ctx.scheduler.runAfter(
            sixYearsMs,
            m("fn:later"),
            {},
          );
          await ctx.scheduler.cancel(id);
        });
        if (compat === "convex-test") await later;
        else await assertRejects(() => later, Error, "up to five years");
        await t.close();
      }
    },
  },

  {
    name: "a timestamp of the commit to come is handed on within a mutation",
    async run() {
      for (const compat of COMPATS) {
        const app = defineTestApp({ schema: defineSchema({}), compat });
        const { api, createTest } = app.defineModules({
          fn: {
            echo: app.query({ args: { x: v.any() }, handler: (_, { x }) => x }),
            make: app.query({ handler: () => [new CommitTsPlaceholder()] }),
            pass: app.mutation(async (ctx): Promise<string> => {
              const { commitTs: x } = ctx.db.vars;
              return String(await ctx.runQuery(api.fn.echo, { x }));
            }),
            later: app.mutation(async (ctx): Promise<string> => {
              const args = { x: ctx.db.vars.commitTs } as never;
              return await ctx.scheduler.runAfter(0, m("fn:echo"), args);
            }),
          },
        });
        const t = createTest();
        assertEquals(
          await t.mutation(api.fn.pass),
          "[unresolved commit timestamp]",
        );
        const x = [new CommitTsPlaceholder()];
        for (
          const [call, text] of [
            [
              () => t.query(api.fn.echo, { x }),
              'Invalid arguments for "fn:echo": an unresolved placeholder value can only be passed to a query or mutation called from a mutation',
            ],
            [
              () => t.query(api.fn.make),
              "Function fn:make return value invalid: queries cannot return an unresolved placeholder value.",
            ],
            [
              () => t.query(() => Promise.resolve(x)),
              "Function inline return value invalid: queries cannot return",
            ],
            [
              () => t.mutation(api.fn.later),
              'Invalid arguments for "fn:echo": a scheduled function cannot take an unresolved placeholder value.',
            ],
          ] as const
        ) {
          const called: Promise<unknown> = call();
          await assertRejects(() => called, Error, text);
        }
        await t.close();
      }
    },
  },
];
