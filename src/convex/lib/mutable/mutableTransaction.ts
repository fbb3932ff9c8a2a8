/** Several changes of mutable values in one transaction. */
import { type Infer, v } from "convex/values";
import { fail } from "../errors.ts";
import type { MutationCtx } from "../model.ts";
import {
  addToValue,
  deleteValues,
  type MutableView,
  mutableView,
  replaceValue,
  requireValue,
  setValue,
  toMutable,
  valueArgs,
} from "./mutableStore.ts";
import { eachInOne } from "../oneTransaction.ts";
import type { Scope } from "../scope.ts";

/** Most operations of one transaction. */
const MAX_OPERATIONS = 500;

/** Validator of an operation. */
export const operation = v.object({
  op: v.union(
    v.literal("set"),
    v.literal("update"),
    v.literal("delete"),
    v.literal("increment"),
    v.literal("decrement"),
  ),
  namespace: v.string(),
  key: v.string(),
  ...valueArgs,
  amount: v.optional(v.number()),
});

const deletedView = v.object({
  deleted: v.boolean(),
  namespace: v.string(),
  key: v.string(),
});

/** Validator of an operation's result. */
export const operationResult = v.union(mutableView, deletedView);

type Deleted = typeof deletedView.type;

/** Deletes one value. Throws `MUTABLE_KEY_NOT_FOUND`. */
export async function deleteValue(
  ctx: MutationCtx,
  scope: Scope,
  { namespace, key }: { namespace: string; key: string },
): Promise<Deleted> {
  const row = await requireValue(ctx, scope, { namespace, key });
  await deleteValues(ctx, scope, [row]);
  return { deleted: true, namespace, key };
}

/**
 * Runs operations in order. Each sees the effects of those before it, and the first failure undoes all.
 *
 * @throws {ConvexError} `TOO_MANY_OPERATIONS`, `LIMIT_EXCEEDED` if their values are together too large for one
 * transaction.
 */
export async function runOperations(
  ctx: MutationCtx,
  scope: Scope,
  operations: readonly Infer<typeof operation>[],
): Promise<(MutableView | Deleted)[]> {
  if (operations.length > MAX_OPERATIONS) {
    fail(
      "TOO_MANY_OPERATIONS",
      `operations has ${operations.length} items, at most ${MAX_OPERATIONS} are allowed`,
    );
  }
  const results: (MutableView | Deleted)[] = [];
  await eachInOne("operations", operations, async (one) => {
    results.push(await runOne(ctx, scope, one));
  });
  return results;
}

async function runOne(
  ctx: MutationCtx,
  scope: Scope,
  one: Infer<typeof operation>,
): Promise<MutableView | Deleted> {
  if (one.op === "set") return toMutable(await setValue(ctx, scope, one));
  if (one.op === "delete") return await deleteValue(ctx, scope, one);
  const row = await requireValue(ctx, scope, one);
  if (one.op === "update") {
    const { value, valueJson } = one;
    const given = valueJson === undefined ? { value } : { valueJson };
    return toMutable(await replaceValue(ctx, scope, row, given));
  }
  const sign = one.op === "increment" ? 1 : -1;
  return toMutable(await addToValue(ctx, scope, row, one.amount ?? 1, sign));
}
