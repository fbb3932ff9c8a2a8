/** The app of `app_contract.ts`: notes, and a component that counts. */
import {
  defineSchema,
  defineTable,
  type FunctionReference,
  type GenericDataModel,
} from "convex/server";
import { v } from "convex/values";
import { defineTestApp, type TestConvexRoot } from "../../convex_test/mod.ts";

/** The tables of the app. */
export const schema = defineSchema({
  notes: defineTable({ text: v.string() }),
  hooks: defineTable({ then: v.function({ fnType: "mutation" }) }),
});

/** References to the component, as its generated code types them. */
interface CounterApi {
  lib: {
    add: FunctionReference<"mutation", "internal", { n: number }, number>;
    who: FunctionReference<
      "query",
      "internal",
      Record<string, never>,
      string | null
    >;
  };
}

const counterSchema = defineSchema({ counts: defineTable({ n: v.number() }) });
const counter = defineTestApp({ schema: counterSchema });
const counterModules = {
  "./_generated/api.ts": () => Promise.resolve({}),
  "./lib.ts": () =>
    Promise.resolve({
      add: counter.mutation({
        args: { n: v.number() },
        handler: async (ctx, { n }) => {
          await ctx.db.insert("counts", { n });
          return (await ctx.db.query("counts").collect()).length;
        },
      }),
      who: counter.query({
        args: {},
        handler: async (ctx) =>
          (await ctx.auth.getUserIdentity())?.name ?? null,
      }),
    }),
};

/** An app with a component that answers like Convex or like `convex-test`. */
export function makeApp(compat: "convex" | "convex-test" = "convex") {
  const app = defineTestApp({
    schema,
    compat,
    components: {
      counter: {
        register: (t: TestConvexRoot<GenericDataModel>, name: string) =>
          t.registerComponent<CounterApi>(name, counterSchema, counterModules),
      },
    },
  });
  const page = { numItems: 1, cursor: null };
  const defined = app.defineModules({
    notes: {
      add: app.mutation({
        args: { text: v.string() },
        returns: v.id("notes"),
        handler: (ctx, args) => ctx.db.insert("notes", args),
      }),
      count: app.query({
        args: {},
        handler: async (ctx): Promise<number> =>
          (await ctx.db.query("notes").collect()).length,
      }),
      secret: app.internalQuery({ args: {}, handler: () => "secret" }),
      fails: app.internalMutation({
        args: {},
        handler: async (ctx): Promise<void> => {
          await ctx.db.insert("notes", { text: "lost" });
          await ctx.storage.store(new Blob(["lost"]));
          throw new Error("fails");
        },
      }),
      time: app.internalMutation({
        args: {},
        handler: () => Promise.resolve(Date.now()),
      }),
    },
    "pages/one": {
      one: app.query({
        args: {},
        handler: async (ctx): Promise<number> =>
          (await ctx.db.query("notes").paginate(page)).page.length,
      }),
      two: app.mutation({
        args: {},
        handler: async (ctx): Promise<void> => {
          await ctx.db.query("notes").paginate(page);
          await ctx.db.query("notes").paginate(page);
        },
      }),
    },
  });
  return { app, page, ...defined };
}
