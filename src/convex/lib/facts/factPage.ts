/**
 * Lists and counts of facts: along the index that fits the filter best, a bounded stretch a call.
 *
 * @module
 */
import { readCounter, spaceCounters } from "../counters.ts";
import type { FactFilter, FactPaging } from "./factArgs.ts";
import { compareFacts, isDescending, matchesFact } from "./factFilter.ts";
import { optionalKey } from "./factKeys.ts";
import { normalise } from "../text/normalise.ts";
import { FACT_COUNTER } from "./factStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { type IndexRange, StepBudget, walk } from "../walk.ts";

/** Rows and bytes that one call looks at; Convex ends a query at 32,000 rows or 16 MiB, and arrays at 8,192 items. */
const MAX_SCANNED = 8000;
const MAX_SCANNED_BYTES = 8 * 1024 * 1024;

/** Which facts one call looks at. */
export interface FactStretch {
  readonly memorySpaceId: string;
  readonly filter: FactFilter;
  /** Where the call before stopped. */
  readonly cursor?: string | undefined;
}

/** One stretch of a list. */
export interface FactPage {
  rows: Doc<"facts">[];
  /** How many facts of the stretch meet the filter. */
  matched: number;
  /** Whether nothing follows. */
  done: boolean;
  /** Where the next stretch begins. */
  cursor?: string;
}

/**
 * The facts of a space that meet a filter, in the order that is asked for. Where one call sees them all, `rows` is the
 * page from `offset` on. Otherwise there is a cursor, and `rows` holds the first `offset + limit` of the stretch: whoever
 * calls again merges them.
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
  // Of facts that are alike in the order, those of an earlier stretch come first: they are to be the right ones.
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
    ...goesOn(isComplete ? undefined : cursor),
  };
}

/** How many facts of a space meet a filter, as far as one call sees; all of them without looking. */
export async function countFacts(
  ctx: QueryCtx,
  scope: Scope,
  stretch: FactStretch,
): Promise<Omit<FactPage, "rows">> {
  if (isWhole(stretch.filter)) {
    const group = spaceCounters(scope, stretch.memorySpaceId);
    return { matched: await readCounter(ctx, group, FACT_COUNTER), done: true };
  }
  let matched = 0;
  const cursor = await scanFacts(ctx, scope, stretch, () => {
    matched++;
    return true;
  });
  return { matched, ...goesOn(cursor) };
}

function isWhole(filter: FactFilter): boolean {
  return Object.entries(filter).every(([name, value]) =>
    value === undefined || name === "tagMatch" ||
    name === "includeSuperseded" && value === false
  );
}

/** What a step answers of where it ended. */
export function goesOn(
  cursor: string | undefined,
): { done: boolean; cursor?: string } {
  return cursor === undefined ? { done: true } : { done: false, cursor };
}

/**
 * Walks the facts that meet a filter along an index, until `visit` returns false or the budget is spent: by default
 * 8,000 rows and 8 MiB of them.
 *
 * @returns Where to go on; undefined at the end.
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
 * The ranges that hold every fact that the filter can accept: of the subject, the user, both, the type or the whole
 * space.
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
    // The bounds of the filter are inclusive, those of a walk are not; the filter has the last word.
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
