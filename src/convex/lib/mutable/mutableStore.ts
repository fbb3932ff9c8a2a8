/** Values that change in place, by namespace and key. */
import { v } from "convex/values";
import { INVALID_RANGE, MISSING_VALUE } from "../moduleCodes.ts";
import {
  countIn,
  countOut,
  type LateCounter,
  mutableCounters,
  readCounter,
} from "../counters.ts";
import { fail, shown } from "../errors.ts";
import { metadata } from "../fields.ts";
import {
  type FreeForm,
  freeFormValue,
  readFreeForm,
  replaceFreeForm,
  storeFreeForm,
  storeMixed,
} from "../freeForm/freeForm.ts";
import { checkRow, valueBytes } from "../freeForm/jsonSize.ts";
import { forgetRow } from "../idempotency/keptResults.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { owner, type Scope, timeOfChange } from "../scope.ts";
import { pick } from "../shapes.ts";

/** Key of the count of all values of a namespace, in the group that `mutableCounters` names. */
const VALUES = "values";

/** Validators of a value as an argument and in a result. */
export const valueArgs = {
  value: v.optional(v.any()),
  valueJson: v.optional(v.string()),
};

/** Validator of a row as returned. */
export const mutableView = v.object({
  _id: v.id("mutable"),
  namespace: v.string(),
  key: v.string(),
  ...valueArgs,
  tenantId: v.optional(v.string()),
  userId: v.optional(v.string()),
  ...metadata,
  createdAt: v.number(),
  updatedAt: v.number(),
  /** For compare-and-set. */
  revision: v.optional(v.number()),
});

/** A row as returned. */
export type MutableView = typeof mutableView.type;

/** Name of a value. */
export interface ValueName {
  namespace: string;
  key: string;
}

/** A value to store, with its user and metadata. */
export type NewValue = ValueName & FreeForm<"value"> & FreeForm<"metadata"> & {
  userId?: string;
};

/** Reads one row of the scope. */
export function findValue(
  ctx: QueryCtx,
  scope: Scope,
  { namespace, key }: ValueName,
): Promise<Doc<"mutable"> | null> {
  return ctx.db.query("mutable")
    .withIndex(
      "by_tenant_namespace_key",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("namespace", namespace)
          .eq("key", key),
    )
    .unique();
}

/** The same, but throws `MUTABLE_KEY_NOT_FOUND` if there is none. */
export async function requireValue(
  ctx: QueryCtx,
  scope: Scope,
  name: ValueName,
): Promise<Doc<"mutable">> {
  return await findValue(ctx, scope, name) ??
    fail("MUTABLE_KEY_NOT_FOUND", `${name.namespace}/${name.key}`);
}

/**
 * Creates or replaces a value; omitted user and metadata are kept.
 *
 * @throws {ConvexError} `VALUE_TOO_LARGE`, `INVALID_JSON`, `MISSING_VALUE`.
 */
export async function setValue(
  ctx: MutationCtx,
  scope: Scope,
  given: NewValue,
): Promise<Doc<"mutable">> {
  const found = await findValue(ctx, scope, given);
  if (found !== null) return await replaceValue(ctx, scope, found, given);
  const row = {
    ...owner(scope),
    namespace: given.namespace,
    key: given.key,
    ...contents(given),
    ...(given.userId !== undefined && { userId: given.userId }),
    ...storeFreeForm("metadata", given.metadata, given.metadataJson),
    revision: 1,
    createdAt: scope.now,
    updatedAt: scope.now,
  };
  checkRow("value", row);
  const _id = await ctx.db.insert("mutable", row);
  await countValue(ctx, row);
  return { ...row, _id, _creationTime: scope.now };
}

type Named = Pick<Doc<"mutable">, "tenantId" | "namespace" | "key">;

/** Adds a new value to its counter. */
export async function countValue(
  ctx: MutationCtx,
  { tenantId, namespace, key }: Named,
): Promise<void> {
  const counter: LateCounter = {
    group: mutableCounters({ tenantId }, namespace),
    key: VALUES,
    rows: (most) =>
      ctx.db.query("mutable")
        .withIndex(
          "by_tenant_namespace_key",
          (q) => q.eq("tenantId", tenantId).eq("namespace", namespace),
        )
        .take(most),
  };
  await countIn(ctx, counter, key);
}

/** Deletes values of one tenant, and removes them from the counters. */
export async function deleteValues(
  ctx: MutationCtx,
  scope: Scope,
  rows: readonly Doc<"mutable">[],
): Promise<void> {
  const keys = new Map<string, string[]>();
  for (const { _id, namespace, key } of rows) {
    await ctx.db.delete(_id);
    await forgetRow(ctx, scope, "mutable", namespace, key);
    const seeds = keys.get(namespace);
    if (seeds === undefined) keys.set(namespace, [key]);
    else seeds.push(key);
  }
  for (const [namespace, seeds] of keys) {
    const group = mutableCounters(scope, namespace);
    await countOut(ctx, { group, key: VALUES }, seeds);
  }
}

/**
 * Number of values in a namespace; undefined if no counter knows it, as for an empty namespace or one from an older
 * version.
 */
export async function keptCount(
  ctx: QueryCtx,
  scope: Scope,
  namespace: string,
): Promise<number | undefined> {
  const group = mutableCounters(scope, namespace);
  return await readCounter(ctx, group, VALUES) || undefined;
}

/** Replaces the value of a row. */
export async function replaceValue(
  ctx: MutationCtx,
  scope: Scope,
  found: Doc<"mutable">,
  given: Omit<NewValue, keyof ValueName>,
): Promise<Doc<"mutable">> {
  const changes = {
    value: undefined,
    valueJson: undefined,
    ...contents(given),
    ...(given.userId !== undefined && { userId: given.userId }),
    ...replaceFreeForm("metadata", given),
    revision: found.revision + 1,
    updatedAt: timeOfChange(scope, found, 1),
  };
  checkRow("value", { ...found, ...changes });
  await ctx.db.patch(found._id, changes);
  return { ...found, ...changes };
}

function contents(given: FreeForm<"value">) {
  if (given.value === undefined && given.valueJson === undefined) {
    fail(MISSING_VALUE, "value is required");
  }
  const value = storeFreeForm("value", given.value, given.valueJson);
  return { ...value, bytes: valueBytes("value", value) };
}

/** Adds to a number; null counts as 0. Throws `MUTABLE_VALUE_NOT_NUMBER`, `INVALID_RANGE`. */
export async function addToValue(
  ctx: MutationCtx,
  scope: Scope,
  found: Doc<"mutable">,
  amount: unknown,
  sign: 1 | -1,
): Promise<Doc<"mutable">> {
  if (typeof amount !== "number" || !Number.isFinite(amount)) {
    const got = shown(String(amount));
    fail(INVALID_RANGE, `the amount must be a finite number, got ${got}`);
  }
  const { value } = found;
  if (typeof value !== "number" && value !== null) {
    fail(
      "MUTABLE_VALUE_NOT_NUMBER",
      `${shown(found.key)} holds no number: its type is ${
        found.valueJson ? "object" : typeof value
      }`,
    );
  }
  if (amount === 0) return found;
  return await replaceValue(ctx, scope, found, {
    value: (value ?? 0) + sign * amount,
  });
}

/** The array of a row, in either stored form, with one more item. Throws `MUTABLE_VALUE_NOT_ARRAY`. */
export function appended(
  found: Doc<"mutable">,
  item: unknown,
): FreeForm<"value"> {
  const items = freeFormValue("value", found);
  if (!Array.isArray(items)) fail("MUTABLE_VALUE_NOT_ARRAY", shown(found.key));
  return storeMixed("value", [...items, item]);
}

/** Converts a row to the form returned. */
export function toMutable(row: Doc<"mutable">): MutableView {
  return {
    ...pick(row, ["_id", "namespace", "key", "tenantId", "userId"]),
    ...pick(row, ["createdAt", "updatedAt"]),
    ...readFreeForm("value", row),
    ...readFreeForm("metadata", row),
  };
}
