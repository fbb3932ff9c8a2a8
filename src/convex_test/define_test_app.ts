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
import { behaviourOf } from "./behaviours.ts";
import { componentReferences } from "./component_references.ts";
import { mustHaveNames } from "../engine/must_be.ts";
import { mustBeObject } from "./checks.ts";
import { checkCommon, convexTest } from "./convex_test.ts";
import { EngineError } from "../errors.ts";
import type {
  ComponentRegistrations,
  TestApp,
  TestAppOptions,
} from "./app_types.ts";
import type { OptionNames } from "../unknown_option.ts";
import type { ConvexTestOptions, ModuleMap } from "./types.ts";

const NAMES: OptionNames<TestAppOptions<never, ComponentRegistrations>> = {
  schema: 1,
  components: 1,
  compat: 1,
  crons: 1,
  componentEnv: 1,
};

/**
 * Defines an app for tests, without generated files. Its function builders know the schema's tables, and
 * `defineModules` returns references to the functions and a factory that creates a fresh backend for each test.
 *
 * @param options The default export of `schema.ts`; helpers of components, by the names that the app uses them by; and
 * whose answers win where `convex-test` contradicts Convex.
 *
 * @example
 * ```ts
 * import { defineTestApp } from "@cortex/memory/testing";
 * import { assertEquals } from "@std/assert";
 * import { defineSchema, defineTable } from "convex/server";
 * import { v } from "convex/values";
 *
 * const schema = defineSchema({ notes: defineTable({ text: v.string() }) });
 * const app = defineTestApp({ schema });
 * const { api, createTest } = app.defineModules({
 *   notes: {
 *     add: app.mutation({
 *       args: { text: v.string() },
 *       handler: (ctx, args) => ctx.db.insert("notes", args),
 *     }),
 *   },
 * });
 * const t = createTest();
 * const id = await t.mutation(api.notes.add, { text: "hello" });
 * assertEquals((await t.run((ctx) => ctx.db.get(id)))?.text, "hello");
 * ```
 */
export function defineTestApp<
  SchemaDef extends SchemaDefinition<GenericSchema, boolean>,
  Components extends ComponentRegistrations = Record<never, never>,
>(
  options: TestAppOptions<SchemaDef, Components>,
): TestApp<SchemaDef, Components> {
  mustBeObject("options of defineTestApp", "an object, { schema }", options);
  mustHaveNames("defineTestApp", options, NAMES);
  checkCommon(options);
  const { schema, components, ...common } = options;
  if (components !== undefined) {
    mustBeObject("components", "an object of helpers by name", components);
  }
  const { reword } = behaviourOf(common.compat);
  const outward = (code: string, text: string) =>
    reword(new EngineError(code, text));
  const registrations = Object.entries(components ?? {});
  for (const [name] of registrations) {
    if (name !== "" && !/[/ ]/.test(name)) continue;
    throw outward(
      "INVALID_NAME",
      `Invalid component instance name "${name}": expected a nonempty name without slashes or spaces. Register nested components inside the parent's "register" function.`,
    );
  }
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
          for (const [name, helper] of registrations) {
            const result: unknown = helper.register(t as never, name);
            if (isPromise(result)) {
              throw outward(
                "INVALID_ARGUMENT",
                `Component registration for "${name}" returned a Promise. The "register" function must be synchronous.`,
              );
            }
          }
          return t;
        },
      };
    },
  };
  return app as unknown as TestApp<SchemaDef, Components>;
}

function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | undefined)?.then ===
    "function";
}
