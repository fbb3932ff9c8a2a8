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

/**
 * `convexTest` of `@cortex/memory/testing`, with the answers of `convex-test`.
 *
 * @example
 * ```ts
 * import { convexTest } from "@cortex/memory/testing/compat";
 * import { assertEquals } from "@std/assert";
 * import { defineSchema, defineTable } from "convex/server";
 * import { v } from "convex/values";
 *
 * const schema = defineSchema({ tasks: defineTable({ text: v.string() }) });
 * const t = convexTest(schema, { "./_generated/api.js": () => Promise.resolve({}) });
 * await t.run((ctx) => ctx.db.insert("tasks", { text: "sow" }));
 * const { isDone } = await t.query((ctx) =>
 *   ctx.db.query("tasks").paginate({ numItems: 1, cursor: null })
 * );
 * assertEquals(isDone, true); // in Convex an empty page follows
 * ```
 */
export const convexTest: typeof test = <Schema extends GenericSchema>(
  first?: SchemaDefinition<Schema, boolean> | ConvexTestOptions<Schema>,
  modules?: ModuleMap,
) => test({ compat, ...testOptions(first, modules) });

/**
 * `defineTestApp` of `@cortex/memory/testing`, with the answers of `convex-test`.
 *
 * @example
 * ```ts
 * import { defineTestApp } from "@cortex/memory/testing/compat";
 * import { assertEquals } from "@std/assert";
 * import { defineSchema } from "convex/server";
 *
 * const app = defineTestApp({ schema: defineSchema({}) });
 * const { api, createTest } = app.defineModules({
 *   clock: { year: app.query({ args: {}, handler: () => 2026 }) },
 * });
 * assertEquals(await createTest().query(api.clock.year), 2026);
 * ```
 */
export const defineTestApp: typeof define = (options) =>
  define(options && { compat, ...options });
