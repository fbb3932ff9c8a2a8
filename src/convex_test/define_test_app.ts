import {
  actionGeneric,
  anyApi,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  mutationGeneric,
  queryGeneric,
  type SchemaDefinition,
} from "convex/server";
import type { GenericSchema } from "convex/server";
import { componentReferences } from "./component_references.ts";
import { convexTest } from "./convex_test.ts";
import type {
  ComponentRegistrations,
  TestApp,
  TestAppOptions,
} from "./app_types.ts";
import type { ConvexTestOptions, ModuleMap } from "./types.ts";

/**
 * Defines an app for tests without generated files: its builders of functions know the tables of the schema, and
 * `defineModules` gives references to what is built and makes a fresh backend for each test.
 *
 * ```ts ignore
 * const app = defineTestApp({ schema, components: { counter: counterTest } });
 * const { api, createTest } = app.defineModules({
 *   notes: {
 *     add: app.mutation({
 *       args: { text: v.string() },
 *       handler: (ctx, args) => ctx.db.insert("notes", args),
 *     }),
 *   },
 * });
 * const t = createTest();
 * await t.mutation(api.notes.add, { text: "hello" });
 * ```
 *
 * @param options The default export of `schema.ts`; helpers of components, by the names that the app uses them by; and
 * whose answers win where `convex-test` contradicts Convex.
 */
export function defineTestApp<
  SchemaDef extends SchemaDefinition<GenericSchema, boolean>,
  Components extends ComponentRegistrations = Record<never, never>,
>(
  { schema, components, ...common }: TestAppOptions<SchemaDef, Components>,
): TestApp<SchemaDef, Components> {
  const app = {
    components: new Proxy({}, {
      get: (_, name) =>
        typeof name === "string" ? componentReferences(name) : undefined,
    }),
    query: queryGeneric,
    internalQuery: internalQueryGeneric,
    mutation: mutationGeneric,
    internalMutation: internalMutationGeneric,
    action: actionGeneric,
    internalAction: internalActionGeneric,
    defineModules(exports: { [path: string]: object }) {
      const modules: ModuleMap = {
        "./_generated/api.js": () => Promise.resolve({}),
      };
      for (const [path, module] of Object.entries(exports)) {
        modules[`./${path}.js`] = () => Promise.resolve(module);
      }
      return {
        api: anyApi,
        internal: anyApi,
        createTest(
          options: Pick<ConvexTestOptions<GenericSchema>, "transactionLimits"> =
            {},
        ) {
          const t = convexTest({ ...common, schema, modules, ...options });
          for (const [name, { register }] of Object.entries(components ?? {})) {
            register(t as never, name);
          }
          return t;
        },
      };
    },
  };
  return app as unknown as TestApp<SchemaDef, Components>;
}
