/**
 * Public functions. The guard authorises each call before the handler runs, so no handler can forget it, and tells the
 * handler whose rows it may touch. Mutations with an idempotency key run once.
 *
 * @module
 */
import {
  actionGeneric,
  mutationGeneric,
  queryGeneric,
  type RegisteredAction,
  type RegisteredMutation,
  type RegisteredQuery,
} from "convex/server";
import type {
  GenericValidator,
  Infer,
  ObjectType,
  PropertyValidators,
} from "convex/values";
import {
  type AccessArgs,
  type accessArgs,
  type AccessCtx,
  enter,
} from "./access.ts";
import {
  type IdempotencyArgs,
  idempotencyArgs,
  once,
} from "./idempotency/idempotency.ts";
import type { ActionCtx, MutationCtx, QueryCtx } from "./model.ts";
import type { Scope } from "./scope.ts";

type PublicArgs = PropertyValidators & typeof accessArgs;

/** Definition of a public function: arguments, result, and the handler of an authorised call. */
export interface PublicFunction<
  Ctx,
  Args extends PublicArgs,
  Returns extends GenericValidator,
> {
  /** Validators of the arguments, `accessArgs` among them. */
  args: Args;
  /** Validator of the result. */
  returns: Returns;
  /** Runs the function for the scope's tenant only. */
  handler(
    ctx: Ctx,
    args: ObjectType<Args>,
    scope: Scope,
  ): Promise<Infer<Returns>>;
}

/**
 * Returns a definition as it is, but typed. `lib` defines functions this way, and the modules beside it make them
 * public.
 */
type Define<Ctx> = <Args extends PublicArgs, Returns extends GenericValidator>(
  definition: PublicFunction<Ctx, Args, Returns>,
) => PublicFunction<Ctx, Args, Returns>;

/** Defines a query for `publicQuery`. */
export const defineQuery: Define<QueryCtx> = (definition) => definition;
/** Defines a mutation for `publicMutation`. */
export const defineMutation: Define<MutationCtx> = (definition) => definition;
/** Defines an action for `publicAction`. */
export const defineAction: Define<ActionCtx> = (definition) => definition;

/** Makes a query that any caller authorised by the guard may call. */
export function publicQuery<
  Args extends PublicArgs,
  Returns extends GenericValidator,
>(
  { args, returns, handler }: PublicFunction<QueryCtx, Args, Returns>,
): RegisteredQuery<"public", ObjectType<Args>, Promise<Infer<Returns>>> {
  return queryGeneric({ args, returns, handler: entered(handler) });
}

/** A public mutation. */
export interface PublicMutation<
  Args extends PublicArgs,
  Returns extends GenericValidator,
> extends PublicFunction<MutationCtx, Args, Returns> {
  /** Returns the users that the result mentions in fields not known as user fields. */
  about?(args: ObjectType<Args>): string[];
}

/**
 * Makes a mutation that any caller authorised by the guard may call. With an idempotency key it runs once.
 *
 * @param name `module:function`, to distinguish kept results: a function does not know the name that it is exported
 * under.
 */
export function publicMutation<
  Args extends PublicArgs,
  Returns extends GenericValidator,
>(
  name: string,
  { args, returns, handler, about }: PublicMutation<Args, Returns>,
): RegisteredMutation<
  "public",
  ObjectType<Args> & IdempotencyArgs,
  Promise<Infer<Returns>>
> {
  type Given = ObjectType<Args> & IdempotencyArgs;
  const handle = entered(
    async (ctx: MutationCtx, given: Given, scope: Scope) => {
      const { idempotencyKey: _key, idempotencyHash: _hash, ...rest } = given;
      const own = rest as unknown as ObjectType<Args>;
      const users = () => about?.(own) ?? [];
      return await once(
        ctx,
        scope,
        { name, args: given, users },
        (within) => handler(ctx, own, within),
      );
    },
  );
  // The compiler cannot infer types of validators that are composed of generic ones.
  return mutationGeneric({
    args: { ...args, ...idempotencyArgs },
    returns,
    handler: handle as never,
  }) as unknown as RegisteredMutation<
    "public",
    Given,
    Promise<Infer<Returns>>
  >;
}

/** Makes an action that any caller authorised by the guard may call. */
export function publicAction<
  Args extends PublicArgs,
  Returns extends GenericValidator,
>(
  { args, returns, handler }: PublicFunction<ActionCtx, Args, Returns>,
): RegisteredAction<"public", ObjectType<Args>, Promise<Infer<Returns>>> {
  return actionGeneric({ args, returns, handler: entered(handler) });
}

function entered<Ctx extends AccessCtx, Args, Result>(
  handler: (ctx: Ctx, args: Args, scope: Scope) => Promise<Result>,
): (ctx: Ctx, args: Args & AccessArgs) => Promise<Result> {
  return async (ctx, args) => await handler(ctx, args, await enter(ctx, args));
}
