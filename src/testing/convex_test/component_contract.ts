import { assertEquals, assertRejects } from "@std/assert";
import {
  componentsGeneric,
  defineSchema,
  defineTable,
  type FunctionReference,
  type GenericDataModel,
  internalMutationGeneric,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import {
  convexTest,
  defineTestApp,
  type TestConvexRoot,
} from "../../convex_test/mod.ts";
import {
  type ConvexTestSubject,
  count,
  type Ctx,
  m,
  testCase,
  withFakeClock,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

const schema = defineSchema({});

type Lib = {
  add: FunctionReference<"mutation", "internal">;
  all: FunctionReference<"query", "internal">;
  total: FunctionReference<"query", "internal">;
};

type Kept = {
  keep: FunctionReference<
    "mutation",
    "internal",
    { file: string; other: string }
  >;
};

/** Members of `t` in `convex-test` that its types lack. */
interface Undeclared {
  runQuery(of: Lib["total"]): Promise<unknown>;
  queryFromPath(path: object): Promise<unknown>;
  fun(path: object): Promise<unknown>;
  runInComponent<T>(path: string, run: (ctx: Ctx) => Promise<T>): Promise<T>;
}

const add_ = makeFunctionReference<"mutation">("lib:add");
const all_ = makeFunctionReference<"query">("lib:all");
const bump_ = makeFunctionReference<"mutation">("lib:bump");

interface Variables {
  [name: string]: string | undefined;
}

/** `process.env`, if the host has it. */
const variables = () =>
  (globalThis as { process?: { env?: Variables } }).process?.env;

/** References to the component, as its generated code types them. */
interface MailApi {
  box: {
    key: FunctionReference<
      "query",
      "internal",
      Record<string, never>,
      (string | null)[]
    >;
  };
}

/** A component's helper. Its module is loaded once, whichever backend asks first. */
function mailHelper() {
  let loaded: object | undefined;
  return {
    register: (t: TestConvexRoot<GenericDataModel>, name: string) =>
      t.registerComponent<MailApi>(name, schema, {
        "./_generated/api.ts": () => Promise.resolve({}),
        "./box.ts": () => Promise.resolve(loaded ??= mailModule()),
      }),
  };
}

function mailModule() {
  const kept = variables()!;
  return {
    key: queryGeneric(() =>
      Promise.resolve([kept.MAIL_KEY ?? null, variables()!.MAIL_KEY ?? null])
    ),
  };
}

/** Components of a backend under test. */
export const convexTestComponentContract: ContractCase<ConvexTestSubject>[] = [
  testCase(
    "a component of a test sees the variables that the test gives it",
    async () => {
      if (!variables()) return;
      const mail = mailHelper();
      const key = async (value: string) => {
        const app = defineTestApp({
          schema,
          components: { mail },
          componentEnv: { mail: { MAIL_KEY: value } },
        });
        const t = app.defineModules({}).createTest();
        const found = await t.query(app.components.mail.box.key, {});
        await t.close();
        return found;
      };
      assertEquals(await key("first"), ["first", "first"]);
      assertEquals(await key("second"), ["second", "second"]);
      assertEquals(variables()!.MAIL_KEY, undefined);
    },
    { isExact: true },
  ),

  testCase(
    "t is a ctx for a component's client, and reads a component's tables",
    async (root) => {
      const t = root as unknown as Undeclared;
      await root.mutation(m("system:useComponent"), {});
      const lib = { componentPath: "counter", udfPath: "lib:total" };
      const { total } =
        (componentsGeneric() as unknown as { counter: { lib: Lib } })
          .counter.lib;
      const had = [await t.runQuery(total), await t.queryFromPath(lib)];
      const rows = await t.runInComponent("counter", async ({ db }) => {
        await db.insert("notes", { by: 4 } as never);
        return (await db.query("notes").collect()).length;
      });
      assertEquals([had, rows, await t.fun(lib)], [[3, 3], 3, 7]);
      assertEquals(await root.run(count), 2);
      await assertRejects(
        () => t.runInComponent("nowhere", () => Promise.resolve()),
        Error,
        'Component "nowhere" is not registered',
      );
    },
  ),

  {
    name: "under compat each component counts its ids and creation times",
    run: () =>
      withFakeClock(async (clock) => {
        const made: [string, number][] = [];
        const tables = defineSchema({ notes: defineTable({ n: v.number() }) });
        const add = mutationGeneric(async (ctx) => {
          const id = await ctx.db.insert("notes", { n: 1 });
          await ctx.scheduler.runAfter(0, bump_, { id });
          const note = (await ctx.db.get(id))!;
          return [id, note._creationTime];
        });
        const bump = internalMutationGeneric(
          async (ctx, { id }: { id: string }) => {
            const note = await ctx.db.get(id as never) as { n: number };
            await ctx.db.patch(id as never, { n: note.n + 1 } as never);
          },
        );
        const all = queryGeneric(async (ctx) =>
          (await ctx.db.query("notes").collect()).map(({ n }) => n)
        );
        const modules = {
          "./_generated/api.ts": () => Promise.resolve({}),
          "./lib.ts": () => Promise.resolve({ add, bump, all }),
        };
        const t = convexTest({
          schema: tables,
          modules,
          compat: "convex-test",
        });
        const box = t.registerComponent<{ lib: Lib }>("box", tables, modules);
        const own = { add: add_, all: all_ };
        for (const { add } of [own, box.lib, own, box.lib]) {
          made.push(await t.mutation(add, {}) as [string, number]);
        }
        const [first, second, third, fourth] = made;
        assertEquals([second![0], fourth![0]], [first![0], third![0]]);
        assertEquals(first![0].slice(-10), "10000notes");
        await t.finishAllScheduledFunctions(() => clock.advance(1));
        for (const { all } of [own, box.lib]) {
          assertEquals(await t.query(all, {}), [2, 2]);
        }
        await t.close();
      }),
  },

  {
    name:
      "a component takes ids of the app's files as ids, and has no such file",
    async run() {
      const _generated = () => Promise.resolve({});
      const keep = mutationGeneric({
        args: { file: v.id("_storage") },
        handler: async ({ db, storage }, { file }) => {
          await db.insert("kept", { file });
          return [await storage.getUrl(file), await db.system.get(file)];
        },
      });
      type Keep = FunctionReference<"mutation", "internal", { file: string }>;
      const tables = defineSchema({
        kept: defineTable({ file: v.id("_storage") }),
      });
      const t = convexTest(tables, { "./_generated/api.ts": _generated });
      const box = t.registerComponent<{ lib: { keep: Keep } }>("box", tables, {
        "./_generated/api.ts": _generated,
        "./lib.ts": () => Promise.resolve({ keep }),
      });
      const file = await t.run(({ storage }) => storage.store(new Blob(["a"])));
      assertEquals(await t.mutation(box.lib.keep, { file }), [null, null]);
      await t.close();
    },
  },

  {
    name: "under compat a component takes ids of the app's files as ids",
    async run() {
      const _generated = () => Promise.resolve({});
      const keep = mutationGeneric({
        args: { file: v.id("_storage"), other: v.id("elsewhere") },
        handler: ({ db }, { file }) => db.insert("kept", { file }),
      });
      const tables = defineSchema({
        kept: defineTable({ file: v.id("_storage") }),
      });
      const t = convexTest({
        modules: { "./_generated/api.ts": _generated },
        compat: "convex-test",
      });
      const box = t.registerComponent<{ lib: Kept }>("box", tables, {
        "./_generated/api.ts": _generated,
        "./lib.ts": () => Promise.resolve({ keep }),
      });
      const file = await t.run(({ storage }) => storage.store(new Blob(["a"])));
      const args = { file, other: "1elsewhere" };
      assertEquals(
        await t.mutation(box.lib.keep, args),
        "10000kept".padStart(32, "0"),
      );
      await t.close();
    },
  },
];
