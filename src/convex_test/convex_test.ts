import type { GenericSchema, SchemaDefinition } from "convex/server";
import { consoleLogger } from "../at_once.ts";
import { hostClock } from "../embedded/host_clock.ts";
import { EngineCore } from "../engine/engine_core.ts";
import { type EngineLimits, UNLIMITED } from "../engine/limits/limits.ts";
import { openMemoryStore } from "../store/memory_store.ts";
import type { OptionNames } from "../unknown_option.ts";
import { behaviourOf } from "./behaviours.ts";
import { mustBe, mustHaveNames } from "../engine/must_be.ts";
import { mustBeObject } from "./checks.ts";
import { ConvexCommitTs } from "./commit_ts.ts";
import { defaultModules } from "./default_modules.ts";
import type { TestBehaviour } from "./test_behaviour.ts";
import { putOutsideConvex } from "./outside_convex.ts";
import { realRandom } from "./real_host.ts";
import { testConvex } from "./test_convex.ts";
import type { ConvexTestOptions, ModuleMap, TestConvex } from "./types.ts";

const NAMES: OptionNames<ConvexTestOptions<GenericSchema>> = {
  schema: 1,
  modules: 1,
  transactionLimits: 1,
  compat: 1,
  crons: 1,
  componentEnv: 1,
};

/**
 * Creates an empty backend in memory, and returns an object that calls it. Create one for each test.
 *
 * Scheduled functions run on the host's timers; a fake clock such as `vi.useFakeTimers()` holds them back.
 *
 * @param schema The default export of `schema.ts`.
 * @param modules The functions, as `import.meta.glob("./**\/*.*s")` returns them in a file of the `convex` folder.
 * @throws {EngineError} `INVALID_ARGUMENT` for anything else.
 *
 * @example
 * ```ts
 * import { convexTest } from "@cortex/memory/testing";
 * import { assertEquals } from "@std/assert";
 * import { anyApi, defineSchema, defineTable, mutationGeneric } from "convex/server";
 * import { v } from "convex/values";
 *
 * const schema = defineSchema({ tasks: defineTable({ text: v.string() }) });
 * const add = mutationGeneric({
 *   args: { text: v.string() },
 *   handler: (ctx, args) => ctx.db.insert("tasks", args),
 * });
 * // Vite finds them: import.meta.glob("./**\/*.*s"); and `api` is that of ./_generated/api.js
 * const modules = {
 *   "./_generated/api.js": () => Promise.resolve({}),
 *   "./tasks.ts": () => Promise.resolve({ add }),
 * };
 * const t = convexTest(schema, modules);
 * await t.mutation(anyApi.tasks!.add!, { text: "water the plants" });
 * const tasks = await t.run((ctx) => ctx.db.query("tasks").collect());
 * assertEquals(tasks.map(({ text }) => text), ["water the plants"]);
 * ```
 */
export function convexTest<Schema extends GenericSchema>(
  schema?: SchemaDefinition<Schema, boolean>,
  modules?: ModuleMap,
): TestConvex<SchemaDefinition<Schema, boolean>>;
/** Creates an empty backend in memory, with further options. */
export function convexTest<Schema extends GenericSchema>(
  options: ConvexTestOptions<Schema>,
): TestConvex<SchemaDefinition<Schema, boolean>>;
export function convexTest<Schema extends GenericSchema>(
  first?: SchemaDefinition<Schema, boolean> | ConvexTestOptions<Schema>,
  modules?: ModuleMap,
): TestConvex<SchemaDefinition<Schema, boolean>> {
  const options = testOptions(first, modules);
  mustHaveNames("convexTest", options, NAMES);
  checkCommon(options);
  const { modules: given, transactionLimits: limits } = options;
  if (given !== undefined) {
    mustBeObject("modules", "what import.meta.glob gives", given);
  }
  if (limits !== undefined && typeof limits !== "boolean") {
    const bound = "true, false, or an object of limits by name";
    mustBeObject("transactionLimits", bound, limits);
  }
  const commitTs = new ConvexCommitTs();
  const behaviour = behaviourOf(options.compat);
  const core = openCore(options, behaviour, commitTs);
  const takeAway = putOutsideConvex(behaviour.reword);
  const backend = {
    core,
    behaviour,
    ready: () => commitTs.wait(),
    close: () => core.close().finally(takeAway),
  };
  const test = testConvex(backend, options.componentEnv);
  return test as unknown as TestConvex<SchemaDefinition<Schema, boolean>>;
}

/** Opens the engine of a test, in memory. */
function openCore<Schema extends GenericSchema>(
  { schema, modules = defaultModules(), ...options }: ConvexTestOptions<Schema>,
  behaviour: TestBehaviour,
  commitTs: ConvexCommitTs,
): EngineCore {
  behaviour.checkModules?.(modules);
  return new EngineCore({
    store: openMemoryStore(),
    app: { schema, modules },
    components: {},
    now: () => Date.now(),
    random: realRandom,
    limits: limitsOf(options.transactionLimits),
    timers: hostClock,
    hasCrons: options.crons ?? false,
    deployment: {
      url: "https://some-deployment.convex.cloud",
      name: "test",
      behaviour,
      commitTs: () => commitTs.get(),
    },
    outward: (error) => error,
    log: (level, message, error) => {
      if (level !== "warn" && level !== "error") return;
      const said = error === undefined ? [] : [behaviour.reword(error)];
      consoleLogger[level](message, ...said);
    },
  });
}

/** The limits for a test's option: Convex's for `true`, none for `false`. */
function limitsOf(
  asked: ConvexTestOptions<GenericSchema>["transactionLimits"] = false,
): Partial<EngineLimits> {
  if (asked === false) return UNLIMITED;
  return asked === true ? {} : asked;
}

/** Normalises the arguments of {@link convexTest} to options. Throws `INVALID_ARGUMENT`. */
export function testOptions<Schema extends GenericSchema>(
  first: SchemaDefinition<Schema, boolean> | ConvexTestOptions<Schema> = {},
  modules?: ModuleMap,
): ConvexTestOptions<Schema> {
  mustBeObject("schema", "the default export of schema.ts, or options", first);
  return isSchema(first) ? { schema: first, modules } : { modules, ...first };
}

/** Checks the options that `convexTest` and `defineTestApp` share. Throws `INVALID_ARGUMENT`. */
export function checkCommon(
  { compat, crons, componentEnv }: ConvexTestOptions<GenericSchema>,
): void {
  const isCompat = compat === undefined || compat === "convex" ||
    compat === "convex-test";
  mustBe("compat", '"convex" or "convex-test"', isCompat, compat);
  const isCrons = crons === undefined || typeof crons === "boolean";
  mustBe("crons", "true or false", isCrons, crons);
  if (componentEnv === undefined) return;
  const bound = "an object of variables by a component's path";
  mustBeObject("componentEnv", bound, componentEnv);
}

/** A schema has a method `export`; options have none. */
function isSchema<Schema extends GenericSchema>(
  first: SchemaDefinition<Schema, boolean> | object,
): first is SchemaDefinition<Schema, boolean> {
  return "export" in first && "tables" in first;
}
