/**
 * Lists and counts of facts: reads the index that fits the filter best, one bounded stretch per call.
 *
 * @module
 */
import type { FactFilter, FactPaging } from "./factArgs.ts";
import { compareFacts, isDescending, matchesFact } from "./factFilter.ts";
import { optionalKey } from "./factKeys.ts";
import { normalise } from "../text/normalise.ts";
import { keptFacts } from "./factCounts.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { type IndexRange, StepBudget, walk } from "../paging/walk.ts";

/**
 * Most rows and bytes that one call examines. Convex limits a query to 32,000 rows and 16 MiB, and an array to 8,192
 * items.
 */
const MAX_SCANNED = 8000;
const MAX_SCANNED_BYTES = 8 * 1024 * 1024;

/** The facts that one call examines. */
export interface FactStretch {
  readonly memorySpaceId: string;
  readonly filter: FactFilter;
  /** The cursor of the previous call. */
  readonly cursor?: string | undefined;
}

/** One stretch of a list. */
export interface FactPage {
  rows: Doc<"facts">[];
  /** Number of facts in the stretch that meet the filter. */
  matched: number;
  /** Whether this is the last stretch. */
  done: boolean;
  /** Where the next stretch starts. */
  cursor?: string;
}

/**
 * Lists the facts of a space that meet a filter, in the requested order. If one call reads them all, `rows` is the
 * page, starting at `offset`. Otherwise there is a cursor, and `rows` has the first `offset + limit` of the stretch,
 * which the caller merges with those of the next calls.
 *
 * @throws {ConvexError} `INVALID_CURSOR`.
 */
export async function pageOfFacts(
  ctx: QueryCtx,
  scope: Scope,
  stretch: FactStretch,
  paging: FactPaging,
): Promise<FactPage> {
  const { offset = 0, limit = Infinity, sortBy } = paging;
  const end = offset + limit;
  const rows: Doc<"facts">[] = [];
  const isOrdered = rangesOf(scope, stretch, "asc").length === 1 &&
    (sortBy === undefined || sortBy === "createdAt");
  // Merging puts ties of an earlier stretch first, so stretches are read in the direction of the order.
  const order = isDescending(paging) ? "desc" : "asc";
  const cursor = await scanFacts(ctx, scope, { ...stretch, order }, (row) => {
    if (isOrdered && rows.length >= end) return false;
    rows.push(row);
    return !isOrdered || rows.length < end;
  });
  const matched = rows.length;
  if (!isOrdered) rows.sort(compareFacts(paging));
  const isComplete = cursor === undefined || isOrdered && matched >= end;
  return {
    rows: rows.slice(
      isComplete && stretch.cursor === undefined ? offset : 0,
      end,
    ),
    matched,
    ...continuation(isComplete ? undefined : cursor),
  };
}

/**
 * Counts the facts of a space that meet a filter, among those that one call reads. Without conditions, or with a
 * type alone, reads a counter.
 */
export async function countFacts(
  ctx: QueryCtx,
  scope: Scope,
  stretch: FactStretch,
): Promise<Omit<FactPage, "rows">> {
  if (isKept(stretch.filter)) {
    const { memorySpaceId, filter: { factType } } = stretch;
    const matched = await keptFacts(ctx, scope, memorySpaceId, factType);
    if (matched !== undefined) return { matched, done: true };
  }
  let matched = 0;
  const cursor = await scanFacts(ctx, scope, stretch, () => {
    matched++;
    return true;
  });
  return { matched, ...continuation(cursor) };
}

/** Whether a filter has no condition but the type. */
function isKept(filter: FactFilter): boolean {
  return Object.entries(filter).every(([name, value]) =>
    value === undefined || name === "tagMatch" || name === "factType" ||
    name === "includeSuperseded" && value === false
  );
}

/** The fields of a step's result that say where it ended. */
export function continuation(
  cursor: string | undefined,
): { done: boolean; cursor?: string } {
  return cursor === undefined ? { done: true } : { done: false, cursor };
}

/**
 * Visits the facts that meet a filter along an index, until `visit` returns false or the budget is spent, by default
 * 8,000 rows and 8 MiB.
 *
 * @returns Where to continue; undefined at the end.
 */
export async function scanFacts(
  ctx: QueryCtx,
  scope: Scope,
  stretch: FactStretch & { order?: "asc" | "desc"; budget?: StepBudget },
  visit: (row: Doc<"facts">) => boolean,
): Promise<string | undefined> {
  const {
    order = "asc",
    budget = new StepBudget(MAX_SCANNED, MAX_SCANNED_BYTES),
  } = stretch;
  const ranges = rangesOf(scope, stretch, order);
  for await (const walked of walk(ctx, ranges, stretch.cursor)) {
    const { row } = walked;
    budget.take(row.bytes);
    const isEnough = matchesFact(row, stretch.filter) && !visit(row);
    if (isEnough || budget.isSpent) return walked.cursor;
  }
  return undefined;
}

/**
 * The ranges that contain every fact that the filter can match: those of the subject, the user, both, the type or the
 * whole space.
 */
export function rangesOf(
  { tenantId }: Scope,
  { memorySpaceId, filter }: FactStretch,
  order: "asc" | "desc",
): IndexRange<"facts">[] {
  const range = (
    index: string,
    ...equals: [string, unknown][]
  ): IndexRange<"facts"> => ({
    table: "facts",
    index,
    equals: [
      ["tenantId", tenantId],
      ["memorySpaceId", memorySpaceId],
      ...equals,
    ],
    by: "createdAt",
    order,
    // The bounds of a walk are exclusive, so they are widened by 1; the filter checks the exact bounds.
    ...(filter.createdAfter !== undefined &&
      { after: filter.createdAfter - 1 }),
    ...(filter.createdBefore !== undefined &&
      { before: filter.createdBefore + 1 }),
  });
  const isAny = filter.includeSuperseded === true;
  const byState = (index: string, ...equals: [string, string][]) =>
    (isAny ? [false, true] : [true]).map((isCurrent) =>
      range(index, ...equals, ["isCurrent", isCurrent])
    );
  const subjectKey = optionalKey(normalise(filter.subject));
  if (subjectKey !== undefined) {
    return filter.userId === undefined
      ? byState("by_tenant_space_subject", ["subjectKey", subjectKey])
      : byState(
        "by_tenant_space_user_subject",
        ["userId", filter.userId],
        ["subjectKey", subjectKey],
      );
  }
  if (filter.userId !== undefined) {
    return byState("by_tenant_space_user", ["userId", filter.userId]);
  }
  if (filter.factType !== undefined) {
    return byState("by_tenant_space_type", ["factType", filter.factType]);
  }
  return isAny
    ? [range("by_tenant_space_created")]
    : [range("by_tenant_space_current", ["isCurrent", true])];
}
