/** Copies the rows of a tenant, or of one user, from one deployment to another: `transfer:…`. */
import { dump as dumpPart, dumpArgs, dumpResult } from "./lib/transfer/dump.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import {
  load as loadLines,
  loadArgs,
  loadResult,
} from "./lib/transfer/load.ts";
import type { MutationCtx, QueryCtx } from "./lib/model.ts";

/** A part of the rows of the tenant, or of a user: one JSON text per row, 250 rows (150 of a user) or 4 MiB. */
export const dump = publicQuery({
  args: dumpArgs,
  returns: dumpResult,
  handler: (ctx: QueryCtx, args, scope) => dumpPart(ctx, scope, args),
});

/** Stores at most 200 rows from `dump` for the tenant of the call. Rows that exist already stay as they are. */
export const load = publicMutation("transfer:load", {
  args: loadArgs,
  returns: loadResult,
  handler: (ctx: MutationCtx, args, scope) => loadLines(ctx, scope, args),
});
