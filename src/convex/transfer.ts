/** Carrying a tenant's rows, or those held on one user, from one deployment to another: `transfer:…`. */
import { dump as dumpPart, dumpArgs, dumpResult } from "./lib/transfer/dump.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import {
  load as loadLines,
  loadArgs,
  loadResult,
} from "./lib/transfer/load.ts";
import type { MutationCtx, QueryCtx } from "./lib/model.ts";

/** One part of the tenant's rows, or of what is held on a user: one JSON text a row, 1,000 rows or 4 MiB. */
export const dump = publicQuery({
  args: dumpArgs,
  returns: dumpResult,
  handler: (ctx: QueryCtx, args, scope) => dumpPart(ctx, scope, args),
});

/**
 * Stores at most 200 rows that `dump` gave, for the tenant of the call; those that are there already stay as they are.
 */
export const load = publicMutation("transfer:load", {
  args: loadArgs,
  returns: loadResult,
  handler: (ctx: MutationCtx, args, scope) => loadLines(ctx, scope, args),
});
