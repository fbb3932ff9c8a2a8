/**
 * Public functions. Each is let in by the guard before its handler runs, so no handler can forget it, and learns from
 * the guard whose rows it may touch. Mutations that carry an idempotency key are done once.
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
import { type IdempotencyArgs, idempotencyArgs, once } from "./idempotency.ts";
import type { ActionCtx, MutationCtx, QueryCtx } from "./model.ts";
import type { Scope } from "./scope.ts";

type PublicArgs = PropertyValidators & typeof accessArgs;

/** A public function: what it takes, what it gives back, and what it does once the call has been let in. */
export interface PublicFunction<
  Ctx,
  Args extends PublicArgs,
  Returns extends GenericValidator,
> {
  /** Validators of the arguments, `accessArgs` among them. */
  args: Args;
  /** Validator of the result. */
  returns: Returns;
  /** Does it, for the tenant of the scope alone. */
  handler(
    ctx: Ctx,
    args: ObjectType<Args>,
    scope: Scope,
  ): Promise<Infer<Returns>>;
}

/**
 * Gives back a function's definition, typed: what stands in `lib` is defined there, and made public by who exports it.
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

/** A query that anyone may call whom the guard lets in. */
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
  /** Users that the result mentions in fields with other names. */
  about?(args: ObjectType<Args>): string[];
}

/**
 * A mutation that anyone may call whom the guard lets in. With an idempotency key it is done once.
 *
 * @param name `module:function`, by which kept results are told apart: a function does not know how it was exported.
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
  // The compiler cannot follow validators that are put together of unknown ones.
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

/** An action that anyone may call whom the guard lets in. */
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
