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

/** A function by reference: public or internal. */
export type AnyReference<Type extends "query" | "mutation" | "action"> =
  FunctionReference<Type, "public" | "internal">;

/** A function given inline: it gets a `ctx` and nothing else. */
export type InlineFunction<Context> = (ctx: Context) => Promise<unknown>;

/** Arguments after a function: those of a reference, none for an inline function. */
export type RestOf<Called> = Called extends
  AnyReference<"query" | "mutation" | "action"> ? OptionalRestArgs<Called>
  : [];

/** What a call of a function gives. */
export type ResultOf<Called> = Called extends
  AnyReference<"query" | "mutation" | "action"> ? FunctionReturnType<Called>
  : Called extends (ctx: never) => Promise<infer Output> ? Output
  : never;

/** Modules by path, as `import.meta.glob("./**\/*.*s")` gives them. */
export type ModuleMap = { [path: string]: () => Promise<unknown> };

/** Calls functions of a backend under test, on somebody's behalf. */
export interface TestConvexForDataModel<DataModel extends GenericDataModel> {
  /** Runs a query: by reference, also an internal one, or given inline. Rejects with what it throws. */
  query<
    Called extends
      | AnyReference<"query">
      | InlineFunction<GenericQueryCtx<DataModel>>,
  >(called: Called, ...args: RestOf<Called>): Promise<ResultOf<Called>>;
  /** Runs a mutation: by reference, also an internal one, or given inline. Rejects with what it throws. */
  mutation<
    Called extends
      | AnyReference<"mutation">
      | InlineFunction<GenericMutationCtx<DataModel>>,
  >(called: Called, ...args: RestOf<Called>): Promise<ResultOf<Called>>;
  /** Runs an action: by reference, also an internal one, or given inline. Rejects with what it throws. */
  action<
    Called extends
      | AnyReference<"action">
      | InlineFunction<GenericActionCtx<DataModel>>,
  >(called: Called, ...args: RestOf<Called>): Promise<ResultOf<Called>>;
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
}

/** Calls functions of a backend under test, and adds components to it. */
export interface TestConvexRoot<DataModel extends GenericDataModel>
  extends TestConvexForDataModel<DataModel> {
  /** Adds a component under the name that the app uses it by; `parent/child` for a child of a component. */
  registerComponent(
    componentPath: string,
    schema: SchemaDefinition<GenericSchema, boolean>,
    modules: ModuleMap,
  ): void;
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
}
