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
  RequestMetadata,
  SchemaDefinition,
  UserIdentity,
} from "convex/server";
import type { TransactionLimits } from "../engine/limits.ts";

/**
 * What the types of `convex-test` leave open. Helpers of components take a `t` of its types, and only the same types let
 * ours pass.
 */
export type Open = ReturnType<JSON["parse"]>;

/** Kinds of function that a test calls. */
export type Kind = "query" | "mutation" | "action";

/** A function by reference, public or internal, or one given inline, which gets a `ctx` and nothing else. */
export type Callable<Type extends Kind, Context> =
  | FunctionReference<Type, Open>
  | ((ctx: Context) => Promise<Open>);

/** Arguments after a function: those of a reference, none for an inline function. */
export type RestOf<Type extends Kind, Called> = Called extends
  FunctionReference<Type, Open> ? OptionalRestArgs<Called> : [];

/** What a call of a function gives. */
export type ResultOf<Type extends Kind, Called> = Called extends
  FunctionReference<Type, Open> ? FunctionReturnType<Called>
  : Called extends (ctx: Open) => Promise<infer Output> ? Output
  : never;

/** Modules by path, as `import.meta.glob("./**\/*.*s")` gives them. */
export type ModuleMap = { [path: string]: () => Promise<Open> };

/**
 * Calls functions of a backend under test, on somebody's behalf. Inline functions have signatures of their own though the
 * first ones take them: only methods of several signatures are taken for those of `convex-test`, whatever the tables.
 */
export interface TestConvexForDataModel<DataModel extends GenericDataModel> {
  /** Runs a query: by reference, also an internal one, or given inline. Rejects with what it throws. */
  query<
    Called extends Callable<"query", GenericQueryCtx<DataModel>>,
  >(
    called: Called,
    ...args: RestOf<"query", Called>
  ): Promise<ResultOf<"query", Called>>;
  /** The same of a function that is given inline. */
  query<Body extends (ctx: GenericQueryCtx<DataModel>) => Promise<Open>>(
    body: Body,
  ): Promise<Awaited<ReturnType<Body>>>;
  /** Runs a mutation: by reference, also an internal one, or given inline. Rejects with what it throws. */
  mutation<
    Called extends Callable<"mutation", GenericMutationCtx<DataModel>>,
  >(
    called: Called,
    ...args: RestOf<"mutation", Called>
  ): Promise<ResultOf<"mutation", Called>>;
  /** The same of a function that is given inline. */
  mutation<Body extends (ctx: GenericMutationCtx<DataModel>) => Promise<Open>>(
    body: Body,
  ): Promise<Awaited<ReturnType<Body>>>;
  /** Runs an action: by reference, also an internal one, or given inline. Rejects with what it throws. */
  action<
    Called extends Callable<"action", GenericActionCtx<DataModel>>,
  >(
    called: Called,
    ...args: RestOf<"action", Called>
  ): Promise<ResultOf<"action", Called>>;
  /** The same of a function that is given inline. */
  action<Body extends (ctx: GenericActionCtx<DataModel>) => Promise<Open>>(
    body: Body,
  ): Promise<Awaited<ReturnType<Body>>>;
  /** Reads and writes the data in one transaction; `fetch` and timers are refused in it. Rejects with what it throws. */
  run<Output>(
    body: (
      ctx:
        & GenericMutationCtx<DataModel>
        & Pick<GenericActionCtx<DataModel>, "storage">,
    ) => Promise<Output>,
  ): Promise<Output>;
  /** Makes a request that an HTTP action answers. The path begins with `/` and may have a query. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Resolves when no scheduled function is running any more. Those whose time has not come are not waited for. */
  finishInProgressScheduledFunctions(): Promise<void>;
  /**
   * Runs scheduled functions, and those that they schedule, until none is left. Calls `advanceTimers`, usually
   * `vi.runAllTimers`, as long as some wait; those whose time does not come by that are left.
   *
   * @param maxIterations Calls of `advanceTimers` at most. Default 100; rejects when scheduled functions still run then.
   */
  finishAllScheduledFunctions(
    advanceTimers: () => void,
    maxIterations?: number,
  ): Promise<void>;
  /**
   * The same backend, called by a user with these claims; those that name the user are made up when they are missing.
   */
  withIdentity(
    identity: Partial<UserIdentity>,
  ): TestConvexForDataModel<DataModel>;
  /** The same backend, called from this address by this program; null where it is not given. */
  withRequestMetadata(
    metadata: Partial<Pick<RequestMetadata, "ip" | "userAgent">>,
  ): TestConvexForDataModel<DataModel>;
  /**
   * The public keys for the tokens that `ctx.auth.signJwt` makes, as `/.well-known/jwks.json` of a deployment has them.
   * Each backend has a key of its own.
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
  /** Name, in the header of each token. */
  kid: string;
  /** What signs with it. */
  alg: "ES256";
  /** What it is for. */
  use: "sig";
}

/** Calls functions of a backend under test, and adds components to it. */
export interface TestConvexRoot<DataModel extends GenericDataModel>
  extends TestConvexForDataModel<DataModel> {
  /**
   * Adds a component under the name that the app uses it by; `parent/child` for a child of a component. Gives
   * references to its functions, as `components.name` of the generated `api` is.
   */
  registerComponent<ComponentApi = unknown>(
    componentPath: string,
    schema: SchemaDefinition<GenericSchema, boolean>,
    modules: ModuleMap,
  ): ComponentApi;
  /** Ends the engine under the test. Nothing has to be ended in tests that end by themselves. */
  close(): Promise<void>;
}

/** What `convexTest` returns for a schema. */
export type TestConvex<
  SchemaDef extends SchemaDefinition<GenericSchema, boolean>,
> = TestConvexRoot<DataModelFromSchemaDefinition<SchemaDef>>;

/** The older name of {@link TestConvexRoot}. */
export type TestConvexForDataModelAndIdentity<
  DataModel extends GenericDataModel,
> = TestConvexRoot<DataModel>;

/** What `convexTest` takes beside schema and modules. */
export interface ConvexTestOptions<Schema extends GenericSchema> {
  /** The default export of `schema.ts`. Without it every document is allowed. */
  schema?: SchemaDefinition<Schema, boolean>;
  /** The functions. Default, where Vite transforms this module: all below `/convex`. */
  modules?: ModuleMap;
  /**
   * What one transaction may read, write and schedule: `true` for Convex's limits, an object for some of them changed,
   * `false` for none. Default `false`.
   */
  transactionLimits?: Partial<TransactionLimits> | boolean;
  /** Whose answer wins where `convex-test` contradicts Convex. Default `"convex"`. */
  compat?: "convex" | "convex-test";
  /** Whether the jobs run that `crons.ts` exports. Default `false`, as in `convex-test`. */
  crons?: boolean;
  /**
   * What `process.env` is to components, by their path, beside `CONVEX_CLOUD_URL` and `CONVEX_SITE_URL`: what the app gives
   * them in `convex.config.ts`. Default: the host's, as in `convex-test`.
   */
  componentEnv?: { [path: string]: { readonly [name: string]: string } };
}
