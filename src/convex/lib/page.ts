/** Pages of a list: rows of index ranges in their order, filtered and counted, in bounded steps. */
import { v } from "convex/values";
import { stepFields } from "./fields.ts";
import type { Doc, QueryCtx, TableName } from "./model.ts";
import { sizeOf } from "./size.ts";
import { textFinder } from "./text/findText.ts";
import { type IndexRange, StepBudget, walk } from "./walk.ts";

/** Rows and bytes that one step looks at. */
const MAX_ROWS = 8000;
const MAX_BYTES = 8 * 1024 * 1024;

/** Arguments of a page: matches to pass over, rows wanted, where the step before stopped. */
export const pageArgs = {
  offset: v.optional(v.number()),
  limit: v.optional(v.number()),
  cursor: v.optional(v.string()),
};

/** Fields of every page's result, for validators. */
export const pageFields = {
  /** Matches that the step saw. */
  matched: v.number(),
  ...stepFields,
};

/** A step of a page. */
export interface Page<Row> {
  rows: Row[];
  matched: number;
  done: boolean;
  cursor?: string;
}

/** Which page of what. */
export interface PageRequest<Table extends TableName> {
  readonly ranges: readonly IndexRange<Table>[];
  /** Default: every row. */
  readonly matches?: (row: Doc<Table>) => boolean;
  /** Matches to pass over. Default: 0. */
  readonly offset?: number | undefined;
  /** Rows wanted. Default: all. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  /** Stop when the page is full: the number of matches is not needed. */
  readonly uncounted?: boolean;
}

/**
 * Reads one step of a page: 8,000 rows or 8 MiB at most. While it is not `done` the next step takes its cursor, with
 * offset and limit less what was passed over and found. A page that is full tells where another one goes on.
 */
export async function readPage<Table extends TableName>(
  ctx: QueryCtx,
  request: PageRequest<Table>,
): Promise<Page<Doc<Table>>> {
  const { matches, offset = 0, limit = Infinity, uncounted } = request;
  const budget = stepBudget();
  const rows: Doc<Table>[] = [];
  let matched = 0;
  if (uncounted === true && limit < 1) return { rows, matched, done: true };
  for await (const walked of walk(ctx, request.ranges, request.cursor)) {
    const { row } = walked;
    if (matches?.(row) !== false) {
      matched++;
      if (matched > offset && rows.length < limit) rows.push(row);
      if (uncounted === true && rows.length === limit) {
        return { rows, matched, done: true, cursor: walked.cursor };
      }
    }
    budget.take(sizeOf(row));
    if (budget.isSpent) {
      return { rows, matched, done: false, cursor: walked.cursor };
    }
  }
  return { rows, matched, done: true };
}

/** What one step looks at. */
export function stepBudget(): StepBudget {
  return new StepBudget(MAX_ROWS, MAX_BYTES);
}

/** Whether a number lies strictly between bounds; a bound that is not given holds. */
export function isBetween(
  value: number,
  after: number | undefined,
  before: number | undefined,
): boolean {
  return (after === undefined || value > after) &&
    (before === undefined || value < before);
}

/** Whether a text holds another one, whatever their case. */
export function holdsText(value: unknown, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  return typeof value === "string" &&
    // Lower case is at most three times as long, and many rows are compared with the same text.
    wanted.length <= 3 * value.length &&
    textFinder(wanted.toLowerCase())(value.toLowerCase()) >= 0;
}

/** A limit that a caller gave, from 1 to 1,000. */
export function cappedLimit(limit: number | undefined, usual: number): number {
  return Math.min(Math.max(1, Math.floor(limit ?? usual)), 1000);
}
