/** Lists and counts of records: reads one index range in order, up to a bound. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import {
  immutableCounters,
  readCounter,
  readImmutableCounters,
} from "../counters.ts";
import { sortOrder } from "../fields.ts";
import {
  RECORDS,
  type RecordView,
  recordView,
  toRecord,
  versionsOf,
} from "./immutableStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import {
  cappedLimit,
  isBetween,
  type Page,
  pageArgs,
  pageFields,
  type PageRequest,
  readPage,
} from "../paging/page.ts";
import type { Scope } from "../scope.ts";
import { type IndexRange, StepBudget } from "../paging/walk.ts";

/** Superseded versions that a list shows of each record. */
const VERSIONS_LISTED = 20;
const DEFAULT_LIMIT = 50;
/** Bytes of superseded versions that one answer holds. */
const MAX_VERSION_BYTES = 4 * 1024 * 1024;

/** Conditions on a record; bounds of times are exclusive. */
export interface RecordFilter {
  readonly type?: string;
  readonly userId?: string;
  readonly createdAfter?: number;
  readonly createdBefore?: number;
  readonly updatedAfter?: number;
  readonly updatedBefore?: number;
}

/** The time by which records are sorted, and the direction. */
export interface RecordOrder {
  readonly sortBy?: "createdAt" | "updatedAt";
  readonly sortOrder?: "asc" | "desc";
}

/** Validators of bounds and order, which lists of users share. */
export const timeArgs = {
  createdAfter: v.optional(v.number()),
  createdBefore: v.optional(v.number()),
  updatedAfter: v.optional(v.number()),
  updatedBefore: v.optional(v.number()),
};

/** Validators of the order. */
export const orderArgs = {
  sortBy: v.optional(v.union(v.literal("createdAt"), v.literal("updatedAt"))),
  sortOrder: v.optional(sortOrder),
};

/** Validators of the arguments of a list. */
export const listRecordsArgs = {
  ...accessArgs,
  type: v.optional(v.string()),
  userId: v.optional(v.string()),
  limit: v.optional(v.number()),
  offset: v.optional(v.number()),
  ...timeArgs,
  ...orderArgs,
};

type ListArgs = ObjectType<typeof listRecordsArgs>;

/** The index range that contains what a filter selects, in the requested order. */
export function recordRange(
  scope: Scope,
  filter: RecordFilter,
  { sortBy = "createdAt", sortOrder = "desc" }: RecordOrder = {},
): IndexRange<"immutable"> {
  const { type, userId } = filter;
  const equals: [string, unknown][] = [["tenantId", scope.tenantId]];
  if (type !== undefined) equals.push(["type", type]);
  // The index of a user's records is sorted by creation only.
  const byUser = userId !== undefined && sortBy === "createdAt";
  if (byUser) equals.push(["userId", userId]);
  return {
    table: "immutable",
    index: indexOf(type !== undefined, byUser, sortBy),
    equals,
    by: sortBy,
    order: sortOrder,
    ...(sortBy === "createdAt"
      ? { after: filter.createdAfter, before: filter.createdBefore }
      : { after: filter.updatedAfter, before: filter.updatedBefore }),
  };
}

function indexOf(
  hasType: boolean,
  byUser: boolean,
  sortBy: "createdAt" | "updatedAt",
): string {
  if (byUser) return hasType ? "by_tenant_type_user" : "by_tenant_user_created";
  const time = sortBy === "createdAt" ? "created" : "updated";
  return hasType ? `by_tenant_type_${time}` : `by_tenant_${time}`;
}

/** Whether a record of the tenant meets the filter. */
export function isSelectedRecord(
  row: Doc<"immutable">,
  filter: RecordFilter,
): boolean {
  return (filter.type === undefined || row.type === filter.type) &&
    (filter.userId === undefined || row.userId === filter.userId) &&
    isBetween(row.createdAt, filter.createdAfter, filter.createdBefore) &&
    isBetween(row.updatedAt, filter.updatedAfter, filter.updatedBefore);
}

/**
 * Validator of one step of a page. `total` is the number of all matches, if a page of 0 asks for it and a counter knows
 * it.
 */
export const recordPage = v.object({
  entries: v.array(recordView),
  total: v.optional(v.number()),
  ...pageFields,
});

/** Validators of the arguments of a page. */
export const recordPageArgs = {
  ...accessArgs,
  ...pageArgs,
  type: v.optional(v.string()),
  userId: v.optional(v.string()),
};

/** Reads one step of a page of records, newest first. With a limit of 0, counts. */
export async function pageOfRecords(
  ctx: QueryCtx,
  scope: Scope,
  args: ObjectType<typeof recordPageArgs>,
): Promise<typeof recordPage.type> {
  const { limit = DEFAULT_LIMIT } = args;
  const total = limit === 0 ? await knownCount(ctx, scope, args) : undefined;
  const { rows, ...page } = await selected(ctx, scope, args, {
    ...args,
    limit,
    uncounted: limit > 0 || total !== undefined,
  });
  return {
    ...page,
    entries: await withVersions(ctx, rows),
    ...(total !== undefined && { total }),
  };
}

/** Records with the newest of their superseded versions. */
async function withVersions(
  ctx: QueryCtx,
  rows: readonly Doc<"immutable">[],
): Promise<RecordView[]> {
  const entries: RecordView[] = [];
  let bytes = MAX_VERSION_BYTES;
  for (const row of rows) {
    const budget = new StepBudget(VERSIONS_LISTED, bytes);
    entries.push(toRecord(row, await versionsOf(ctx, row, budget)));
    bytes = budget.bytes;
  }
  return entries;
}

/**
 * A page of records. Examines 8,000 records and 8 MiB; if there are more, `hasMore` is true and `total` a lower bound.
 */
export async function listRecords(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
): Promise<{
  entries: RecordView[];
  total: number;
  limit: number;
  offset: number;
  hasMore: boolean;
}> {
  const limit = cappedLimit(args.limit, DEFAULT_LIMIT);
  const offset = Math.max(0, args.offset ?? 0);
  const known = await knownCount(ctx, scope, args);
  const page = await selected(ctx, scope, args, {
    offset,
    limit,
    uncounted: known !== undefined,
  });
  const total = known ?? page.matched;
  const entries = await withVersions(ctx, page.rows);
  return {
    entries,
    total,
    limit,
    offset,
    hasMore: offset + entries.length < total || !page.done,
  };
}

/** Counts the records that a filter selects: by counters if the filter has at most a type, otherwise by index. */
export async function countRecords(
  ctx: QueryCtx,
  scope: Scope,
  filter: RecordFilter,
): Promise<number> {
  return await knownCount(ctx, scope, filter) ??
    (await selected(ctx, scope, filter, { limit: 0 })).matched;
}

/** The count kept for a filter, if there is one. */
export async function knownCount(
  ctx: QueryCtx,
  scope: Scope,
  { type, userId, ...filter }: RecordFilter,
): Promise<number | undefined> {
  const isBounded = [
    userId,
    filter.createdAfter,
    filter.createdBefore,
    filter.updatedAfter,
    filter.updatedBefore,
  ].some((bound) => bound !== undefined);
  if (isBounded) return undefined;
  if (type === undefined) return await readImmutableCounters(ctx, scope);
  return await readCounter(ctx, immutableCounters(scope, type), RECORDS);
}

function selected(
  ctx: QueryCtx,
  scope: Scope,
  filter: RecordFilter & RecordOrder,
  page: Omit<PageRequest<"immutable">, "ranges">,
): Promise<Page<Doc<"immutable">>> {
  return readPage(ctx, {
    ranges: [recordRange(scope, filter, filter)],
    matches: (row) => isSelectedRecord(row, filter),
    ...page,
  });
}
