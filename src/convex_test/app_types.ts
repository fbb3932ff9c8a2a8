import type {
  ActionBuilder,
  ApiFromModules,
  DataModelFromSchemaDefinition,
  FilterApi,
  FunctionReference,
  GenericSchema,
  MutationBuilder,
  QueryBuilder,
  SchemaDefinition,
} from "convex/server";
import type {
  ConvexTestOptions,
  Open,
  TestConvex,
  TestConvexRoot,
} from "./types.ts";

/**
 * Adds a component to a backend, as the `register` of a component's `test` helper does. What it returns types
 * `app.components`: references to the component's functions, or nothing.
 */
export type ComponentRegistration<Api> = (
  t: TestConvexRoot<Open>,
  name: string,
) => Api | void;

/** Helpers of components by the names that the app uses them by. */
export type ComponentRegistrations = {
  [name: string]: {
    /** Adds the component. */
    register: ComponentRegistration<Open>;
  };
};

/** A component's functions, each a reference under the name that the app uses the component by. */
export type NamedComponentApi<Api, Name extends string> = Api extends
  FunctionReference<infer Type, infer Visibility, infer Args, infer Result>
  ? FunctionReference<Type, Visibility, Args, Result, Name>
  : { [Key in keyof Api]: NamedComponentApi<Api[Key], Name> };

/** References to the components of an app, by name. */
export type RegisteredComponents<Components extends ComponentRegistrations> = {
  [Name in keyof Components]: Components[Name]["register"] extends
    ComponentRegistration<infer Api> ? NamedComponentApi<Api, Name & string>
    : never;
};

/** Options of `defineTestApp`. */
export interface TestAppOptions<
  SchemaDef extends SchemaDefinition<GenericSchema, boolean>,
  Components extends ComponentRegistrations,
> extends
  Pick<ConvexTestOptions<GenericSchema>, "compat" | "crons" | "componentEnv"> {
  /** The default export of `schema.ts`. */
  schema: SchemaDef;
  /** Helpers of components; each `register` runs whenever a test is made. */
  components?: Components | undefined;
}

/** Builders of functions over the tables of a schema. */
export interface TestApp<
  SchemaDef extends SchemaDefinition<GenericSchema, boolean>,
  Components extends ComponentRegistrations = Record<never, never>,
> {
  /** References to the functions of the components. */
  components: RegisteredComponents<Components>;
  /** Builds a public query. */
  query: QueryBuilder<DataModelFromSchemaDefinition<SchemaDef>, "public">;
  /** Builds an internal query. */
  internalQuery: QueryBuilder<
    DataModelFromSchemaDefinition<SchemaDef>,
    "internal"
  >;
  /** Builds a public mutation. */
  mutation: MutationBuilder<DataModelFromSchemaDefinition<SchemaDef>, "public">;
  /** Builds an internal mutation. */
  internalMutation: MutationBuilder<
    DataModelFromSchemaDefinition<SchemaDef>,
    "internal"
  >;
  /** Builds a public action. */
  action: ActionBuilder<DataModelFromSchemaDefinition<SchemaDef>, "public">;
  /** Builds an internal action. */
  internalAction: ActionBuilder<
    DataModelFromSchemaDefinition<SchemaDef>,
    "internal"
  >;
  /**
   * Takes the exports of modules by their paths, such as `notes` or `notes/archive`. Returns references to their
   * functions, and a factory of backends with them.
   *
   * @example
   * ```ts
   * import { defineTestApp } from "@cortex/memory/testing";
   * import { assertEquals } from "@std/assert";
   * import { defineSchema } from "convex/server";
   *
   * const app = defineTestApp({ schema: defineSchema({}) });
   * const { api, internal, createTest } = app.defineModules({
   *   "sums/public": { half: app.query({ args: {}, handler: () => 21 }) },
   *   secret: { answer: app.internalQuery({ args: {}, handler: () => 42 }) },
   * });
   * const t = createTest();
   * assertEquals(await t.query(api.sums.public.half), 21);
   * assertEquals(await t.query(internal.secret.answer), 42);
   * ```
   */
  defineModules<Modules extends Record<string, object>>(
    this: void,
    modules: Modules,
  ): TestAppDefinition<SchemaDef, Modules>;
}

/** References to the functions of an app, and a factory of backends for tests. */
export interface TestAppDefinition<
  SchemaDef extends SchemaDefinition<GenericSchema, boolean>,
  Modules extends Record<string, object>,
> {
  /** The public functions. */
  api: FilterApi<ApiFromModules<Modules>, FunctionReference<Open, "public">>;
  /** The internal ones. */
  internal: FilterApi<
    ApiFromModules<Modules>,
    FunctionReference<Open, "internal">
  >;
  /**
   * Creates an empty backend with the components registered.
   *
   * @example
   * ```ts
   * import { defineTestApp } from "@cortex/memory/testing";
   * import { assertRejects } from "@std/assert";
   * import { defineSchema, defineTable } from "convex/server";
   * import { v } from "convex/values";
   *
   * const schema = defineSchema({ notes: defineTable({ text: v.string() }) });
   * const { createTest } = defineTestApp({ schema }).defineModules({});
   * const t = createTest({ transactionLimits: { documentsWritten: 1 } });
   * await assertRejects(() =>
   *   t.run(async (ctx) => {
   *     await ctx.db.insert("notes", { text: "fits" });
   *     await ctx.db.insert("notes", { text: "is one too many" });
   *   })
   * );
   * ```
   */
  createTest(
    this: void,
    options?: Pick<ConvexTestOptions<GenericSchema>, "transactionLimits">,
  ): TestConvex<SchemaDef>;
}
