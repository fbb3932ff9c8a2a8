/**
 * Public functions. Each is let in by the guard before its handler runs, so no handler can forget it, and learns from
 * the guard whose rows it may touch.
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

/** A query that anyone may call whom the guard lets in. */
export function publicQuery<
  Args extends PublicArgs,
  Returns extends GenericValidator,
>(
  { args, returns, handler }: PublicFunction<QueryCtx, Args, Returns>,
): RegisteredQuery<"public", ObjectType<Args>, Promise<Infer<Returns>>> {
  return queryGeneric({ args, returns, handler: entered(handler) });
}

/** A mutation that anyone may call whom the guard lets in. */
export function publicMutation<
  Args extends PublicArgs,
  Returns extends GenericValidator,
>(
  { args, returns, handler }: PublicFunction<MutationCtx, Args, Returns>,
): RegisteredMutation<"public", ObjectType<Args>, Promise<Infer<Returns>>> {
  return mutationGeneric({ args, returns, handler: entered(handler) });
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

function entered<Ctx extends AccessCtx, Args extends AccessArgs, Result>(
  handler: (ctx: Ctx, args: Args, scope: Scope) => Promise<Result>,
): (ctx: Ctx, args: Args) => Promise<Result> {
  return async (ctx, args) => await handler(ctx, args, await enter(ctx, args));
}
