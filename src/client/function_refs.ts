/** How calls name functions: by name or by typed reference, and the types that a reference carries. */
import type { Value } from "../values/types.ts";

/** The three kinds of public Convex function. */
export type FunctionKind = "query" | "mutation" | "action";

/** Named arguments of a function. */
export type FunctionArgs = { [name: string]: unknown };

/**
 * What is known of a function of any kind: the types of its arguments and of its result, in phantom members as Convex's
 * own references have them. Types a call by name: `client.query<FunctionRef<{ id: string }, number>>("a:b", { id })`.
 */
export interface FunctionRef<Args = FunctionArgs, Result = unknown> {
  /** Its arguments. */
  readonly _args: Args;
  /** Its result. */
  readonly _returnType: Result;
}

/**
 * A typed reference to a function of one kind: `FunctionReference` of `convex/server`, or its `FunctionReference_future`,
 * which carries its types as a signature.
 */
export type TypedRef<Kind extends FunctionKind = FunctionKind> =
  | {
    readonly _args: unknown;
    readonly _returnType: unknown;
    readonly _type?: Kind;
  }
  | (SignedRef<never, unknown> & { readonly _type: Kind });

/** A function of one kind, by name or by typed reference. */
export type RefOf<Kind extends FunctionKind> = string | TypedRef<Kind>;

/** What is known of a function that is called by its name. */
export interface NamedRef {
  /** Any named arguments. */
  readonly _args: FunctionArgs;
  /** Any value. */
  readonly _returnType: Value;
}

/**
 * What follows a function in a call: its arguments, which may be left out where none is required, and options.
 * Convex's own `OptionalRestArgs` and `ArgsAndOptions` fit it, even while the reference is a type parameter.
 */
export type CallRest<Ref, Options> = ArgsOf<Ref> extends Record<string, never>
  ? [args?: Record<string, never> | ArgsOf<Ref>, options?: Options]
  :
    | [args: ArgsOf<Ref>, options?: Options]
    | (Record<string, never> extends ArgsOf<Ref>
      ? [args?: ArgsOf<Ref>, options?: Options]
      : never);

/** What follows a paginated query in a call: as {@link CallRest}, but without the argument `paginationOpts`. */
export type PagesRest<Ref, Options> = CallRest<
  FunctionRef<
    ArgsOf<Ref> extends infer Args
      ? Args extends unknown ? Omit<Args, "paginationOpts"> : never
      : never,
    unknown
  >,
  Options
>;

/** Type of the items of a paginated query's reference; `Value` for a plain name. */
export type PageItemOf<Ref> = ResultOf<Ref> extends
  { page: readonly (infer Item)[] } ? Item : Value;

/** Result type of a function reference; `Value` for a plain name. */
export type ResultOf<Ref> = Ref extends { readonly _returnType: infer Result }
  ? Result
  : Ref extends SignedRef<never, infer Result> ? Result
  : Value;

/** Argument type of a function reference; any named arguments for a plain name. */
export type ArgsOf<Ref> = Ref extends { readonly _args: infer Args } ? Args
  : Ref extends SignedRef<infer Args, unknown> ? Args
  : FunctionArgs;

/** How `FunctionReference_future` of `convex/server` carries its types. */
export interface SignedRef<Args, Result> {
  /** The function's kind. */
  readonly _type: FunctionKind;
  /** Never present at run time: it carries the types. */
  readonly _fn?: ((args: Args, keys: never) => Result) | undefined;
}

/** One query of `AsyncConvexClient.queryBatch`: its arguments may be left out where none is required. */
export type BatchedQuery<Ref = RefOf<"query">> =
  & {
    /** The function. */
    ref: Ref;
  }
  & (Record<string, never> extends ArgsOf<Ref> ? {
      /** Its arguments. */
      args?: ArgsOf<Ref> | undefined;
    }
    : {
      /** Its arguments. */
      args: ArgsOf<Ref>;
    });
