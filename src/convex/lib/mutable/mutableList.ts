/** Lists, counts and purges of mutable values: reads one index range of the namespace in order, up to a bound. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { sortOrder } from "../fields.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { isBetween, type Page, pageArgs, readPage } from "../paging/page.ts";
import { readInOrder } from "../paging/movingPage.ts";
import { deleteValues, keptCount } from "./mutableStore.ts";
import type { Scope } from "../scope.ts";
import {
  type IndexRange,
  inStep,
  StepBudget,
  type StepEnd,
} from "../paging/walk.ts";

/** Most keys that a dry run returns. */
const MAX_KEYS = 1000;
/** The largest character: every text with a prefix sorts before the prefix followed by this. */
const LAST = "\u{10ffff}";

/** Validators of conditions; bounds of times are exclusive. */
export const valueFilterArgs = {
  ...accessArgs,
  namespace: v.string(),
  keyPrefix: v.optional(v.string()),
  userId: v.optional(v.string()),
  updatedAfter: v.optional(v.number()),
  updatedBefore: v.optional(v.number()),
};

/** Validators of a list's arguments. */
export const valueListArgs = {
  ...valueFilterArgs,
  ...pageArgs,
  sortBy: v.optional(v.union(
    v.literal("key"),
    v.literal("updatedAt"),
    v.literal("accessCount"),
  )),
  sortOrder: v.optional(sortOrder),
};

/** Arguments of a list. */
export type ValueListArgs = ObjectType<typeof valueListArgs>;

type Row = Doc<"mutable">;
type Filter = Omit<ObjectType<typeof valueFilterArgs>, keyof typeof accessArgs>;

/**
 * Reads one step of a page of values. Sorted by `accessCount`, a first step that is `done` has the page; otherwise each
 * step has the first `offset + limit` values that it read, with their sort keys, for the caller to merge.
 */
export async function pageOfValues(
  ctx: QueryCtx,
  scope: Scope,
  args: ValueListArgs,
): Promise<Page<Row> & { places?: [number, number][] }> {
  const { cursor, offset = 0, limit } = args;
  if (limit === 0 && cursor === undefined && isWhole(args)) {
    const matched = await keptCount(ctx, scope, args.namespace);
    if (matched !== undefined) return { rows: [], matched, done: true };
  }
  const matches = (row: Row) => meets(row, args);
  const ranges = [rangeOf(scope, args)];
  if (args.sortBy !== "accessCount") {
    const { sortBy, ...rest } = args;
    return await readInOrder(ctx, {
      ranges,
      steady: sortBy === "updatedAt" ? [rangeOf(scope, rest)] : undefined,
      matches,
      offset,
      limit,
      cursor,
      uncounted: limit !== 0,
    });
  }
  const step = await readPage(ctx, { ranges, matches, cursor });
  const sign = args.sortOrder === "desc" ? -1 : 1;
  const sorted = step.rows.sort((a, b) =>
    sign * (a.revision - b.revision || a._creationTime - b._creationTime)
  );
  const isAll = step.done && cursor === undefined;
  const end = offset + (limit ?? sorted.length);
  const rows = sorted.slice(isAll ? offset : 0, end);
  return {
    ...step,
    rows,
    ...!isAll &&
      { places: rows.map((row) => [row.revision, row._creationTime]) },
  };
}

function rangeOf(
  scope: Scope,
  { namespace, keyPrefix, userId, ...args }: ValueListArgs,
): IndexRange<"mutable"> {
  const mine: [string, unknown][] = [
    ["tenantId", scope.tenantId],
    ["namespace", namespace],
  ];
  const order = args.sortOrder ?? "asc";
  if (args.sortBy === "updatedAt") {
    return {
      table: "mutable",
      index: "by_tenant_namespace_updated",
      equals: mine,
      by: "updatedAt",
      order,
      after: args.updatedAfter,
      before: args.updatedBefore,
    };
  }
  return {
    table: "mutable",
    index: userId === undefined
      ? "by_tenant_namespace_key"
      : "by_tenant_namespace_user",
    equals: userId === undefined ? mine : [...mine, ["userId", userId]],
    by: "key",
    order,
    // The bound is exclusive, but the prefix itself may be a key, so the bound is a text just before the prefix.
    ...(keyPrefix !== undefined && {
      after: before(keyPrefix),
      before: keyPrefix + LAST,
    }),
  };
}

/** A text that sorts before a prefix, and after all smaller texts that do not have it. */
function before(prefix: string): string {
  const code = prefix.charCodeAt(prefix.length - 1);
  return prefix.slice(0, -1) + String.fromCharCode(code - 1) + LAST;
}

/** Whether a filter selects every value of the namespace. */
function isWhole({ keyPrefix, userId, ...filter }: Filter): boolean {
  return [keyPrefix, userId, filter.updatedAfter, filter.updatedBefore]
    .every((condition) => condition === undefined);
}

function meets(row: Row, filter: Filter): boolean {
  return (filter.keyPrefix === undefined ||
    row.key.startsWith(filter.keyPrefix)) &&
    (filter.userId === undefined || row.userId === filter.userId) &&
    isBetween(row.updatedAt, filter.updatedAfter, filter.updatedBefore);
}

/** Result of a step of a purge. */
export interface PurgeStep {
  deleted: number;
  namespace: string;
  keys: string[];
  done: boolean;
  cursor?: string;
}

/** Deletes values that meet the filter: 200 rows or 4 MiB per step. */
export async function purgeValues(
  ctx: MutationCtx,
  scope: Scope,
  filter: Filter & { cursor?: string },
): Promise<PurgeStep> {
  const { namespace, cursor } = filter;
  const range = {
    ...rangeOf(scope, filter),
    selects: (row: Row) => meets(row, filter),
  };
  const { keys, ...end } = await deleteInStep(ctx, scope, range, cursor);
  return { deleted: keys.length, namespace, keys, ...end };
}

/** Deletes the wanted values of a range while the budget lasts. */
async function deleteInStep(
  ctx: MutationCtx,
  scope: Scope,
  range: IndexRange<"mutable">,
  cursor?: string,
): Promise<{ keys: string[] } & StepEnd> {
  const budget = new StepBudget();
  const rows: Row[] = [];
  const end = await inStep(ctx, [range], cursor, budget, (row) => {
    budget.take(row.bytes);
    rows.push(row);
  });
  await deleteValues(ctx, scope, rows);
  return { keys: rows.map(({ key }) => key), ...end };
}

/** Counts the values of a namespace, and returns at most 1,000 of the keys: 8,000 rows or 8 MiB per step. */
export async function countNamespace(
  ctx: QueryCtx,
  scope: Scope,
  args: { namespace: string; cursor?: string },
): Promise<PurgeStep> {
  const { rows, matched, ...end } = await readPage(ctx, {
    ranges: [rangeOf(scope, args)],
    cursor: args.cursor,
    limit: MAX_KEYS,
  });
  const keys = rows.map(({ key }) => key);
  return { deleted: matched, namespace: args.namespace, keys, ...end };
}

/** Deletes every value of the tenant, or those without a tenant: 200 rows or 4 MiB per step. */
export async function purgeAllValues(
  ctx: MutationCtx,
  scope: Scope,
): Promise<{ deleted: number; done: boolean }> {
  const { keys, done } = await deleteInStep(ctx, scope, {
    table: "mutable",
    index: "by_tenant_updated",
    equals: [["tenantId", scope.tenantId]],
    by: "updatedAt",
  });
  return { deleted: keys.length, done };
}
