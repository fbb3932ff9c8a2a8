/**
 * Tests of Convex functions on the embedded engine, with the API of `convex-test`: change the import, keep the tests.
 *
 * ```ts ignore
 * import { convexTest } from "@cortex/memory/testing";
 * import { api } from "./_generated/api";
 * import schema from "./schema";
 *
 * const t = convexTest(schema, import.meta.glob("./**\/*.*s"));
 * const id = await t.mutation(api.notes.add, { text: "hello" });
 * ```
 *
 * Where `convex-test` contradicts Convex, Convex wins; `{ compat: "convex-test" }` gives its answer, and
 * `@cortex/memory/testing/compat` is the same with that as its default.
 *
 * In Vitest no import needs to change, those in the `test` helpers of components neither:
 *
 * ```ts ignore
 * // vitest.config.ts
 * export default defineConfig({
 *   test: {
 *     environment: "edge-runtime",
 *     alias: { "convex-test": "@cortex/memory/testing" },
 *     server: { deps: { inline: ["@cortex/memory"] } },
 *   },
 * });
 * ```
 *
 * Jest must run in its mode for ES modules (`NODE_OPTIONS=--experimental-vm-modules`). Under Jest, Bun and Deno, which
 * have no `import.meta.glob`, give modules as a map of paths to loaders, and components to `t.registerComponent`.
 * Deno needs `"unstable": ["sloppy-imports"]` in `deno.json`, as Convex's modules are imported without extension.
 *
 * @module
 */
export { convexTest } from "./convex_test.ts";
export { defineTestApp } from "./define_test_app.ts";
export type {
  ComponentRegistration,
  ComponentRegistrations,
  NamedComponentApi,
  RegisteredComponents,
  TestApp,
  TestAppDefinition,
  TestAppOptions,
} from "./app_types.ts";
export type {
  Callable,
  ConvexTestOptions,
  DeploymentJwk,
  DeploymentJwks,
  Kind,
  ModuleMap,
  Open,
  RestOf,
  ResultOf,
  TestConvex,
  TestConvexForDataModel,
  TestConvexForDataModelAndIdentity,
  TestConvexRoot,
} from "./types.ts";
export type { TransactionLimits } from "../engine/limits/limits.ts";
