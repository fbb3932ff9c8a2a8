/**
 * `@cortex/memory/testing` with the answers of `convex-test` where it contradicts Convex, for tests that count on them:
 * its functions, with `{ compat: "convex-test" }` where nothing else is said. An alias needs no change in any test:
 *
 * ```ts ignore
 * // vitest.config.ts
 * export default defineConfig({
 *   test: {
 *     environment: "edge-runtime",
 *     alias: { "convex-test": "@cortex/memory/testing/compat" },
 *     server: { deps: { inline: ["@cortex/memory"] } },
 *   },
 * });
 * ```
 *
 * @module
 */
import type { GenericSchema, SchemaDefinition } from "convex/server";
import { convexTest as test, testOptions } from "./convex_test.ts";
import { defineTestApp as define } from "./define_test_app.ts";
import type { ConvexTestOptions, ModuleMap } from "./types.ts";

/** The other types are those of `@cortex/memory/testing`. */
export type * from "./mod.ts";

const compat = "convex-test";

/** `convexTest` of `@cortex/memory/testing`, as `convex-test` answers. */
export const convexTest: typeof test = <Schema extends GenericSchema>(
  first?: SchemaDefinition<Schema, boolean> | ConvexTestOptions<Schema>,
  modules?: ModuleMap,
) => test({ compat, ...testOptions(first, modules) });

/** `defineTestApp` of `@cortex/memory/testing`, as `convex-test` answers. */
export const defineTestApp: typeof define = (options) =>
  define({ compat, ...options });
