import type {
  DataModelFromSchemaDefinition,
  FunctionReference,
  FunctionReturnType,
  GenericActionCtx,
  GenericDataModel,
  GenericMutationCtx,
  GenericQueryCtx,
  GenericSchema,
  OptionalRestArgs,
  SchemaDefinition,
  UserIdentity,
} from "convex/server";
import type { TransactionLimits } from "../engine/limits/limits.ts";

/**
 * The type of values that `convex-test` leaves open. Test helpers of components take a `t` of those types, and only
 * identical types accept ours.
 */
export type Open = ReturnType<JSON["parse"]>;

/** The kinds of function that a test calls. */
export type Kind = "query" | "mutation" | "action";

/** A function by reference, public or internal; or an inline function, which gets only a `ctx`. */
export type Callable<Type extends Kind, Context> =
  | FunctionReference<Type, Open>
  | ((ctx: Context) => Promise<Open>);

/** Arguments after a function: those of a reference, none for an inline function. */
export type RestOf<Type extends Kind, Called> = Called extends
  FunctionReference<Type, Open> ? OptionalRestArgs<Called> : [];

/** The result of calling a function. */
export type ResultOf<Type extends Kind, Called> = Called extends
  FunctionReference<Type, Open> ? FunctionReturnType<Called>
  : Called extends (ctx: Open) => Promise<infer Output> ? Output
  : never;

/** Modules by path, as `import.meta.glob("./**\/*.*s")` returns them. */
export type ModuleMap = { [path: string]: () => Promise<Open> };

/**
 * Calls functions of a backend under test as a given user. Inline functions have overloads of their own, because only
 * methods with several overloads are assignable to those of `convex-test`, whatever the tables. They come first, as
 * `Parameters` is that of the last.
 */
export interface TestConvexForDataModel<DataModel extends GenericDataModel> {
  /**
   * Runs a query, by reference (also an internal one) or given inline. Rejects with what it throws.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   * import { defineSchema, defineTable } from "convex/server";
   * import { v } from "convex/values";
   *
   * const schema = defineSchema({ tasks: defineTable({ text: v.string() }) });
   * const t = convexTest({ schema, modules: {} });
   * // By reference: t.query(api.tasks.list, { limit: 10 })
   * assertEquals(await t.query((ctx) => ctx.db.query("tasks").take(10)), []);
   * ```
   */
  query<Body extends (ctx: GenericQueryCtx<DataModel>) => Promise<Open>>(
    body: Body,
  ): Promise<Awaited<ReturnType<Body>>>;
  /** The same by reference. */
  query<
    Called extends Callable<"query", GenericQueryCtx<DataModel>>,
  >(
    called: Called,
    ...args: RestOf<"query", Called>
  ): Promise<ResultOf<"query", Called>>;
  /**
   * Runs a mutation, by reference (also an internal one) or given inline. Rejects with what it throws.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertRejects } from "@std/assert";
   * import { defineSchema, defineTable } from "convex/server";
   * import { v } from "convex/values";
   *
   * const schema = defineSchema({ tasks: defineTable({ text: v.string() }) });
   * const t = convexTest({ schema, modules: {} });
   * const text = 12 as unknown as string; // what TypeScript would refuse
   * await assertRejects(() => t.mutation((ctx) => ctx.db.insert("tasks", { text })));
   * ```
   */
  mutation<Body extends (ctx: GenericMutationCtx<DataModel>) => Promise<Open>>(
    body: Body,
  ): Promise<Awaited<ReturnType<Body>>>;
  /** The same by reference. */
  mutation<
    Called extends Callable<"mutation", GenericMutationCtx<DataModel>>,
  >(
    called: Called,
    ...args: RestOf<"mutation", Called>
  ): Promise<ResultOf<"mutation", Called>>;
  /**
   * Runs an action, by reference (also an internal one) or given inline. Rejects with what it throws.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const t = convexTest({ modules: {} });
   * const size = await t.action(async (ctx) => {
   *   const id = await ctx.storage.store(new Blob(["hello"]));
   *   return (await ctx.storage.get(id))?.size;
   * });
   * assertEquals(size, 5);
   * ```
   */
  action<Body extends (ctx: GenericActionCtx<DataModel>) => Promise<Open>>(
    body: Body,
  ): Promise<Awaited<ReturnType<Body>>>;
  /** The same by reference. */
  action<
    Called extends Callable<"action", GenericActionCtx<DataModel>>,
  >(
    called: Called,
    ...args: RestOf<"action", Called>
  ): Promise<ResultOf<"action", Called>>;
  /**
   * Reads and writes the data in one transaction, in which `fetch` and timers are refused. Rejects with what it throws.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   * import { defineSchema, defineTable } from "convex/server";
   * import { v } from "convex/values";
   *
   * const schema = defineSchema({ tasks: defineTable({ text: v.string(), done: v.boolean() }) });
   * const t = convexTest({ schema, modules: {} });
   * await t.run(async (ctx) => {
   *   const id = await ctx.db.insert("tasks", { text: "sow", done: false });
   *   await ctx.db.patch(id, { done: true });
   *   assertEquals((await ctx.db.get(id))?.done, true);
   * });
   * ```
   */
  run<Output>(
    body: (
      ctx:
        & GenericMutationCtx<DataModel>
        & Pick<GenericActionCtx<DataModel>, "storage">,
    ) => Promise<Output>,
  ): Promise<Output>;
  /**
   * Sends a request to an HTTP action. The path begins with `/` and may have a query.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   * import { httpActionGeneric, httpRouter } from "convex/server";
   *
   * const http = httpRouter();
   * http.route({
   *   path: "/ping",
   *   method: "GET",
   *   handler: httpActionGeneric(() => Promise.resolve(new Response("pong"))),
   * });
   * const modules = {
   *   "./_generated/api.js": () => Promise.resolve({}),
   *   "./http.ts": () => Promise.resolve({ default: http }),
   * };
   * const response = await convexTest({ modules }).fetch("/ping");
   * assertEquals(await response.text(), "pong");
   * ```
   */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /**
   * Resolves when no scheduled function is running any more. Does not wait for those whose time has not come.
   *
   * @example
   * ```ts
   * import { defineTestApp } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   * import { defineSchema } from "convex/server";
   *
   * const sent: string[] = [];
   * const app = defineTestApp({ schema: defineSchema({}) });
   * const { internal, createTest } = app.defineModules({
   *   mail: { send: app.internalAction({ args: {}, handler: () => void sent.push("mail") }) },
   * });
   * const t = createTest();
   * await t.run((ctx) => ctx.scheduler.runAfter(0, internal.mail.send));
   * await new Promise((resolve) => setTimeout(resolve, 1)); // its time comes
   * await t.finishInProgressScheduledFunctions();
   * assertEquals(sent, ["mail"]);
   * ```
   */
  finishInProgressScheduledFunctions(): Promise<void>;
  /**
   * Runs scheduled functions, and those they schedule, until none is left. Calls `advanceTimers`, usually
   * `vi.runAllTimers`, as long as some are waiting; those that this does not bring due are left.
   *
   * @param maxIterations Most rounds, of which each function of a chain takes one. Default 100; rejects when
   * scheduled functions still run then.
   *
   * @example
   * ```ts
   * import { defineTestApp } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   * import { defineSchema } from "convex/server";
   *
   * const left: number[] = [];
   * const app = defineTestApp({ schema: defineSchema({}) });
   * const { internal, createTest } = app.defineModules({
   *   rocket: { launch: app.internalAction({ args: {}, handler: () => void left.push(0) }) },
   * });
   * const t = createTest();
   * await t.run((ctx) => ctx.scheduler.runAfter(0, internal.rocket.launch));
   * await t.finishAllScheduledFunctions(() => {}); // with Vitest's fake timers: vi.runAllTimers
   * assertEquals(left, [0]);
   * ```
   */
  finishAllScheduledFunctions(
    advanceTimers: () => void,
    maxIterations?: number,
  ): Promise<void>;
  /**
   * Returns the same backend, called by a user with these claims; missing claims that identify the user are generated.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const t = convexTest({ modules: {} });
   * const asMia = t.withIdentity({ name: "Mia", subject: "user-1" });
   * const identity = await asMia.query((ctx) => ctx.auth.getUserIdentity());
   * assertEquals([identity?.name, identity?.subject], ["Mia", "user-1"]);
   * assertEquals(await t.query((ctx) => ctx.auth.getUserIdentity()), null);
   * ```
   */
  withIdentity(
    identity: Partial<UserIdentity>,
  ): TestConvexForDataModel<DataModel>;
  /**
   * Returns the same backend, called from this address by this program; null where not given.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const t = convexTest({ modules: {} }).withRequestMetadata({ ip: "192.0.2.7" });
   * const { ip } = await t.mutation((ctx) => ctx.meta.getRequestMetadata());
   * assertEquals(ip, "192.0.2.7");
   * ```
   */
  withRequestMetadata(
    metadata: { ip?: string | null; userAgent?: string | null },
  ): TestConvexForDataModel<DataModel>;
  /**
   * Returns the public keys for tokens made by `ctx.auth.signJwt`, as in a deployment's `/.well-known/jwks.json`. Each
   * backend has its own key.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { keys } = await convexTest({ modules: {} }).jwks();
   * assertEquals(keys.map(({ alg, use }) => ({ alg, use })), [{ alg: "ES256", use: "sig" }]);
   * ```
   */
  jwks(): Promise<DeploymentJwks>;
}

/** A JSON Web Key Set. */
export interface DeploymentJwks {
  /** The keys. */
  keys: DeploymentJwk[];
}

/** A public key for the tokens of a deployment. */
export interface DeploymentJwk {
  /** Kind of key. */
  kty: "EC";
  /** Curve. */
  crv: "P-256";
  /** One coordinate. */
  x: string;
  /** The other. */
  y: string;
  /** Key id, in the header of each token. */
  kid: string;
  /** Signature algorithm. */
  alg: "ES256";
  /** Purpose of the key. */
  use: "sig";
}

/** Calls functions of a backend under test, and adds components to it. */
export interface TestConvexRoot<DataModel extends GenericDataModel>
  extends TestConvexForDataModel<DataModel> {
  /**
   * Adds a component under the name by which the app uses it; `parent/child` for a child of a component. Returns
   * references to its functions, like `components.name` of the generated `api`.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   * import { anyApi, defineSchema, queryGeneric } from "convex/server";
   *
   * const read = queryGeneric({ args: {}, handler: () => 7 });
   * const t = convexTest({ modules: {} });
   * const counter = t.registerComponent<typeof anyApi>("counter", defineSchema({}), {
   *   "./_generated/api.js": () => Promise.resolve({}),
   *   "./value.ts": () => Promise.resolve({ read }),
   * });
   * assertEquals(await t.query((ctx) => ctx.runQuery(counter.value!.read! as never)), 7);
   * ```
   */
  registerComponent<ComponentApi = unknown>(
    componentPath: string,
    schema: SchemaDefinition<GenericSchema, boolean>,
    modules: ModuleMap,
  ): ComponentApi;
  /**
   * Closes the engine under test. Tests that end by themselves need not call it.
   *
   * @example
   * ```ts
   * import { convexTest } from "@cortex/memory/testing";
   * import { assertRejects } from "@std/assert";
   *
   * const t = convexTest({ modules: {} });
   * await t.close();
   * await assertRejects(() => t.run((ctx) => ctx.storage.store(new Blob(["late"]))));
   * ```
   */
  close(): Promise<void>;
}

/** Result of `convexTest` for a schema. */
export type TestConvex<
  SchemaDef extends SchemaDefinition<GenericSchema, boolean>,
> = TestConvexRoot<DataModelFromSchemaDefinition<SchemaDef>>;

/** The older name of {@link TestConvexRoot}. */
export type TestConvexForDataModelAndIdentity<
  DataModel extends GenericDataModel,
> = TestConvexRoot<DataModel>;

/** Options of `convexTest`. */
export interface ConvexTestOptions<Schema extends GenericSchema> {
  /** The default export of `schema.ts`. Without it every document is allowed. */
  schema?: SchemaDefinition<Schema, boolean> | undefined;
  /** The functions. Default, where Vite transforms this module: all those below `/convex`. */
  modules?: ModuleMap | undefined;
  /**
   * Limits of one transaction's reads, writes and scheduled calls: `true` for Convex's limits, an object to change some
   * of them, `false` for no limits. Default `false`.
   */
  transactionLimits?: Partial<TransactionLimits> | boolean | undefined;
  /** Whose answer wins where `convex-test` contradicts Convex. Default `"convex"`. */
  compat?: "convex" | "convex-test" | undefined;
  /** Whether to run the cron jobs that `crons.ts` exports. Default `false`, as in `convex-test`. */
  crons?: boolean | undefined;
  /**
   * What components see as `process.env`, by their path, besides `CONVEX_CLOUD_URL` and `CONVEX_SITE_URL`: what the app
   * passes them in `convex.config.ts`. Default: the host's, as in `convex-test`.
   */
  componentEnv?:
    | { [path: string]: { readonly [name: string]: string } }
    | undefined;
}
