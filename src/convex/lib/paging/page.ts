/** Pages of a list: reads rows of index ranges in order, filters and counts them, in bounded steps. */
import { v } from "convex/values";
import { stepFields } from "../fields.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";
import { sizeOf } from "../size.ts";
import { foldCase, textFinder } from "../text/findText.ts";
import { type IndexRange, StepBudget, walk } from "./walk.ts";

/** Most rows and bytes that one step examines. */
const MAX_ROWS = 8000;
const MAX_BYTES = 8 * 1024 * 1024;

/** Arguments of a page: matches to skip, rows wanted, where the step before stopped. */
export const pageArgs = {
  offset: v.optional(v.number()),
  limit: v.optional(v.number()),
  cursor: v.optional(v.string()),
};

/** Fields of every page's result, for validators. */
export const pageFields = {
  /** Number of matches that the step read. */
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

/** The rows, the filter and the page. */
export interface PageRequest<Table extends TableName> {
  readonly ranges: readonly IndexRange<Table>[];
  /** Default: every row. */
  readonly matches?: (row: Doc<Table>) => boolean;
  /** Matches to skip. Default: 0. */
  readonly offset?: number | undefined;
  /** Rows wanted. Default: all. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  /** Whether to stop when the page is full, because the number of matches is not needed. */
  readonly uncounted?: boolean;
}

/**
 * Reads one step of a page: at most 8,000 rows or 8 MiB. If it is not `done`, call again with its cursor, and with
 * offset and limit reduced by what was skipped and returned. A full page also has a cursor, from which another page can
 * continue.
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

/** The budget of one step. */
export function stepBudget(): StepBudget {
  return new StepBudget(MAX_ROWS, MAX_BYTES);
}

/** Whether a number lies strictly between two optional bounds. */
export function isBetween(
  value: number,
  after: number | undefined,
  before: number | undefined,
): boolean {
  return (after === undefined || value > after) &&
    (before === undefined || value < before);
}

/** Makes a test for texts that contain another, ignoring case; without another, everything passes. */
export function textTest(
  wanted: string | undefined,
): (value: unknown) => boolean {
  if (wanted === undefined) return () => true;
  const find = textFinder(foldCase(wanted));
  return (value) => typeof value === "string" && find(foldCase(value)) >= 0;
}

/** Clamps a caller's limit to 1 to 1,000. */
export function cappedLimit(limit: number | undefined, usual: number): number {
  return Math.min(Math.max(1, Math.floor(limit ?? usual)), 1000);
}
