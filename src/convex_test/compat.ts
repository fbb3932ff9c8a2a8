/**
 * `@cortex/memory/testing` with the answers of `convex-test` where it contradicts Convex, for tests that rely on them.
 * It has the same functions, with `{ compat: "convex-test" }` as the default. With an alias, no test needs to change:
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

/** `convexTest` of `@cortex/memory/testing`, with the answers of `convex-test`. */
export const convexTest: typeof test = <Schema extends GenericSchema>(
  first?: SchemaDefinition<Schema, boolean> | ConvexTestOptions<Schema>,
  modules?: ModuleMap,
) => test({ compat, ...testOptions(first, modules) });

/** `defineTestApp` of `@cortex/memory/testing`, with the answers of `convex-test`. */
export const defineTestApp: typeof define = (options) =>
  define(options && { compat, ...options });
